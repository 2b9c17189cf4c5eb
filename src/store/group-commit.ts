import { Refusal } from '../domain/refusal.ts';
import type { BatchOutcome, Work, WorkOutcome } from './batch.ts';
import type { LogSync } from './log-sync.ts';
import { diskFailure } from './sqlite-errors.ts';
import type { Db } from './store.ts';

/**
 * SQLite's one writer. Works that wait are taken together, up to `batchLimit`, into one transaction and one sync of the disk. A work waits
 * only for its own queries, which answer at once: so a batch runs through without anybody else's code in between, but for the turns that
 * storing or reading a large mail gives to others (bodies.ts). While the disk is waited for, the next batch runs: it sees what is not on the disk yet,
 * but what it says of it waits for a later sync.
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
  /** Commits without waiting for the disk. */
  runBatch(works: readonly Work[]): Promise<BatchOutcome>;
  readonly log: Pick<LogSync, 'now' | 'soon' | 'settled'>;
  /** After each commit. */
  committed(): void;
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

interface Committed {
  readonly work: Waiting;
  readonly outcome: WorkOutcome;
}

export function createGroupCommit(parts: GroupCommitParts): GroupCommit {
  const queue: Waiting[] = [];
  const unconfirmed = new Set<Promise<void>>();
  let running: Promise<void> | undefined;
  let stopped: { readonly error: unknown } | undefined;
  /** What the disk said. */
  let failure: unknown;

  async function drain(): Promise<void> {
    while (queue.length > 0) {
      // The end of this turn of the event loop: whoever else wants to write in it shares the commit.
      await nextTurn();
      // What is committed during a sync waits for the next one all the same: until that can begin, others may join.
      if (queue.every(({ durable }) => durable)) await parts.log.settled();
      if (stopped && queue.length === 0) break;
      const batch = queue.splice(0, batchLimit);
      const outcome = await parts.runBatch(batch);
      if (outcome.kind === 'settled') {
        // The batch had no time for the others.
        queue.unshift(...batch.slice(outcome.outcomes.length));
        settle(batch, outcome.outcomes);
        parts.committed();
      }
      if (outcome.kind === 'failed') failAll(batch, outcome.error);
      if (outcome.kind === 'failed' && outcome.fatal) stop(outcome.error);
      if (outcome.kind === 'locked') await waitForLock(batch);
    }
    running = undefined;
  }

  function settle(batch: readonly Waiting[], outcomes: readonly WorkOutcome[]): void {
    const committed: Committed[] = [];
    for (const [i, outcome] of outcomes.entries()) {
      const work = batch[i];
      if (work && outcome.kind === 'done') committed.push({ work, outcome });
      else work?.settle(outcome);
    }
    const onDisk = whatItStandsOn(committed);
    if (onDisk) confirm(committed, onDisk);
    else for (const { work, outcome } of committed) work.settle(outcome);
  }

  /**
   * What need not be durable itself may have seen what nobody has been told of yet, and what the disk may still lose: a worker must not
   * send what was never made.
   */
  function whatItStandsOn(committed: readonly Committed[]): Promise<void> | undefined {
    if (committed.some(({ work }) => work.durable)) return parts.log.now();
    parts.log.soon();
    return unconfirmed.size > 0 ? Promise.all(unconfirmed).then(assertSound) : undefined;
  }

  function assertSound(): void {
    if (failure) throw failure;
  }

  /** They hear of their commit when all that it stands on is on the disk. */
  function confirm(committed: readonly Committed[], onDisk: Promise<void>): void {
    const confirmed = onDisk
      .then(
        () => {
          for (const { work, outcome } of committed) work.settle(outcome);
        },
        (error: unknown) => {
          const refusal = failure ?? diskFailure(error, parts.file);
          failAll(
            committed.map(({ work }) => work),
            refusal,
          );
          stop(refusal);
        },
      )
      .finally(() => unconfirmed.delete(confirmed));
    unconfirmed.add(confirmed);
  }

  function stop(error: unknown): void {
    failure ??= error;
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
      await Promise.all(unconfirmed);
    },
  };
}

function failAll(batch: readonly Waiting[], error: unknown): void {
  for (const waiting of batch) waiting.settle({ kind: 'failed', error });
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
