import { parseAddress } from '../domain/address.ts';
import type { IncomingMail } from '../domain/incoming.ts';
import type { List } from '../domain/list.ts';
import type { Reason } from '../domain/verdict.ts';
import type { Held } from '../store/held.ts';
import { findMembership } from '../store/memberships.ts';
import { authorToAnswer, mayHearFromUs } from './answering.ts';
import { formatDay, sendNotice } from './notices.ts';
import type { Context } from './operation.ts';
import { issueToken } from './tokens.ts';

/** Tells a member that the post waits, with a way to take it back. A stranger reads it in the SMTP reply: their address is unproved. */
export async function tellHeld(
  context: Context,
  mail: IncomingMail,
  held: { list: List; heldId: number; reasons: readonly Reason[]; expiresAt: number },
): Promise<void> {
  const author = await authorToAnswer(context, mail);
  const { list, heldId, expiresAt } = held;
  const about = `held ${heldId}`;
  if (!author || !(await mayHearFromUs(context, author, { text: 'held', list, about }))) return;
  const { token } = await issueToken(context, {
    kind: 'withdraw',
    listId: list.id,
    email: author,
    payload: { heldId },
    expiresAt,
  });
  await sendNotice(context, {
    text: 'held',
    to: author,
    list,
    answering: { messageId: mail.facts.messageId },
    returnPath: 'null',
    values: {
      subject: quoteSubject(mail.facts.subject),
      reason: held.reasons.map((reason) => reason.why).join('; '),
      link: `${context.site.baseUrl}/c/${token}`,
      expires: formatDay(expiresAt),
    },
  });
}

/** Tells the author of a held post that it was not posted, and why: only an address that is on the list, for it alone is proved. */
export async function tellRejected(
  context: Context,
  list: List,
  held: Held,
  reason: string,
): Promise<boolean> {
  const author = parseAddress(held.authorEmail);
  if (!author || !(await findMembership(context.tx, list.id, author))) return false;
  if (!(await mayHearFromUs(context, author, { text: 'rejected', about: `held ${held.id}` }))) return false;
  await sendNotice(context, {
    text: 'rejected',
    to: author,
    list,
    values: { subject: quoteSubject(held.subject), date: formatDay(held.heldAt), reason },
    answering: { messageId: held.messageId },
    returnPath: 'null',
  });
  return true;
}

/** Nothing of a mail comes back with our answer but its subject, cut: or forged mail would use us to carry its text (email.md §2.6). */
export function quoteSubject(subject: string): string {
  return subject.length > 100 ? `${subject.slice(0, 99)}…` : subject;
}
