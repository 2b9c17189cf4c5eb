import { AsyncLocalStorage } from 'node:async_hooks';

/**
 * Knows whether the calling code runs inside a work of this store. Such code must use its own `tx`: on SQLite a second write would
 * wait for itself for ever, on PostgreSQL for a connection that its own transaction holds.
 */
export interface Nesting {
  /** Throws when called from inside a work that still runs. */
  assertOutside(call: string): void;
  runInside<T>(work: () => Promise<T>): Promise<T>;
}

export function createNesting(): Nesting {
  const current = new AsyncLocalStorage<{ running: boolean }>();
  return {
    assertOutside(call) {
      if (current.getStore()?.running) {
        throw new Error(`${call} was called inside a write: use the transaction that the write was given.`);
      }
    },
    async runInside(work) {
      const mark = { running: true };
      try {
        return await current.run(mark, work);
      } finally {
        // What a work leaves running behind it (an event, a timer) is outside again.
        mark.running = false;
      }
    },
  };
}
