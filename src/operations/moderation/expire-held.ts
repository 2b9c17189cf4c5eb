import { z } from 'zod';
import { decideHeld, listExpired } from '../../store/held.ts';
import { loadList } from '../../store/lists.ts';
import { requireOperator } from '../authorise.ts';
import type { Operation } from '../operation.ts';
import { tellRejected } from '../posting/tell-sender.ts';
import { closeHeld } from './close-held.ts';

/** Nobody decided in time: the author, where proved and no spammer, hears so. One step of at most `limit` items; a timer calls it until it is done. */
export const expireHeld: Operation<{ limit: number }, { expired: number }> = {
  name: 'expire-held',
  kind: 'command',
  summary: 'Rejects held mail that nobody decided about in time.',
  input: z.object({ limit: z.number().int().positive().default(50) }),
  authorise: requireOperator,
  run: async (context, { limit }) => {
    const due = await listExpired(context.tx, context.now, limit);
    for (const held of due) {
      const list = await loadList(context.tx, held.listId);
      if (!list) {
        await decideHeld(context.tx, held.id, { kind: 'expired', by: 'system', at: context.now });
        continue;
      }
      await closeHeld(context, { held, list }, { kind: 'expired' });
      // Spam is answered by nobody (email.md §2.6): a moderator who rejects it with a reason has seen that it is none.
      if (!held.spam) await tellRejected(context, list, held, 'No moderator found the time to read it.');
    }
    return { expired: due.length };
  },
  audit: (_, { expired }) => (expired > 0 ? { expired } : undefined),
};
