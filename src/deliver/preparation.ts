import { LRUCache } from 'lru-cache';
import { Refusal } from '../domain/refusal.ts';
import type { ClaimedDelivery } from '../store/claims.ts';
import type { Store } from '../store/store.ts';
import { type Copies, type CopyParts, prepareCopies } from './copies.ts';
import type { Ready } from './ready.ts';
import { memoryOf } from './wire-message.ts';

/** Bytes of messages held ready or kept for later claims; one larger message is still sent, alone. */
const messageBudget = 64 * 1024 * 1024;
const mostKept = 2_000;

/** Between claim and ready: reads each mailing once, as long as memory for messages is left. */
export interface Preparation {
  /** Claimed deliveries that wait for their message. */
  readonly size: number;
  add(deliveries: readonly ClaimedDelivery[]): void;
  /**
   * Makes the next mailing ready, if any waits and there is room for it; false when there was nothing to do. Throws when the store
   * cannot be read just now: the mailing waits behind the others then.
   */
  advance(): Promise<boolean>;
  /** Everything that waits, to be put back into the queue. */
  drain(): ClaimedDelivery[];
}

export interface PreparationParts {
  readonly store: Store;
  readonly ready: Ready;
  readonly copies: CopyParts;
  /** The message cannot be read or rendered. */
  unmakeable(delivery: ClaimedDelivery, error: unknown): void;
}

export function createPreparation({ store, ready, copies, unmakeable }: PreparationParts): Preparation {
  const waiting = new Map<number, ClaimedDelivery[]>();
  const kept = new LRUCache<number, Copies>({
    max: mostKept,
    maxSize: messageBudget,
    sizeCalculation: ({ message }) => memoryOf(message),
  });
  let size = 0;

  async function load(mailingId: number): Promise<Copies> {
    const known = kept.get(mailingId);
    if (known) return known;
    const fresh = await store.read((db) => prepareCopies(db, mailingId, copies));
    kept.set(mailingId, fresh);
    return fresh;
  }

  function remove(mailingId: number): ClaimedDelivery[] {
    const deliveries = waiting.get(mailingId) ?? [];
    waiting.delete(mailingId);
    size -= deliveries.length;
    return deliveries;
  }

  function moveBehind(mailingId: number): void {
    const deliveries = waiting.get(mailingId);
    if (!deliveries) return;
    waiting.delete(mailingId);
    waiting.set(mailingId, deliveries);
  }

  return {
    get size() {
      return size;
    },
    add(deliveries) {
      for (const delivery of [...deliveries].sort(byTurn)) {
        const line = waiting.get(delivery.mailingId);
        if (line) line.push(delivery);
        else waiting.set(delivery.mailingId, [delivery]);
      }
      size += deliveries.length;
    },
    async advance() {
      const [mailingId] = waiting.keys();
      if (mailingId === undefined || ready.bytes >= messageBudget) return false;
      try {
        const prepared = await load(mailingId);
        const deliveries = remove(mailingId);
        if (deliveries.length > 0) ready.add({ copies: prepared, deliveries, alone: false });
      } catch (error) {
        // The store's trouble is not the mail's: three such moments must not fail it.
        if (error instanceof Refusal) {
          moveBehind(mailingId);
          throw error;
        }
        for (const delivery of remove(mailingId)) unmakeable(delivery, error);
      }
      return true;
    },
    drain() {
      return [...waiting.keys()].flatMap(remove);
    },
  };
}

/** A claim comes in no order. */
function byTurn(a: ClaimedDelivery, b: ClaimedDelivery): number {
  return a.priority - b.priority || a.turn - b.turn || a.id - b.id;
}
