import { backOffTooLong } from '../domain/back-off.ts';
import { refusedAll } from '../domain/outcome.ts';
import type { ClaimedDelivery } from '../store/claims.ts';
import type { DestinationEvents } from './destinations.ts';
import type { Gate } from './gate.ts';
import type { Pace } from './pace.ts';

/**
 * When what cannot go to a destination now is looked at again. Until then it waits in the table, deferred, and takes neither memory
 * nor anybody's turn: a dead domain with fifty thousand members costs a probe now and then, a slow one gets what it can take.
 */
export interface WaitingRoom {
  /** How many may be in hand. */
  most(gate: Pick<Gate, 'state'>, pace: Pick<Pace, 'rate'>): number;
  /**
   * It takes nothing: a few come back when it is tried again, to try it, and the others a little later. So do those that were `tried`, if
   * others can do it: what shuts the gate must not stand before all others each time.
   */
  waitForGate(
    deliveries: readonly ClaimedDelivery[],
    gate: Pick<Gate, 'opensAt' | 'since' | 'why'>,
    tried: boolean,
  ): void;
  /** It has enough in hand: they come back one after the other as it can take them. */
  waitForTurn(deliveries: readonly ClaimedDelivery[], pace: Pick<Pace, 'rate'>): void;
}

export interface WaitingRoomParts {
  readonly events: Pick<DestinationEvents, 'postpone' | 'settle'>;
  now(): number;
}

/** How many try whether it takes mail again. */
const probes = 20;
const second = 1_000;
/** Longer than one try at all its hosts takes mostly. */
const afterProbe = 90 * second;
/** In hand: what it takes in half a minute, within limits. */
const inHand = { seconds: 30, fewest: 50, most: 5_000, unknown: 2_000 } as const;
/** Recipients a second that are expected of a destination which has taken nothing yet. */
const unknownRate = 20;
/** Those who wait for their turn come back by slots, and nobody waits longer than this for a slow destination: it may be fast again. */
const slot = 5 * second;
const longestWait = 15 * 60 * second;

export function createWaitingRoom({ events, now }: WaitingRoomParts): WaitingRoom {
  let behind = 0;
  let gateSeen = 0;
  let probing = 0;

  function slotOf(at: number): number {
    return Math.ceil(at / slot) * slot;
  }

  return {
    most({ state }, { rate }) {
      if (state !== 'open') return probes;
      if (rate === undefined) return inHand.unknown;
      return Math.max(inHand.fewest, Math.min(Math.ceil(rate * inHand.seconds), inHand.most));
    },
    waitForGate(deliveries, { opensAt, since, why }, tried) {
      if (gateSeen !== opensAt) probing = 0;
      gateSeen = opensAt;
      if (deliveries.length === 0) return;
      if (why.kind === 'reply' && backOffTooLong(now() - since, why)) {
        const { code, text } = why.reply;
        for (const { id } of deliveries)
          events.settle({ kind: 'failed', id, code, reply: `${refusedAll} ${text}` });
        return;
      }
      const first = tried && probing > 0 ? [] : deliveries.slice(0, Math.max(0, probes - probing));
      probing += first.length;
      events.postpone(first, { until: opensAt, why });
      events.postpone(deliveries.slice(first.length), { until: opensAt + afterProbe, why });
    },
    waitForTurn(deliveries, { rate = unknownRate }) {
      const each = second / Math.max(rate, 1 / 60);
      behind = Math.max(behind, now() + slot);
      // Trimmed from the end: the foremost come back first.
      for (const delivery of [...deliveries].reverse()) {
        events.postpone([delivery], { until: slotOf(Math.min(behind, now() + longestWait)) });
        behind += each;
      }
    },
  };
}
