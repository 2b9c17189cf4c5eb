import { Refusal } from '../domain/refusal.ts';
import type { CopyForm } from '../rewrite/plain-copy.ts';
import type { ClaimedDelivery } from '../store/claims.ts';
import type { Copies } from './copies.ts';
import { type CopyShelf, keyOf, type WantedCopies } from './copy-shelf.ts';
import type { HeldMessages } from './held-messages.ts';
import type { Ready } from './ready.ts';
import { signHeads } from './signed-heads.ts';

/** Bytes of messages held ready, and as many kept for later claims; one larger message is still sent, alone. */
export const messageBudget = 64 * 1024 * 1024;
/** Copies that are signed before the first of them goes: some milliseconds of work. */
const signedAtOnce = 50;

/** Between claim and ready: reads each mailing once, as long as memory for messages is left. */
export interface Preparation {
  /** Claimed deliveries that wait for their message. */
  readonly size: number;
  /** `form`: that of their copies, `full` where it is not known that the next hop takes less. */
  add(deliveries: readonly ClaimedDelivery[], form?: CopyForm): void;
  /**
   * Makes the next mailing ready, or some copies of it where each is signed, if any waits and there is room for it; false when there was
   * nothing to do. Throws when the store cannot be read just now: the mailing waits behind the others then.
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

  function remove(key: string): readonly ClaimedDelivery[] {
    const deliveries = waiting.get(key)?.deliveries ?? [];
    waiting.delete(key);
    size -= deliveries.length;
    return deliveries;
  }

  /** Where each copy is signed, some of them; they wait here until they are, and may be put back meanwhile. */
  async function takeSigned(key: string, copies: Copies): Promise<readonly ClaimedDelivery[]> {
    const line = waiting.get(key);
    if (!line) return [];
    const some = line.deliveries.slice(0, signedAtOnce);
    await signHeads(copies, some);
    if (waiting.get(key) !== line) return [];
    line.deliveries.splice(0, some.length);
    size -= some.length;
    if (line.deliveries.length > 0) moveBehind(key);
    else waiting.delete(key);
    return some;
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
      for (const delivery of [...deliveries].sort(byTurn)) {
        const wanted = { mailingId: delivery.mailingId, form };
        const line = waiting.get(keyOf(wanted));
        if (line) line.deliveries.push(delivery);
        else waiting.set(keyOf(wanted), { ...wanted, deliveries: [delivery] });
      }
      size += deliveries.length;
    },
    async advance() {
      const [first] = waiting;
      if (!first || held.bytes >= messageBudget) return false;
      const [key, wanted] = first;
      try {
        const copies = await shelf.take(wanted);
        const deliveries = copies.sign ? await takeSigned(key, copies) : remove(key);
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
