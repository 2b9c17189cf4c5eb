import { close, fdatasync, open } from 'node:fs';

/**
 * Brings the write-ahead log to the disk, off the event loop. A commit with `synchronous=NORMAL` has written its frames and left only that out;
 * with it done the commit is as safe as one with FULL, because a checkpoint, too, waits for the log before it copies from it, and for
 * the file before the log begins anew. A sync of any descriptor covers all that was written to the log; SQLite holds no lock on
 * that file, so ours drops none.
 */
export interface LogSync {
  /** Resolves when all that the log holds now is on the disk; rejects with what the disk says. Who asks during a sync shares the next one. */
  now(): Promise<void>;
  /** Within a second. */
  soon(): void;
  /** Resolves when no sync that has begun is under way any more, whatever became of it. */
  settled(): Promise<void> | undefined;
  /** Waits for what was asked for. */
  close(): Promise<void>;
}

/** What was committed and need not be durable is on the disk after this long, in milliseconds. */
const syncAfterMs = 1000;

/** `failed` is called with what a sync that nobody waits for met. */
export function createLogSync(file: string, failed: (error: unknown) => void): LogSync {
  let descriptor: number | undefined;
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> | undefined;
  let next: Promise<void> | undefined;

  function now(): Promise<void> {
    clearTimeout(timer);
    timer = undefined;
    if (!running) {
      running = sync().finally(() => {
        running = undefined;
      });
      return running;
    }
    // What runs now may have begun before the last frame was written.
    next ??= running.then(startNext, startNext);
    return next;
  }

  function startNext(): Promise<void> {
    next = undefined;
    return now();
  }

  async function sync(): Promise<void> {
    descriptor ??= await openLog(file);
    await syncData(descriptor);
  }

  return {
    now,
    settled: () => running?.catch(() => {}),
    soon() {
      timer ??= setTimeout(() => now().catch(failed), syncAfterMs).unref();
    },
    async close() {
      if (timer) await now().catch(failed);
      await (next ?? running)?.catch(() => {});
      if (descriptor !== undefined) close(descriptor, () => {});
      descriptor = undefined;
    },
  };
}

function openLog(file: string): Promise<number> {
  return new Promise((resolve, reject) => {
    open(file, 'r', (error, descriptor) => (error ? reject(error) : resolve(descriptor)));
  });
}

function syncData(descriptor: number): Promise<void> {
  return new Promise((resolve, reject) => {
    fdatasync(descriptor, (error) => (error ? reject(error) : resolve()));
  });
}
