import type { ClaimedDelivery, Place } from '../store/claims.ts';

/** Where mail goes, as the worker sees it: what was claimed goes in, and leaves sent, settled or put back. */
export interface Destinations {
  /** What the worker may claim. `trial`: a few, to see whether it goes on. */
  readonly takes: 'all' | 'trial' | 'nothing';
  /** Deliveries that wait here; not those under way. */
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
