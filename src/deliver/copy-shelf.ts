import { LRUCache } from 'lru-cache';
import { pieceBytes } from '../mail/piece-bytes.ts';
import type { CopyForm } from '../rewrite/plain-copy.ts';
import { givenUpAt } from '../store/breakers.ts';
import type { Store } from '../store/store.ts';
import { type Copies, type CopyParts, prepareCopies } from './copies.ts';
import { memoryOf } from './wire-message.ts';

/** Copies that were made once and are wanted again: by another destination, by the rest of a long list, by a retry. */
export interface CopyShelf {
  /** Rejects with a Refusal where the store cannot be read just now, else with the reason why the mailing cannot be sent. */
  take(wanted: WantedCopies): Promise<Copies>;
}

/** The copies of a mailing, in one of their forms. */
export interface WantedCopies {
  readonly mailingId: number;
  readonly form: CopyForm;
}

/** Equal for the same copies. */
export function keyOf({ mailingId, form }: WantedCopies): string {
  return `${mailingId} ${form}`;
}

const mostKept = 2_000;
/** When nobody has wanted any copies for so long, in milliseconds, the large ones go: most of a server's days are quiet. */
const quietMs = 30_000;

const hour = 3_600_000;

/** `bytes`: of messages that are kept; a larger one is still made. */
export function createCopyShelf(
  store: Store,
  parts: CopyParts & { now(): number },
  bytes: number,
): CopyShelf {
  const kept = new LRUCache<string, Copies>({
    max: mostKept,
    maxSize: bytes,
    sizeCalculation: ({ message }) => memoryOf(message),
  });
  const underWay = new Map<string, Promise<Copies>>();
  const quiet = setTimeout(forgetLarge, quietMs).unref();

  function forgetLarge(): void {
    for (const [key, { message }] of [...kept.entries()])
      if (memoryOf(message) > pieceBytes) kept.delete(key);
  }

  async function make(wanted: WantedCopies): Promise<Copies> {
    const fresh = await prepareCopies(store, wanted.mailingId, parts, wanted.form);
    kept.set(keyOf(wanted), fresh);
    return fresh;
  }

  /** An operator may have retired a key meanwhile, and what a warm-up withheld is tried longer (extend-mailings.ts). */
  async function isCurrent({ keys, mailingId, giveUpAt }: Copies): Promise<boolean> {
    if (parts.now() > giveUpAt - hour && giveUpAt !== (await store.read((db) => givenUpAt(db, mailingId))))
      return false;
    return keys.length === 0 || store.read((db) => parts.keyring.stillSign(db, keys));
  }

  return {
    async take(wanted) {
      quiet.refresh();
      const key = keyOf(wanted);
      const known = kept.get(key);
      if (known && (await isCurrent(known))) return known;
      const making = underWay.get(key) ?? make(wanted).finally(() => underWay.delete(key));
      underWay.set(key, making);
      return making;
    },
  };
}
