import { LRUCache } from 'lru-cache';
import type { Store } from '../store/store.ts';
import { type Copies, type CopyParts, prepareCopies } from './copies.ts';
import { memoryOf } from './wire-message.ts';

/** Copies that were made once and are wanted again: by another destination, by the rest of a long list, by a retry. */
export interface CopyShelf {
  /** Rejects with a Refusal where the store cannot be read just now, else with the reason why the mailing cannot be sent. */
  take(mailingId: number): Promise<Copies>;
}

const mostKept = 2_000;

/** `bytes`: of messages that are kept; a larger one is still made. */
export function createCopyShelf(store: Store, parts: CopyParts, bytes: number): CopyShelf {
  const kept = new LRUCache<number, Copies>({
    max: mostKept,
    maxSize: bytes,
    sizeCalculation: ({ message }) => memoryOf(message),
  });
  const underWay = new Map<number, Promise<Copies>>();

  async function make(mailingId: number): Promise<Copies> {
    const fresh = await store.read((db) => prepareCopies(db, mailingId, parts));
    kept.set(mailingId, fresh);
    return fresh;
  }

  return {
    async take(mailingId) {
      const known = kept.get(mailingId);
      if (known) return known;
      const making = underWay.get(mailingId) ?? make(mailingId).finally(() => underWay.delete(mailingId));
      underWay.set(mailingId, making);
      return making;
    },
  };
}
