import { Refusal } from '../domain/refusal.ts';
import type { BatchOutcome, Work, WorkOutcome } from './batch.ts';
import type { Db } from './store.ts';

/**
 * SQLite's one writer. Works that wait are taken together, up to `batchLimit`, into one transaction and one fsync. A work waits
 * only for its own queries, which answer at once: so a batch runs through without anybody else's code in between.
 */
export interface GroupCommit {
  add<T>(
    work: (tx: Db) => Promise<T>,
    how: { readonly durable: boolean; readonly first: boolean },
  ): Promise<T>;
  /** The disk has failed outside a commit: nothing is written any more. */
  fail(error: unknown): void;
  /** Resolves when everything added before has been settled; later works are refused. */
  close(): Promise<void>;
}

export interface GroupCommitParts {
  readonly file: string;
  runBatch(works: readonly Work[]): Promise<BatchOutcome>;
  /** After each commit. Where it was not durable, somebody has to sync it soon. */
  committed(durable: boolean): void;
  /** Once, when the disk has failed; nothing is written any more. */
  broken(error: unknown): void;
}

const batchLimit = 50;
/** BEGIN is tried again this often while another process holds the lock … */
const lockedRetryMs = 25;
/** … and this many times for each work: 5 seconds. */
const lockedRetries = 200;

interface Waiting extends Work {
  locked: number;
  settle(outcome: WorkOutcome): void;
}

export function createGroupCommit(parts: GroupCommitParts): GroupCommit {
  const queue: Waiting[] = [];
  let running: Promise<void> | undefined;
  let stopped: { readonly error: unknown } | undefined;

  async function drain(): Promise<void> {
    while (queue.length > 0) {
      // The end of this turn of the event loop: whoever else wants to write in it shares the commit.
      await nextTurn();
      const batch = queue.splice(0, batchLimit);
      const outcome = await parts.runBatch(batch);
      if (outcome.kind === 'settled') queue.unshift(...settle(batch, outcome.outcomes));
      if (outcome.kind === 'settled') parts.committed(outcome.durable);
      if (outcome.kind === 'failed') failAll(batch, outcome.error);
      if (outcome.kind === 'failed' && outcome.fatal) stop(outcome.error);
      if (outcome.kind === 'locked') await waitForLock(batch);
    }
    running = undefined;
  }

  function stop(error: unknown): void {
    stopped = { error };
    failAll(queue.splice(0), error);
    parts.broken(error);
  }

  async function waitForLock(batch: readonly Waiting[]): Promise<void> {
    const all = [...batch, ...queue.splice(0)];
    for (const waiting of all) waiting.locked++;
    failAll(
      all.filter((waiting) => waiting.locked >= lockedRetries),
      new Refusal('busy', `The database ${parts.file} stayed locked by another process: try again later.`),
    );
    queue.push(...all.filter((waiting) => waiting.locked < lockedRetries));
    await new Promise((resolve) => setTimeout(resolve, lockedRetryMs));
  }

  return {
    add: <T>(work: (tx: Db) => Promise<T>, { durable, first }: { durable: boolean; first: boolean }) =>
      new Promise<T>((resolve, reject) => {
        if (stopped) return reject(stopped.error);
        const waiting: Waiting = {
          run: work,
          durable,
          locked: 0,
          settle: (outcome) =>
            outcome.kind === 'done' ? resolve(outcome.value as T) : reject(outcome.error),
        };
        if (first) queue.unshift(waiting);
        else queue.push(waiting);
        running ??= drain();
      }),
    fail: stop,
    async close() {
      stopped ??= { error: new Refusal('busy', 'The store is closed.') };
      await running;
    },
  };
}

/** Returns those that the batch had no time for. */
function settle(batch: readonly Waiting[], outcomes: readonly WorkOutcome[]): readonly Waiting[] {
  for (const [i, outcome] of outcomes.entries()) batch[i]?.settle(outcome);
  return batch.slice(outcomes.length);
}

function failAll(batch: readonly Waiting[], error: unknown): void {
  for (const waiting of batch) waiting.settle({ kind: 'failed', error });
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
