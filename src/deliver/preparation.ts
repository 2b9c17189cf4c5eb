import { Refusal } from '../domain/refusal.ts';
import type { CopyForm } from '../rewrite/plain-copy.ts';
import type { ClaimedDelivery } from '../store/claims.ts';
import { type CopyShelf, keyOf, type WantedCopies } from './copy-shelf.ts';
import type { HeldMessages } from './held-messages.ts';
import type { Ready } from './ready.ts';

/** Bytes of messages held ready, and as many kept for later claims; one larger message is still sent, alone. */
export const messageBudget = 64 * 1024 * 1024;

/** Between claim and ready: reads each mailing once, as long as memory for messages is left. */
export interface Preparation {
  /** Claimed deliveries that wait for their message. */
  readonly size: number;
  /** `form`: that of their copies, `full` where it is not known that the next hop takes less. */
  add(deliveries: readonly ClaimedDelivery[], form?: CopyForm): void;
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

interface Line extends WantedCopies {
  readonly deliveries: ClaimedDelivery[];
}

export function createPreparation({ shelf, ready, held, unmakeable }: PreparationParts): Preparation {
  const waiting = new Map<string, Line>();
  let size = 0;

  function lineOf(wanted: WantedCopies): Line {
    const key = keyOf(wanted);
    const line = waiting.get(key) ?? { ...wanted, deliveries: [] };
    waiting.set(key, line);
    return line;
  }

  function remove(key: string): readonly ClaimedDelivery[] {
    const deliveries = waiting.get(key)?.deliveries ?? [];
    waiting.delete(key);
    size -= deliveries.length;
    return deliveries;
  }

  function moveBehind(key: string): void {
    const line = waiting.get(key);
    if (!line) return;
    waiting.delete(key);
    waiting.set(key, line);
  }

  return {
    get size() {
      return size;
    },
    add(deliveries, form = 'full') {
      let line: Line | undefined;
      for (const delivery of [...deliveries].sort(byTurn)) {
        // Most come after one of the same mailing.
        if (line?.mailingId !== delivery.mailingId) line = lineOf({ mailingId: delivery.mailingId, form });
        line.deliveries.push(delivery);
      }
      size += deliveries.length;
    },
    async advance() {
      const [first] = waiting;
      if (!first || held.bytes >= messageBudget) return false;
      const [key, wanted] = first;
      try {
        const copies = await shelf.take(wanted);
        const deliveries = remove(key);
        if (deliveries.length > 0) ready.add({ copies, deliveries, alone: false });
      } catch (error) {
        // The store's trouble is not the mail's: three such moments must not fail it.
        if (error instanceof Refusal) {
          moveBehind(key);
          throw error;
        }
        for (const delivery of remove(key)) unmakeable(delivery, error);
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
