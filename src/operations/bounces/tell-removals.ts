import { z } from 'zod';
import { countSuspended } from '../../store/ailing.ts';
import { loadList } from '../../store/lists.ts';
import { listOfficers } from '../../store/memberships.ts';
import { listWithRemovals, takeRemovals } from '../../store/removals.ts';
import { requireOperator } from '../authorise.ts';
import { sendNotice } from '../notices.ts';
import type { Operation } from '../operation.ts';
import { operatorsOf } from '../operators.ts';

const week = 7 * 86_400_000;
/** Addresses named in one mail; of more their number is told. */
const mostNamed = 50;

/**
 * Tells the owners of one list who was taken off it because their mail fails: at most one mail a week, however many there were
 * (email.md §6.4). A list that its last owner left is the operators'.
 */
export const tellRemovals: Operation<Record<string, never>, { readonly lists: number }> = {
  name: 'tell-removals',
  kind: 'command',
  summary: 'Tells the owners of a list, once a week, whom it has lost because their mail fails.',
  input: z.object({}),
  authorise: requireOperator,
  run: async (context) => {
    const { tx, now, site } = context;
    const listId = await listWithRemovals(tx, { now, every: week });
    if (listId === undefined) return { lists: 0 };
    const removals = await takeRemovals(tx, listId, now + week);
    const list = await loadList(tx, listId);
    if (!list) return { lists: 1 };
    const owners = (await listOfficers(tx, listId)).filter(({ role }) => role === 'owner');
    const to = owners.length > 0 ? owners.map(({ email }) => email) : operatorsOf(site);
    const named = removals
      .slice(0, mostNamed)
      .map(({ email, said }) => `  ${email}\n    ${said.slice(0, 200)}`);
    const more = removals.length - named.length;
    for (const address of to) {
      await sendNotice(context, {
        text: 'members-removed',
        to: address,
        list,
        values: {
          count: removals.length,
          members: [...named, ...(more > 0 ? [`  and ${more} more`] : [])].join('\n'),
          suspended: await countSuspended(tx, listId),
        },
        returnPath: 'verp',
        priority: 'bulk',
        listId: true,
      });
    }
    return { lists: 1 };
  },
  audit: () => undefined,
};
