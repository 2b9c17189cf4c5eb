import type { ClaimedDelivery } from '../store/claims.ts';
import type { Settlement } from '../store/settle.ts';

/** What happened and is not written down yet. */
export interface Notes {
  /** Nothing has happened since. */
  readonly none: boolean;
  settle(settlement: Settlement): void;
  release(deliveries: readonly ClaimedDelivery[], reason: string | null): void;
  /** Only an operator can help: why. */
  halt(reason: string): void;
  /** As much as is written in one transaction. */
  take(): Noted;
  /** It could not be written. */
  giveBack(noted: Noted): void;
}

export interface Noted {
  readonly settlements: readonly Settlement[];
  readonly released: readonly Release[];
  readonly halted: string | undefined;
}

/** A delivery that goes back into the queue untried. */
export interface Release {
  readonly id: number;
  readonly reason: string | null;
}

/** Some milliseconds. */
const most = 2_000;

export function createNotes(): Notes {
  const settlements: Settlement[] = [];
  const released: Release[] = [];
  let halted: string | undefined;
  return {
    get none() {
      return settlements.length + released.length === 0 && halted === undefined;
    },
    settle(settlement) {
      settlements.push(settlement);
    },
    release(deliveries, reason) {
      for (const { id } of deliveries) released.push({ id, reason });
    },
    halt(reason) {
      halted = reason;
    },
    take() {
      const noted = { settlements: settlements.splice(0, most), released: released.splice(0, most), halted };
      halted = undefined;
      return noted;
    },
    giveBack(noted) {
      settlements.unshift(...noted.settlements);
      released.unshift(...noted.released);
      halted ??= noted.halted;
    },
  };
}
