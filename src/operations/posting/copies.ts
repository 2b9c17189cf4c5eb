import type { Checks } from '../../domain/checks.ts';
import type { MailFacts } from '../../domain/incoming.ts';
import type { List } from '../../domain/list.ts';
import { mayStandFor } from '../../policy/duplicate.ts';
import { type EarlierCopy, findEarlierCopies } from '../../store/posts.ts';
import type { Context } from '../operation.ts';

/** What the list has under the Message-ID of a mail and may stand for it: posted, or waiting and at least as well proved. */
export async function copiesOf(
  { tx }: Context,
  list: List,
  { mail, checks }: { readonly mail: MailFacts; readonly checks: Checks },
): Promise<readonly EarlierCopy[]> {
  const copies = await findEarlierCopies(tx, list.id, mail);
  return copies.filter(
    ({ identity }) => identity === undefined || mayStandFor(identity, checks.identity.class),
  );
}

/** The mail itself, as it is in the list's archive already. */
export async function archivedCopyOf(
  { tx }: Context,
  list: List,
  mail: MailFacts,
): Promise<EarlierCopy | undefined> {
  const copies = await findEarlierCopies(tx, list.id, mail);
  return copies.find(({ where, bodyHash }) => where === 'archive' && bodyHash === mail.bodySha256);
}
