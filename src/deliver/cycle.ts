import type { Site } from '../domain/site.ts';
import { noteFailures } from '../operations/bounces/note-failures.ts';
import {
  type ClaimedDelivery,
  claimDeliveries,
  type Lease,
  type Place,
  promoteDue,
  releaseAbandoned,
  releaseClaims,
} from '../store/claims.ts';
import { continueFanOut, hasGrowing } from '../store/fan-out.ts';
import { obeyBreakers } from '../store/obey-breakers.ts';
import { postponeDeliveries } from '../store/postpone.ts';
import { pauseQueue, queueWishes } from '../store/queue-pause.ts';
import { settleDeliveries } from '../store/settle.ts';
import type { Db } from '../store/store.ts';
import type { Noted, Release } from './notes.ts';

/** What the worker writes and reads in one transaction. */
export interface Tasks {
  readonly noted: Noted;
  /** Claimed already, and sent next unless the queue is paused. */
  readonly handedOver: readonly ClaimedDelivery[];
  /** Somebody committed something: perhaps a long list's post, or a pause. */
  readonly looksFresh: boolean;
  /** Mailings lack deliveries for some of their members; `claimed`: those that are made now are wanted at once. */
  readonly grow: 'claimed' | 'queued' | undefined;
  readonly timeIsUp: boolean;
  readonly starting: boolean;
  readonly claim: { readonly limit: number; readonly upTo: Place | undefined } | undefined;
}

export interface CycleResult {
  readonly claimed: readonly ClaimedDelivery[];
  /** More is due than was claimed. */
  readonly more: boolean;
  /** Mailings still lack deliveries. */
  readonly growing: boolean;
  readonly paused: boolean;
  /** When an operator asked last that everything be tried, epoch milliseconds; undefined where nobody looked. */
  readonly retryAskedAt: number | undefined;
  /** A post must go no further to some destination: what is in hand is claimed anew, without those. */
  readonly tripped: boolean;
  /** Something that was claimed or settled is due again. */
  readonly requeued: boolean;
}

export interface CycleSetting {
  readonly now: number;
  /** Of what is claimed now. */
  readonly lease: Lease;
  readonly skipLocked: boolean;
  readonly site: Site;
  /** One server takes all mail and passes it on. */
  readonly viaRelay: boolean;
}

/** Deferred deliveries that become due at once. */
const promoteSize = 1_000;

/** May be run again: no effect but `tx`. */
export async function runCycle(
  tx: Db,
  tasks: Tasks,
  { now, lease, skipLocked, site, viaRelay }: CycleSetting,
): Promise<CycleResult> {
  const { settlements, released, postponed, halted } = tasks.noted;
  const failures = settlements.length > 0 ? await settleDeliveries(tx, settlements, now) : [];
  const expired = await postponeDeliveries(tx, postponed, now);
  const tripped = await noteFailures(tx, [...failures, ...expired], { now, site, viaRelay });
  await release(tx, released);
  if (halted !== undefined) await pauseQueue(tx, { at: now, why: halted });
  // At the start nobody else can hold a lease on SQLite: the server is the only one.
  if (tasks.starting || tasks.timeIsUp)
    await releaseAbandoned(tx, { now, all: tasks.starting && !skipLocked });
  if (tasks.timeIsUp) await promoteDue(tx, { now, limit: promoteSize });
  const grown = tasks.grow
    ? await continueFanOut(tx, {
        now,
        skipLocked,
        lease: tasks.grow === 'claimed' ? lease : undefined,
      })
    : { growing: false, claimed: [] };
  const growing = grown.growing || (tasks.looksFresh && (await hasGrowing(tx)));
  const { paused, retryAskedAt } = tasks.looksFresh
    ? await queueWishes(tx)
    : { paused: false, retryAskedAt: undefined };
  const claim = tasks.claim
    ? await claimDeliveries(tx, { ...tasks.claim, now, lease, skipLocked })
    : { deliveries: [], more: false };
  const { deliveries, moved } = await obeyBreakers(tx, [...grown.claimed, ...claim.deliveries], now);
  return {
    claimed: deliveries,
    more: claim.more,
    growing,
    paused,
    retryAskedAt,
    tripped,
    requeued: tripped || moved,
  };
}

/** By reason: most have one and the same. */
async function release(tx: Db, released: readonly Release[]): Promise<void> {
  const byReason = new Map<string | null, number[]>();
  for (const { id, reason } of released) {
    const ids = byReason.get(reason);
    if (ids) ids.push(id);
    else byReason.set(reason, [id]);
  }
  for (const [reason, ids] of byReason) await releaseClaims(tx, ids, reason);
}
