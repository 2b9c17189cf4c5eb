import type { Nesting } from './nesting.ts';
import type { SqliteConnection } from './sqlite-connection.ts';
import { isLocked, refusalOf, sqliteCode } from './sqlite-errors.ts';
import type { SqliteHandles } from './sqlite-handle.ts';
import type { Db } from './store.ts';

/** One call of `write()` on its way. */
export interface Work {
  readonly run: (tx: Db) => Promise<unknown>;
  readonly durable: boolean;
}

export type WorkOutcome =
  | { readonly kind: 'done'; readonly value: unknown }
  | { readonly kind: 'failed'; readonly error: unknown };

export type BatchOutcome =
  /** The outcomes of the first works, in their order; what is `done` is committed. The others were not begun. */
  | { readonly kind: 'settled'; readonly outcomes: readonly WorkOutcome[] }
  /** Another process holds the lock; nothing was run. */
  | { readonly kind: 'locked' }
  /** The commit failed, so every work did. `fatal`: the disk's fault, and not to be tried again. */
  | { readonly kind: 'failed'; readonly error: unknown; readonly fatal: boolean };

export interface BatchParts {
  readonly file: string;
  readonly connection: SqliteConnection;
  readonly handles: SqliteHandles;
  readonly nesting: Nesting;
}

/** A batch begins no further work after this long, in milliseconds: sockets and timers wait while it runs. */
const batchMs = 20;

/**
 * Runs works in one transaction and commits, without waiting for the disk. Few works fail, and a savepoint keeps a copy of
 * each page that is changed after it: so they run without, and when one has failed once more, each in its own savepoint.
 */
export function createBatchRunner(parts: BatchParts): (works: readonly Work[]) => Promise<BatchOutcome> {
  const { connection } = parts;
  return async (works) => {
    try {
      say(connection, 'begin immediate');
      let outcomes = await runEach(parts, works, runWork);
      if (outcomes.some(({ kind }) => kind === 'failed')) {
        say(connection, 'rollback');
        // Alone in its transaction, it has been undone with it.
        if (works.length === 1) return { kind: 'settled', outcomes };
        say(connection, 'begin immediate');
        outcomes = await runEach(parts, works, runInSavepoint);
      }
      say(connection, 'commit');
      return { kind: 'settled', outcomes };
    } catch (error) {
      if (connection.raw.inTransaction) say(connection, 'rollback');
      // Only BEGIN meets another writer: nothing has been done.
      return isLocked(error) ? { kind: 'locked' } : failed(parts, error);
    }
  };
}

type RunOne = (parts: BatchParts, work: Work) => Promise<WorkOutcome>;

/** Stops at the time limit, and without savepoints at the first failure. */
async function runEach(parts: BatchParts, works: readonly Work[], runOne: RunOne): Promise<WorkOutcome[]> {
  const outcomes: WorkOutcome[] = [];
  const begun = performance.now();
  for (const work of works) {
    if (performance.now() - begun > batchMs) break;
    const outcome = await runOne(parts, work);
    outcomes.push(outcome);
    if (outcome.kind === 'done') continue;
    // A full disk or a failing one may end the whole transaction: then nothing of it is left to commit.
    if (!parts.connection.raw.inTransaction) throw outcome.error;
    if (runOne === runWork) break;
  }
  return outcomes;
}

async function runInSavepoint(parts: BatchParts, work: Work): Promise<WorkOutcome> {
  const { connection } = parts;
  say(connection, 'savepoint work');
  const outcome = await runWork(parts, work);
  if (connection.raw.inTransaction) {
    if (outcome.kind === 'failed') say(connection, 'rollback to work');
    say(connection, 'release work');
  }
  return outcome;
}

async function runWork({ file, handles, nesting }: BatchParts, work: Work): Promise<WorkOutcome> {
  const handle = handles.open();
  try {
    return { kind: 'done', value: await nesting.runInside(() => work.run(handle.db)) };
  } catch (error) {
    return { kind: 'failed', error: refusalOf(error, file) };
  } finally {
    handle.end();
  }
}

function failed({ file }: BatchParts, error: unknown): BatchOutcome {
  return { kind: 'failed', error: refusalOf(error, file), fatal: isDamage(error) };
}

/** After a failed fsync the kernel may have dropped the very pages: a second attempt would succeed and lie. */
function isDamage(error: unknown): boolean {
  return /^SQLITE_(IOERR|CORRUPT|NOTADB)/.test(sqliteCode(error));
}

function say(connection: SqliteConnection, sql: string): void {
  connection.prepare(sql).run();
}
