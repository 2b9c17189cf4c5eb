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

/**
 * Before Node 24 an AsyncLocalStorage makes each promise of the whole program dearer, a fifth of what it takes to accept a post. It is a
 * mistake in the program that it finds, so there only the tests look for it.
 */
const isCheap = Number.parseInt(process.versions.node, 10) >= 24;

/** `checked`: whether to look. Without it nothing is ever found. */
export function createNesting(checked = isCheap): Nesting {
  if (!checked) return { assertOutside: () => {}, runInside: (work) => work() };
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
