import type { ClaimedDelivery, Place } from '../store/claims.ts';
import type { Settlement } from '../store/settle.ts';
import type { Wait } from './notes.ts';

/** Where mail goes, as the worker sees it: what was claimed goes in, and leaves sent, settled or put back. */
export interface Destinations {
  /**
   * What the worker may claim. `trial`: a few, to see whether it goes on; `enough`: nothing for a while; `nothing`: nothing can be sent,
   * and what is claimed already goes back.
   */
  readonly takes: 'all' | 'trial' | 'enough' | 'nothing';
  /** Deliveries that wait here and are not under way; not those that others need not wait for. */
  readonly size: number;
  /** Transactions that are not answered yet. */
  readonly underWay: number;
  /** Nothing is under way, and nothing of what waits could be sent now. */
  readonly idle: boolean;
  /** What is claimed although enough waits already must stand before this place, or at it. */
  readonly front: Place | undefined;
  add(deliveries: readonly ClaimedDelivery[]): void;
  /** Sends what can be sent. */
  go(): void;
  /** All that waits goes back into the queue untried. */
  putBack(reason: string | null): void;
  /** Ends every back-off. */
  tryNow(): void;
  /** Finishes what is under way, for a while, and takes nothing new. */
  close(): Promise<void>;
}

/** What a destination tells. */
export interface DestinationEvents {
  settle(settlement: Settlement): void;
  /** Back into the queue, with the reason, and without counting an attempt. */
  release(deliveries: readonly ClaimedDelivery[], reason: string | null): void;
  /** The same, until then. */
  postpone(deliveries: readonly ClaimedDelivery[], wait: Wait): void;
  /** Only an operator can help: the queue pauses. */
  halt(reason: string): void;
  /** It may take mail again. */
  opened(): void;
}
