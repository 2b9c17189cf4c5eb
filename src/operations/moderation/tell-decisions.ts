import { z } from 'zod';
import type { Address } from '../../domain/address.ts';
import { listsToTell, takeDecisions } from '../../store/held-notices.ts';
import { loadList } from '../../store/lists.ts';
import { queueNotices } from '../../store/moderator-notices.ts';
import { requireOperator } from '../authorise.ts';
import type { Context, Operation } from '../operation.ts';
import { mostDecisionsNamed } from './decided-notice.ts';
import { moderatorsOf } from './moderators.ts';

/**
 * Tells those who moderate a list what others of them have decided, so that nobody works on what is done: one short mail each, and none
 * about one's own decisions. It queues the mails, in steps of one list; write-to-moderators writes them.
 */
export const tellDecisions: Operation<Record<string, never>, { lists: number }> = {
  name: 'tell-decisions',
  kind: 'command',
  summary: 'Tells moderators what the others have decided.',
  input: z.strictObject({}),
  authorise: requireOperator,
  run: async (context) => {
    const ids = await listsToTell(context.tx, context.now, 1);
    for (const id of ids) await tellAbout(context, id);
    return { lists: ids.length };
  },
  audit: () => undefined,
};

async function tellAbout(context: Context, listId: number): Promise<void> {
  const decisions = await takeDecisions(context.tx, listId);
  const list = await loadList(context.tx, listId);
  if (!list) return;
  const moderators = await moderatorsOf(context, list);
  const notices = moderators.flatMap((email) => {
    const news = decisions.filter(({ decidedBy }) => !isThem(decidedBy, email));
    const heldIds = news.slice(0, mostDecisionsNamed).map(({ id }) => id);
    return news.length === 0
      ? []
      : [{ kind: 'decided' as const, listId, email, heldIds, count: news.length }];
  });
  await queueNotices(context.tx, notices);
}

/** From describeActor, or the bare address of an author. */
function isThem(decidedBy: string, email: Address): boolean {
  return decidedBy === `verified:${email}` || decidedBy === email;
}
