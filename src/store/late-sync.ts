import { open } from 'node:fs/promises';
import type { Log } from '../domain/log.ts';

/** What was committed without an fsync is on disk after this long, in milliseconds. */
const syncAfterMs = 1000;

/**
 * Brings commits that did not wait for the disk there, a second later and off the event loop. An fsync of any descriptor of the
 * write-ahead log covers all that was written to it; SQLite holds no lock on that file, so closing our descriptor drops none.
 */
export interface LateSync {
  soon(): void;
  /** At once, if anything waits. */
  finish(): Promise<void>;
}

export function createLateSync(walFile: string, log: Log): LateSync {
  let timer: NodeJS.Timeout | undefined;

  async function sync(): Promise<void> {
    timer = undefined;
    try {
      const file = await open(walFile, 'r');
      await file.sync().finally(() => file.close());
    } catch (error) {
      log.error({ err: error, file: walFile }, 'The last non-durable commits could not be brought to disk.');
    }
  }

  return {
    soon() {
      timer ??= setTimeout(sync, syncAfterMs).unref();
    },
    async finish() {
      if (!timer) return;
      clearTimeout(timer);
      await sync();
    },
  };
}
