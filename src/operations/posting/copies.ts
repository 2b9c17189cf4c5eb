import type { Checks } from '../../domain/checks.ts';
import type { MailFacts } from '../../domain/incoming.ts';
import type { List } from '../../domain/list.ts';
import { mayStandFor } from '../../policy/duplicate.ts';
import { type EarlierCopy, findEarlierCopies } from '../../store/posts.ts';
import type { Context } from '../operation.ts';
import { nameOn } from './without-author.ts';

const day = 86_400_000;

/**
 * What the list has under the Message-ID of a mail and may stand for it: posted, or waiting and at least as well proved; so is, for a day, what has waited
 * and was decided about by somebody. Whoever did not hear our answer to it, because we crashed, brings it again within hours, and a no stays a no.
 */
export async function copiesOf(
  context: Context,
  list: List,
  { mail, checks }: { readonly mail: MailFacts; readonly checks: Checks },
): Promise<readonly EarlierCopy[]> {
  const copies = await everyCopyOf(context, list, mail);
  return copies.filter(
    ({ identity }) => identity === undefined || mayStandFor(identity, checks.identity.class),
  );
}

/**
 * The mail itself, as it is in the list's archive already, whoever has posted it: no yes makes a text go out twice. Else another text that is there
 * under its Message-ID, about which its author's yes says nothing.
 */
export async function archivedCopyOf(
  context: Context,
  list: List,
  mail: MailFacts,
): Promise<EarlierCopy | undefined> {
  const archived = (await everyCopyOf(context, list, mail)).filter(({ where }) => where === 'archive');
  const copy = archived.find(({ bodyHash }) => bodyHash === mail.bodySha256);
  return copy ? { ...copy, sameAuthor: true } : archived[0];
}

/** An anonymous list has its posts under another name; what waits there has its own. */
async function everyCopyOf(context: Context, list: List, mail: MailFacts): Promise<readonly EarlierCopy[]> {
  const { messageId, bodySha256, author, resentAt = 0 } = mail;
  // Sent once more on purpose, by a program that keeps the Message-ID for that: it did not come again because our answer was lost.
  const heldAfter = Math.max(context.now - day, resentAt);
  const sought = { messageId, bodySha256, heldAfter, ...(author && { author }) };
  const copies = await findEarlierCopies(context.tx, list.id, sought);
  if (!list.settings.anonymous) return copies;
  const posted = await findEarlierCopies(context.tx, list.id, {
    ...sought,
    messageId: nameOn(context, list, mail).messageId,
  });
  // Who wrote them nobody has stored.
  return [...posted.map((copy) => ({ ...copy, sameAuthor: true })), ...copies];
}
