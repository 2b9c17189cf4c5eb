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
  | { readonly kind: 'settled'; readonly outcomes: readonly WorkOutcome[]; readonly durable: boolean }
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

/** Runs works in one transaction, each in its own savepoint, and commits: with an fsync if any of them asks for it. */
export function createBatchRunner(parts: BatchParts): (works: readonly Work[]) => Promise<BatchOutcome> {
  const { connection } = parts;
  const setDurable = durabilitySwitch(connection);
  return async (works) => {
    const durable = works.some((work) => work.durable);
    try {
      setDurable(durable);
      say(connection, 'begin immediate');
    } catch (error) {
      return isLocked(error) ? { kind: 'locked' } : failed(parts, error);
    }
    try {
      const outcomes: WorkOutcome[] = [];
      const begun = performance.now();
      for (const work of works) {
        if (performance.now() - begun > batchMs) break;
        const outcome = await runInSavepoint(parts, work);
        // A full disk or a failing one may end the whole transaction: then nothing of it is left to commit.
        if (outcome.kind === 'failed' && !connection.raw.inTransaction) return failed(parts, outcome.error);
        outcomes.push(outcome);
      }
      say(connection, 'commit');
      return { kind: 'settled', outcomes, durable };
    } catch (error) {
      if (connection.raw.inTransaction) say(connection, 'rollback');
      return failed(parts, error);
    }
  };
}

async function runInSavepoint(parts: BatchParts, work: Work): Promise<WorkOutcome> {
  const { connection, handles, nesting } = parts;
  say(connection, 'savepoint work');
  const handle = handles.open();
  try {
    const value = await nesting.runInside(() => work.run(handle.db));
    say(connection, 'release work');
    return { kind: 'done', value };
  } catch (error) {
    if (connection.raw.inTransaction) {
      say(connection, 'rollback to work');
      say(connection, 'release work');
    }
    return { kind: 'failed', error: refusalOf(error, parts.file) };
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

/** FULL: COMMIT waits for the disk. NORMAL: it does not. SQLite changes it only outside a transaction. */
function durabilitySwitch(connection: SqliteConnection): (durable: boolean) => void {
  let current = true;
  return (durable) => {
    if (durable === current) return;
    connection.raw.pragma(`synchronous = ${durable ? 'FULL' : 'NORMAL'}`);
    current = durable;
  };
}

function say(connection: SqliteConnection, sql: string): void {
  connection.prepare(sql).run();
}
