import { createRequire } from 'node:module';
import type BetterSqlite3 from 'better-sqlite3';

// better-sqlite3 12 aborts on Node 24.19 and later; 13 needs Node-API 10 (Node 22.14). The same API, so either serves.
const require = createRequire(import.meta.url);
const Database: typeof BetterSqlite3 = require(
  Number(process.versions.napi) >= 10 ? 'better-sqlite3-napi' : 'better-sqlite3',
);

/** How many prepared statements a connection keeps; the one unused for longest gives way. */
const cachedStatements = 500;

/** One open SQLite file. Every call is synchronous; a cached statement makes a query three times faster than a fresh one. */
export interface SqliteConnection {
  readonly raw: BetterSqlite3.Database;
  prepare(sql: string): BetterSqlite3.Statement;
  close(): void;
}

/** A connection that writes, durably: COMMIT returns after the write-ahead log is on disk, until sqlite.ts has that done beside it. */
export function openForWriting(file: string): SqliteConnection {
  const raw = new Database(file, { timeout: openingTimeoutMs });
  return configured(raw, () => {
    raw.pragma('journal_mode = WAL');
    // After WAL, and explicitly: better-sqlite3 reports FULL without this and makes no fsync (measured: 0 for 50 commits).
    raw.pragma('synchronous = FULL');
    raw.pragma('foreign_keys = ON');
    // What a person asked to erase is overwritten, not left in free pages.
    raw.pragma('secure_delete = ON');
    raw.pragma('cache_size = -32768');
    // Each work's savepoint keeps the pages it changes: in a file that takes as many writes as the log itself.
    raw.pragma('temp_store = MEMORY');
    raw.pragma('journal_size_limit = 67108864');
    // checkpointer.ts does it, in a thread, and hears of a disk that fails, of which COMMIT would say nothing.
    raw.pragma('wal_autocheckpoint = 0');
  });
}

/** A connection that copies the write-ahead log into the file, waiting for the disk at each step. */
export function openForCheckpoints(file: string): SqliteConnection {
  const raw = new Database(file, { fileMustExist: true, timeout: openingTimeoutMs });
  return configured(raw, () => {
    // Explicitly, as above: without it the log might be written anew before the file is on disk.
    raw.pragma('synchronous = FULL');
  });
}

/** A connection that cannot write. It sees each commit at once and never waits for one. */
export function openForReading(file: string): SqliteConnection {
  const raw = new Database(file, { fileMustExist: true, timeout: openingTimeoutMs });
  return configured(raw, () => {
    raw.pragma('query_only = ON');
    raw.pragma('cache_size = -16384');
  });
}

/** A file that holds nothing, and is there to be locked; who finds it locked does not wait. */
export function openForLocking(file: string): SqliteConnection {
  return configured(new Database(file, { timeout: 0 }), () => {});
}

/** While opening there is no socket to keep waiting, and another process may hold the file for a moment. */
const openingTimeoutMs = 5000;

function configured(raw: BetterSqlite3.Database, pragmas: () => void): SqliteConnection {
  try {
    pragmas();
  } catch (error) {
    raw.close();
    throw error;
  }
  const statements = new Map<string, BetterSqlite3.Statement>();
  return {
    raw,
    prepare(sql) {
      const statement = statements.get(sql) ?? raw.prepare(sql);
      // To the end of the line: a Map keeps the order of insertion, so the first is the one unused for longest.
      statements.delete(sql);
      statements.set(sql, statement);
      if (statements.size > cachedStatements) statements.delete(oldest(statements));
      return statement;
    },
    close() {
      statements.clear();
      raw.close();
    },
  };
}

function oldest(statements: ReadonlyMap<string, unknown>): string {
  const [first = ''] = statements.keys();
  return first;
}
