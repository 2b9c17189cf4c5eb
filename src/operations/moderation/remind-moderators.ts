import { z } from 'zod';
import type { List } from '../../domain/list.ts';
import { formatMoment } from '../../domain/list-time.ts';
import { nextReminder } from '../../domain/moderation.ts';
import { findHeldAmong, type Held, listWaiting } from '../../store/held.ts';
import { countWaiting, dueOfList, listsToNotify, markNoticed } from '../../store/held-notices.ts';
import { loadList } from '../../store/lists.ts';
import { requireOperator } from '../authorise.ts';
import { formatDay, sendNotice } from '../notices.ts';
import type { Context, Operation } from '../operation.ts';
import { issueToken } from '../tokens.ts';
import { claimedAuthor, oneLine, type Story, storyOf } from './describe-held.ts';
import { moderatorsOf } from './moderators.ts';

/** Posts named in one mail: what a person reads, and what one reply may decide about in one transaction. */
const mostNamed = 25;

/**
 * Bundles what came after the first of an hour, and reminds of what waits for days: one mail a list to each who moderates, with all that
 * waits. One step of at most `limit` lists; a timer calls it until it is done.
 */
export const remindModerators: Operation<{ limit: number }, { lists: number }> = {
  name: 'remind-moderators',
  kind: 'command',
  summary: 'Tells moderators of posts that wait, in bundles and as reminders.',
  input: z.object({ limit: z.number().int().positive().default(10) }),
  authorise: requireOperator,
  run: async (context, { limit }) => {
    const ids = await listsToNotify(context.tx, context.now, limit);
    for (const id of ids) await remindAbout(context, id);
    return { lists: ids.length };
  },
  audit: (_, { lists }) => (lists > 0 ? { lists } : undefined),
};

async function remindAbout(context: Context, listId: number): Promise<void> {
  const { tx, now } = context;
  const due = await dueOfList(tx, listId, now);
  const list = await loadList(tx, listId);
  const again = due.map((held) => ({
    id: held.id,
    noticeAt: list ? nextReminder(held, now, list.settings.timezone) : null,
  }));
  await markNoticed(tx, again, now);
  if (!list) return;
  // What nobody has heard of yet comes first.
  const urgent = [...due.filter(({ isNew }) => isNew), ...due.filter(({ isNew }) => !isNew)];
  await tellAll(
    context,
    list,
    await chooseNamed(
      context,
      listId,
      urgent.slice(0, mostNamed).map(({ id }) => id),
    ),
  );
}

/** Those, and where there is room, others that wait; oldest first. */
async function chooseNamed({ tx }: Context, listId: number, ids: readonly number[]): Promise<Held[]> {
  const named = await findHeldAmong(tx, ids);
  const waiting = await listWaiting(tx, { listId, spam: false, after: 0, limit: mostNamed });
  const others = waiting.filter(({ id }) => !ids.includes(id)).slice(0, mostNamed - named.length);
  return [...named, ...others].sort((a, b) => a.id - b.id);
}

async function tellAll(context: Context, list: List, named: readonly Held[]): Promise<void> {
  const count = await countWaiting(context.tx, list.id);
  const story = await storyOf(context, list, named);
  const items = named.map((held, i) => describeItem(context, list, { held, number: i + 1, story }));
  const more = count.posts - named.length;
  for (const to of await moderatorsOf(context, list)) {
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
