import { Refusal } from '../domain/refusal.ts';
import type { ClaimedDelivery } from '../store/claims.ts';
import type { CopyShelf } from './copy-shelf.ts';
import type { HeldMessages } from './held-messages.ts';
import type { Ready } from './ready.ts';

/** Bytes of messages held ready, and as many kept for later claims; one larger message is still sent, alone. */
export const messageBudget = 64 * 1024 * 1024;

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
  readonly shelf: CopyShelf;
  readonly ready: Ready;
  readonly held: HeldMessages;
  /** The message cannot be read or rendered. */
  unmakeable(delivery: ClaimedDelivery, error: unknown): void;
}

export function createPreparation({ shelf, ready, held, unmakeable }: PreparationParts): Preparation {
  const waiting = new Map<number, ClaimedDelivery[]>();
  let size = 0;

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
      if (mailingId === undefined || held.bytes >= messageBudget) return false;
      try {
        const copies = await shelf.take(mailingId);
        const deliveries = remove(mailingId);
        if (deliveries.length > 0) ready.add({ copies, deliveries, alone: false });
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
