import { z } from 'zod';
import { Refusal } from '../../domain/refusal.ts';
import { liftBreakers } from '../../store/breakers.ts';
import { type Chosen, retryDeliveries as makeDue } from '../../store/deliveries.ts';
import { requireOperator } from '../authorise.ts';
import { findList, listInput } from '../find-list.ts';
import type { Context, Operation } from '../operation.ts';

const input = z
  .object({ ids: z.array(z.int()).max(1000).default([]), list: listInput.optional() })
  .refine(({ ids, list }) => ids.length === 0 || list === undefined, 'Name deliveries or a list, not both.');

type Input = z.infer<typeof input>;

export const retryDeliveries: Operation<Input, { readonly retried: number }> = {
  name: 'retry-deliveries',
  kind: 'command',
  summary:
    'Tries deferred deliveries now: all of them, or those named by id or list; named ones also when they have failed.',
  input,
  authorise: requireOperator,
  run: async (context, request) => {
    const chosen = await choose(context, request);
    await liftBreakers(context.tx, chosen, context.now);
    const retried = await makeDue(context.tx, chosen, context.now);
    if (retried === 0 && request.ids.length > 0) {
      throw new Refusal(
        'not-found',
        'None of these deliveries is deferred or failed: there is nothing to retry.',
      );
    }
    return { retried };
  },
  audit: ({ ids, list }, { retried }) => ({ ids: ids.join(' '), list: list ?? null, retried }),
};

async function choose(context: Context, { ids, list }: Input): Promise<Chosen> {
  if (list !== undefined) return { listId: (await findList(context, list)).id };
  return ids.length > 0 ? { ids } : { all: true };
}
