import { z } from 'zod';
import type { Address } from '../../domain/address.ts';
import type { List } from '../../domain/list.ts';
import type { Held } from '../../store/held.ts';
import { listsToTell, takeDecisions } from '../../store/held-notices.ts';
import { loadList } from '../../store/lists.ts';
import { requireOperator } from '../authorise.ts';
import { sendNotice } from '../notices.ts';
import type { Context, Operation } from '../operation.ts';
import { claimedAuthor, oneLine, type Story, storyOf } from './describe-held.ts';
import { moderatorsOf } from './moderators.ts';

/** Decisions named in one mail. */
const mostNamed = 50;

/**
 * Tells those who moderate a list what others of them have decided, so that nobody works on what is done: one short mail each, and none
 * about one's own decisions. One step of at most `limit` lists; a timer calls it until it is done.
 */
export const tellDecisions: Operation<{ limit: number }, { lists: number }> = {
  name: 'tell-decisions',
  kind: 'command',
  summary: 'Tells moderators what the others have decided.',
  input: z.object({ limit: z.number().int().positive().default(10) }),
  authorise: requireOperator,
  run: async (context, { limit }) => {
    const ids = await listsToTell(context.tx, context.now, limit);
    for (const id of ids) {
      const decisions = await takeDecisions(context.tx, id);
      const list = await loadList(context.tx, id);
      if (list) await tellAll(context, list, decisions);
    }
    return { lists: ids.length };
  },
  audit: () => undefined,
};

async function tellAll(context: Context, list: List, decisions: readonly Held[]): Promise<void> {
  const story = await storyOf(context, list, decisions);
  for (const to of await moderatorsOf(context, list)) {
    const news = decisions.filter((held) => !wasDecidedBy(held, to));
    const [first] = news;
    if (!first) continue;
    await sendNotice(context, {
      text: 'was-decided',
      to,
      list,
      values: {
        count: news.length,
        subject: oneLine(first.subject, 100) || '(no subject)',
        items: describe(news, story),
      },
      returnPath: 'verp',
      patient: true,
    });
  }
}

function describe(news: readonly Held[], story: Story): string {
  const more = news.length - mostNamed;
  const lines = news
    .slice(0, mostNamed)
    .map(
      (held) =>
        `“${oneLine(held.subject, 100) || '(no subject)'}” from ${claimedAuthor(held)}:\n   ${story.decision(held)}`,
    );
  return [...lines, ...(more > 0 ? [`And ${more} more.`] : [])].join('\n');
}

/** From describeActor. */
function wasDecidedBy({ decidedBy }: Held, email: Address): boolean {
  return decidedBy === `verified:${email}`;
}
