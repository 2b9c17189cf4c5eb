import type { Destinations } from './destinations.ts';

/** How much a worker wants to have in hand. Rules only: the worker says how things stand. */

/** Claimed at most at once: a few milliseconds. */
const claimSize = 500;
/** The first claim after a rest is small: the first recipient waits for it. */
const firstClaimSize = 100;
/** Below this many in hand it claims more: some hundreds of milliseconds of work for ten connections. */
const lowWater = 1_000;
/**
 * With so many in hand it takes no more; a step of a fan-out may come on top. More than such a step, so that a small list’s post is in
 * hand, and has its turns, beside one: else it would wait until half of the step has gone out.
 */
const highWater = 12_000;
/** How many try whether the next hop takes mail again. */
const trialSize = 20;
/**
 * The rest of a long list is made as it is wanted, which spares its claims, but not later than this: whoever changes address
 * meanwhile may be before the cursor with the one and behind it with the other. In milliseconds.
 */
const growWithinMs = 60_000;

export const hasRoom = (inHand: number): boolean => inHand < highWater;
/** What is claimed all the same must stand before what is in hand. */
export const hasPlenty = (inHand: number): boolean => inHand >= lowWater;

/**
 * Whether to make deliveries for more members now: when they are wanted, when nothing can be sent, or when it is time. `since`: when somebody
 * found that there are such members, epoch milliseconds.
 */
export function growth(
  { inHand, leaseable }: { readonly inHand: number; readonly leaseable: boolean },
  { since, now }: { readonly since: number | undefined; readonly now: number },
): 'claimed' | 'queued' | undefined {
  if (since === undefined) return undefined;
  if (leaseable && !hasPlenty(inHand)) return 'claimed';
  const late = now > since + growWithinMs;
  return late || (!leaseable && !hasPlenty(inHand)) ? 'queued' : undefined;
}

export interface Hand {
  readonly inHand: number;
  readonly underWay: number;
  readonly takes: Destinations['takes'];
  /** There may be new mailings: they are looked for even while enough is in hand. */
  readonly fresh: boolean;
  readonly moreDue: boolean;
}

/** How many to claim now. */
export function claimLimit({ inHand, underWay, takes, fresh, moreDue }: Hand): number {
  if (takes === 'nothing' || takes === 'enough' || !hasRoom(inHand)) return 0;
  if (takes === 'trial') return moreDue && inHand === 0 ? trialSize : 0;
  if (!fresh && !(moreDue && !hasPlenty(inHand))) return 0;
  return inHand === 0 && underWay === 0 ? firstClaimSize : claimSize;
}
