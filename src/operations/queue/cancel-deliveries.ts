import { z } from 'zod';
import { Refusal } from '../../domain/refusal.ts';
import { cancelDeliveries as cancel } from '../../store/deliveries.ts';
import { requireOperator } from '../authorise.ts';
import type { Operation } from '../operation.ts';

const input = z.object({ ids: z.array(z.int()).min(1).max(1000) });

export const cancelDeliveries: Operation<z.infer<typeof input>, { readonly cancelled: readonly number[] }> = {
  name: 'cancel-deliveries',
  kind: 'command',
  summary: 'Cancels deliveries that wait: they are never sent.',
  input,
  authorise: requireOperator,
  run: async ({ tx, now }, { ids }) => {
    const cancelled = await cancel(tx, ids, now);
    if (cancelled.length === 0) {
      throw new Refusal(
        'conflict',
        'None of these deliveries waits: they are final, being sent, or unknown.',
      );
    }
    return { cancelled };
  },
  audit: (_, { cancelled }) => ({ cancelled: cancelled.join(' ') }),
};
