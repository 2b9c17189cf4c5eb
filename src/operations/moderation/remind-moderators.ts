import { z } from 'zod';
import { nextReminder } from '../../domain/moderation.ts';
import { dueOfList, listsToNotify, markNoticed } from '../../store/held-notices.ts';
import { loadList } from '../../store/lists.ts';
import { queueNotices } from '../../store/moderator-notices.ts';
import { requireOperator } from '../authorise.ts';
import type { Context, Operation } from '../operation.ts';
import { moderatorsOf } from './moderators.ts';
import { mostWaitingNamed } from './waiting-notice.ts';

/**
 * Bundles what came after the first of an hour, and reminds of what waits for days: one mail a list to each who moderates, with all that
 * waits. It only marks the posts and queues the mails, in steps of one list; write-to-moderators writes them, once no more is due.
 */
export const remindModerators: Operation<Record<string, never>, { lists: number }> = {
  name: 'remind-moderators',
  kind: 'command',
  summary: 'Tells moderators of posts that wait, in bundles and as reminders.',
  input: z.strictObject({}),
  authorise: requireOperator,
  run: async (context) => {
    const ids = await listsToNotify(context.tx, context.now, 1);
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
  const heldIds = due.slice(0, mostWaitingNamed).map(({ id }) => id);
  const notices = (await moderatorsOf(context, list)).map((email) => ({
    kind: 'waiting' as const,
    listId,
    email,
    heldIds,
    count: due.length,
  }));
  await queueNotices(tx, notices);
}
