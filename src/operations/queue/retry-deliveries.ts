import { z } from 'zod';
import { Refusal } from '../../domain/refusal.ts';
import { liftBreakers } from '../../store/breakers.ts';
import { type Chosen, countDue, retryDeliveries as makeDue } from '../../store/deliveries.ts';
import { askForRetry } from '../../store/queue-pause.ts';
import { requireOperator } from '../authorise.ts';
import { findList, listInput } from '../find-list.ts';
import type { Context, Operation } from '../operation.ts';
import { describePause, type ShownPause } from './shown-pause.ts';

const input = z
  .object({ ids: z.array(z.int()).max(1000).default([]), list: listInput.optional() })
  .refine(({ ids, list }) => ids.length === 0 || list === undefined, 'Name deliveries or a list, not both.');

type Input = z.infer<typeof input>;

export interface Retried {
  readonly count: number;
  /** Nothing of it is sent yet. */
  readonly paused: ShownPause | null;
}

export const retryDeliveries: Operation<Input, Retried> = {
  name: 'retry-deliveries',
  kind: 'command',
  summary:
    'Tries what waits now: all of it, that of a list, or deliveries named by id, those also when they have failed; a next hop that is being left alone is asked at once.',
  input,
  authorise: requireOperator,
  run: async (context, request) => {
    const chosen = await choose(context, request);
    await liftBreakers(context.tx, chosen, context.now);
    // What is due already waits for a next hop, if for anything: it is tried with the others.
    const due = await countDue(context.tx, chosen);
    const count = due + (await makeDue(context.tx, chosen, context.now));
    await askForRetry(context.tx, context.now);
    if (count === 0 && request.ids.length > 0) {
      throw new Refusal(
        'not-found',
        'None of these deliveries waits or has failed: there is nothing to retry.',
      );
    }
    return { count, paused: await describePause(context.tx) };
  },
  audit: ({ ids, list }, { count }) => ({ ids: ids.join(' '), list: list ?? null, retried: count }),
};

async function choose(context: Context, { ids, list }: Input): Promise<Chosen> {
  if (list !== undefined) return { listId: (await findList(context, list)).id };
  return ids.length > 0 ? { ids } : { all: true };
}
