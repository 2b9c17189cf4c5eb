import { parseAddress } from '../../domain/address.ts';
import { type Ailing, leavesAt, probesInAll } from '../../domain/ailing.ts';
import { listAddress } from '../../domain/list.ts';
import type { Membership } from '../../domain/membership.ts';
import { countFailedPosts } from '../../store/bounces.ts';
import { loadList } from '../../store/lists.ts';
import { countPostsSince } from '../../store/posts.ts';
import { formatDay, sendNotice } from '../notices.ts';
import type { Context } from '../operation.ts';
import { issueToken } from '../tokens.ts';

/** Lists named in the mail; of more their number is told. */
const mostNamed = 5;

/**
 * Asks an address whether it works (email.md §6.4, T10): how many posts it has missed, and a way to get them again. It has a return path of
 * its own, so that only its own failure counts as one; it speaks for one of the lists, because that needs a list's address. `ailing`: as it is
 * once this probe has gone.
 */
export async function sendProbe(
  context: Context,
  ailing: Ailing,
  memberships: readonly Membership[],
): Promise<void> {
  const email = parseAddress(ailing.email);
  const lists = [];
  for (const { listId } of memberships) {
    const list = await loadList(context.tx, listId);
    if (list) lists.push(list);
  }
  const [first] = lists;
  if (!email || !first) return;
  const named = lists.slice(0, mostNamed);
  const more = lists.length > named.length ? [`and ${lists.length - named.length} more`] : [];
  const titles = [...named.map(({ title }) => `“${title}”`), ...more].join(', ');
  const payload = { lists: titles };
  const { token } = await issueToken(context, { kind: 'resume', listId: null, email, payload });
  await sendNotice(context, {
    text: 'probe',
    to: email,
    list: first,
    values: {
      email,
      lists: [...named.map((list) => `${list.title} <${listAddress(list)}>`), ...more]
        .map((line) => `  ${line}`)
        .join('\n'),
      said: ailing.lastSaid.slice(0, 300),
      missed: await countMissed(context, ailing, memberships),
      last: ailing.probes >= probesInAll ? 'yes' : 'no',
      officer: memberships.every(({ role }) => role !== 'member') ? 'yes' : 'no',
      until: formatDay(leavesAt(ailing) ?? context.now),
      link: `${context.site.baseUrl}/c/${token}`,
    },
    replyTo: { suffix: 'confirm', token },
    returnPath: 'verp',
  });
}

/** Posts that were refused or came back before it was suspended, and those that were not sent to it since. */
async function countMissed(
  { tx, now }: Context,
  { email, suspendedAt }: Ailing,
  memberships: readonly Membership[],
): Promise<number> {
  const since = suspendedAt ?? now;
  const unsent = await countPostsSince(
    tx,
    memberships.map(({ listId }) => listId),
    since,
  );
  return unsent + (await countFailedPosts(tx, email, since));
}
