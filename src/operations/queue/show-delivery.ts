import { z } from 'zod';
import { listAddress } from '../../domain/list.ts';
import type { DeliveryState } from '../../domain/mailing.ts';
import { Refusal } from '../../domain/refusal.ts';
import { findAiling } from '../../store/ailing.ts';
import { bouncesOf } from '../../store/bounces.ts';
import { findDelivery, type LoggedAttempt, type ShownDelivery } from '../../store/deliveries.ts';
import type { Db } from '../../store/store.ts';
import { requireOperator } from '../authorise.ts';
import type { Operation } from '../operation.ts';

/** One delivery, as `queue show` prints it; the keys are promised to scripts. Times in ISO 8601. */
export interface DeliveryReport
  extends Pick<ShownDelivery, 'id' | 'recipient' | 'kind' | 'postId' | 'number' | 'subject'> {
  /** The list's address; null for mail of the site. */
  readonly list: string | null;
  /** `sent`: the next hop has taken it. */
  readonly state: DeliveryState;
  readonly attempts: number;
  readonly queuedAt: string;
  /** Null when there is no next attempt. */
  readonly nextAt: string | null;
  readonly giveUpAt: string;
  /** When it was sent, given up or cancelled; null before. */
  readonly finalAt: string | null;
  /** What was said last: to it, or to all that waits for its server. */
  readonly lastReply: string | null;
  /** Something is known of mail to its recipient that failed: “bounce show” tells it. */
  readonly bounces: boolean;
  /** All attempts, oldest first; the last one is `sent` where it succeeded. */
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
      id,
      list: delivery.list && listAddress(delivery.list),
      recipient: delivery.recipient,
      kind: delivery.kind,
      postId: delivery.postId,
      number: delivery.number,
      subject: delivery.subject,
      state: delivery.state,
      attempts: delivery.attempts,
      queuedAt: iso(delivery.queuedAt),
      nextAt: waits ? iso(delivery.nextAt) : null,
      giveUpAt: iso(delivery.giveUpAt),
      finalAt: delivery.finalAt === null ? null : iso(delivery.finalAt),
      lastReply: delivery.lastReply,
      bounces: await hasFailed(tx, delivery.recipient),
      log: [...delivery.log, ...success(delivery)].map((entry) => ({ ...entry, at: iso(entry.at) })),
    };
  },
};

/** The events are kept for thirty days, what is held against an address for longer. */
async function hasFailed(tx: Db, email: string): Promise<boolean> {
  return (await bouncesOf(tx, email, 1)).length > 0 || (await findAiling(tx, email)) !== undefined;
}

/** It is not in the log: the row itself has it (settle.ts). */
function success({ state, finalAt, lastCode, lastText }: ShownDelivery): readonly LoggedAttempt[] {
  if (state !== 'sent' || finalAt === null) return [];
  return [{ at: finalAt, outcome: 'sent', code: lastCode, reply: lastText ?? '' }];
}

function iso(time: number): string {
  return new Date(time).toISOString();
}
