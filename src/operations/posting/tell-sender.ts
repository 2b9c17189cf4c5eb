import { hash } from 'node:crypto';
import { parseAddress } from '../../domain/address.ts';
import type { CheckedMail } from '../../domain/incoming.ts';
import type { List } from '../../domain/list.ts';
import type { Reason } from '../../domain/verdict.ts';
import type { Held } from '../../store/held.ts';
import { takeQuota } from '../../store/quotas.ts';
import { authorToAnswer, mayHearFromUs } from '../answering.ts';
import { formatDay, sendNotice } from '../notices.ts';
import type { Context } from '../operation.ts';
import { issueToken } from '../tokens.ts';

const day = 86_400_000;

/** Tells a proved author that the post waits, with a way to take it back: once a day for each conversation (email.md §4.6). */
export async function tellHeld(
  context: Context,
  mail: CheckedMail,
  held: { list: List; heldId: number; reasons: readonly Reason[]; expiresAt: number },
): Promise<void> {
  const author = await authorToAnswer(context, mail);
  const { list, heldId, expiresAt } = held;
  if (!author) return;
  const { references, inReplyTo, messageId } = mail.facts;
  const about = references[0] ?? inReplyTo[0] ?? messageId;
  const bucket = `held-told:${list.id}:${author}:${hash('sha256', about, 'hex').slice(0, 16)}`;
  if (!(await takeQuota(context.tx, bucket, { rate: { count: 1, ms: day }, now: context.now }))) return;
  if (!(await mayHearFromUs(context, author, { text: 'held', list, about: `held ${heldId}` }))) return;
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
      reason: held.reasons
        .filter(({ verdict }) => verdict !== 'accept')
        .map(({ why }) => why)
        .join('; '),
      link: `${context.site.baseUrl}/c/${token}`,
      expires: formatDay(expiresAt),
    },
  });
}

/** Tells the author of a held post that it was not posted, and why; only one who was proved, for anybody can write any From. */
export async function tellRejected(
  context: Context,
  list: List,
  held: Held,
  reason: string,
): Promise<boolean> {
  const author = parseAddress(held.authorEmail);
  if (!author || held.checks.identity.class !== 'verified') return false;
  if (!(await mayHearFromUs(context, author, { text: 'rejected', about: `held ${held.id}`, proved: true })))
    return false;
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
