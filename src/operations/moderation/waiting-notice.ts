import type { Address } from '../../domain/address.ts';
import type { List } from '../../domain/list.ts';
import { formatMoment } from '../../domain/list-time.ts';
import { findHeldAmong, type Held, listWaiting } from '../../store/held.ts';
import { countWaiting } from '../../store/held-notices.ts';
import { formatDay, sendNotice } from '../notices.ts';
import type { Context } from '../operation.ts';
import { issueToken } from '../tokens.ts';
import { claimedAuthor, oneLine, type Story, storyOf } from './describe-held.ts';

/** Posts named in one mail: what a person reads, and what one reply may decide about in one transaction. */
export const mostWaitingNamed = 25;

/** Tells moderators of all that waits on a list: first of some posts, and where there is room, of others. */
export async function tellWaiting(
  context: Context,
  list: List,
  { heldIds, emails }: { readonly heldIds: readonly number[]; readonly emails: readonly Address[] },
): Promise<void> {
  const named = await chooseNamed(context, list.id, heldIds);
  // Everything was decided about since the mail was queued.
  if (named.length === 0) return;
  const count = await countWaiting(context.tx, list.id);
  const story = await storyOf(context, list, named);
  const items = named.map((held, i) => describeItem(context, list, { held, number: i + 1, story }));
  const more = count.posts - named.length;
  for (const to of emails) {
    const { token } = await issueToken(context, {
      kind: 'moderate',
      listId: list.id,
      email: to,
      payload: { held: named.map(({ id }) => id) },
      expiresAt: Math.max(...named.map(({ expiresAt }) => expiresAt)),
    });
    await sendNotice(context, {
      text: 'posts-wait',
      to,
      list,
      values: {
        count: count.posts,
        items: items.join('\n\n'),
        more: more > 0 ? `\nAnd ${more} more; they are named when these are decided.\n` : '',
        spam: count.spam > 0 ? `\nIn the spam folder: ${count.spam}.\n` : '',
        link: `${context.site.baseUrl}/c/${token}`,
      },
      replyTo: { suffix: 'mod', token },
      returnPath: 'verp',
      patient: true,
    });
  }
}

/** Those of them that wait, and where there is room, others that do; oldest first. */
async function chooseNamed({ tx }: Context, listId: number, ids: readonly number[]): Promise<Held[]> {
  const named = (await findHeldAmong(tx, ids)).filter(({ decidedAt }) => decidedAt === null);
  const waiting = await listWaiting(tx, { listId, spam: false, after: 0, limit: mostWaitingNamed });
  const others = waiting.filter(({ id }) => !ids.includes(id)).slice(0, mostWaitingNamed - named.length);
  return [...named, ...others].sort((a, b) => a.id - b.id);
}

function describeItem(
  context: Context,
  list: List,
  { held, number, story }: { readonly held: Held; readonly number: number; readonly story: Story },
): string {
  const claim = story.claim(held);
  const since = formatMoment(held.heldAt, context.now, list.settings.timezone);
  return [
    `${number}  “${oneLine(held.subject, 100) || '(no subject)'}”`,
    `   from ${claimedAuthor(held)}, here since ${since}, until ${formatDay(held.expiresAt)}`,
    `   because ${oneLine(held.reasons.map(({ why }) => why).join('; '), 300)}`,
    ...(claim === undefined ? [] : [`   ${claim}`]),
  ].join('\n');
}
