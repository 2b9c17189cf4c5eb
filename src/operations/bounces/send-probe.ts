import { parseAddress } from '../../domain/address.ts';
import { type Ailing, probesInAll } from '../../domain/ailing.ts';
import { listAddress } from '../../domain/list.ts';
import type { Membership } from '../../domain/membership.ts';
import { loadList } from '../../store/lists.ts';
import { countPostsSince } from '../../store/posts.ts';
import { formatDay, sendNotice } from '../notices.ts';
import type { Context } from '../operation.ts';
import { issueToken } from '../tokens.ts';

/** Lists named in the mail; of more their number is told. */
const mostNamed = 5;
const day = 86_400_000;

/**
 * Asks an address whether it works (email.md §6.4, T10): how many posts it has missed, and a way to get them again. It has a return path of
 * its own, so that only its own failure counts as one; it speaks for one of the lists, because that needs a list's address.
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
  const since = ailing.suspendedAt ?? context.now;
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
      missed: await countPostsSince(
        context.tx,
        memberships.map(({ listId }) => listId),
        since,
      ),
      last: ailing.probes + 1 >= probesInAll ? 'yes' : 'no',
      until: formatDay(since + 21 * day),
      link: `${context.site.baseUrl}/c/${token}`,
    },
    replyTo: { suffix: 'confirm', token },
    returnPath: 'verp',
  });
}
