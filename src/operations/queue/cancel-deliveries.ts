import { z } from 'zod';
import { Refusal } from '../../domain/refusal.ts';
import { cancelDeliveries as cancel, cancelWaiting } from '../../store/deliveries.ts';
import { requireOperator } from '../authorise.ts';
import { findList, listInput } from '../find-list.ts';
import type { Context, Operation } from '../operation.ts';

const input = z.union([
  z.object({ ids: z.array(z.int()).min(1).max(1000) }),
  z.object({ list: listInput }),
  z.object({ all: z.literal(true) }),
]);

type Input = z.infer<typeof input>;

export interface Cancelled {
  readonly count: number;
  /** Which, where they were named; else null. */
  readonly cancelled: readonly number[] | null;
}

export const cancelDeliveries: Operation<Input, Cancelled> = {
  name: 'cancel-deliveries',
  kind: 'command',
  summary: 'Cancels deliveries that wait: those named by id, those of a list, or all; they are never sent.',
  input,
  authorise: requireOperator,
  run: async (context, request) => {
    if (!('ids' in request)) return { count: await cancelMany(context, request), cancelled: null };
    const cancelled = await cancel(context.tx, request.ids, context.now);
    if (cancelled.length === 0) {
      throw new Refusal(
        'conflict',
        'None of these deliveries waits: they are final, being sent, or unknown.',
      );
    }
    return { count: cancelled.length, cancelled };
  },
  audit: (request, { count, cancelled }) =>
    cancelled ? { cancelled: cancelled.join(' ') } : { list: 'list' in request ? request.list : null, count },
};

async function cancelMany(context: Context, request: Exclude<Input, { ids: unknown }>): Promise<number> {
  const chosen =
    'list' in request ? { listId: (await findList(context, request.list)).id } : ({ all: true } as const);
  return cancelWaiting(context.tx, chosen, context.now);
}
