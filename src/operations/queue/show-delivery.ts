import { z } from 'zod';
import { Refusal } from '../../domain/refusal.ts';
import { findDelivery, type ShownDelivery } from '../../store/deliveries.ts';
import { requireOperator } from '../authorise.ts';
import type { Operation } from '../operation.ts';

/** Times in ISO 8601. */
export interface DeliveryReport
  extends Omit<ShownDelivery, 'queuedAt' | 'nextAt' | 'giveUpAt' | 'finalAt' | 'log'> {
  readonly queuedAt: string;
  /** Null when there is no next attempt. */
  readonly nextAt: string | null;
  readonly giveUpAt: string;
  readonly finalAt: string | null;
  readonly log: readonly {
    readonly at: string;
    readonly outcome: string;
    readonly code: number | null;
    readonly reply: string;
  }[];
}

const input = z.object({ id: z.int() });

export const showDelivery: Operation<z.infer<typeof input>, DeliveryReport> = {
  name: 'show-delivery',
  kind: 'query',
  summary: 'Shows one delivery: to whom, in which state, and what was answered to each attempt.',
  input,
  authorise: requireOperator,
  run: async ({ tx }, { id }) => {
    const delivery = await findDelivery(tx, id);
    if (!delivery) throw new Refusal('not-found', `There is no delivery ${id} (they are kept for 30 days).`);
    const waits = delivery.state === 'deferred' || delivery.state === 'queued';
    return {
      ...delivery,
      queuedAt: iso(delivery.queuedAt),
      nextAt: waits ? iso(delivery.nextAt) : null,
      giveUpAt: iso(delivery.giveUpAt),
      finalAt: delivery.finalAt === null ? null : iso(delivery.finalAt),
      log: delivery.log.map((entry) => ({ ...entry, at: iso(entry.at) })),
    };
  },
};

function iso(time: number): string {
  return new Date(time).toISOString();
}
