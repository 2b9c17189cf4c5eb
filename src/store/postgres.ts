import { Kysely, PostgresDialect, sql } from 'kysely';
import pg from 'pg';
import { silentLog } from '../domain/log.ts';
import { Refusal } from '../domain/refusal.ts';
import { migrate, type SchemaHandling, schemaState } from './migrate.ts';
import { createNesting } from './nesting.ts';
import { isLostRace, refusalOf } from './postgres-errors.ts';
import { createNotices } from './postgres-notices.ts';
import { createRetryLine } from './retry-line.ts';
import type { Schema } from './schema.ts';
import type { Db, OpenOptions, Store, WriteMode } from './store.ts';

/** Connections of each kind, reading and writing. */
const poolSize = 10;

/** A store on a PostgreSQL server, which several nodes may share. */
export async function openPostgres(url: string, options: OpenOptions): Promise<Store> {
  try {
    if (options.schema !== 'leave') await bringUpToDate(url, options.schema);
    return postgresStore(url, options);
  } catch (error) {
    throw refusalOf(error);
  }
}

/** On a connection of its own, which has no time limit: a migration of a large table takes its time. */
async function bringUpToDate(url: string, how: SchemaHandling | undefined): Promise<void> {
  const pool = new pg.Pool({ connectionString: url, max: 1, connectionTimeoutMillis: 5000, types });
  const db = new Kysely<unknown>({ dialect: new PostgresDialect({ pool }) });
  try {
    await assertUnicode(db);
    await migrate(db, 'postgres', how);
  } finally {
    await db.destroy();
  }
}

/** In any other encoding some people's mail could not be stored, and would be refused for a fault of ours for as long as they try. */
async function assertUnicode(db: Kysely<unknown>): Promise<void> {
  const { rows } = await sql<{ server_encoding: string }>`show server_encoding`.execute(db);
  const encoding = rows[0]?.server_encoding;
  if (encoding !== 'UTF8')
    throw new Refusal(
      'invalid',
      `The PostgreSQL database is encoded in ${encoding}, and mail comes in every script: make one with “createdb --encoding=UTF8 --template=template0”.`,
    );
}

function postgresStore(url: string, options: OpenOptions): Store {
  const log = options.log ?? silentLog;
  const writers = openPool(url, 'off');
  const readers = openPool(url, 'on');
  for (const pool of [writers, readers]) {
    pool.on('error', (error) => log.warn({ err: error }, 'A connection to PostgreSQL was lost.'));
    // The pool listens to idle clients only; an error event that nobody hears would end the process. The query hears of it too.
    pool.on('connect', (client) => client.on('error', () => {}));
  }
  const writeDb = new Kysely<Schema>({ dialect: new PostgresDialect({ pool: writers }) });
  const readDb = new Kysely<Schema>({ dialect: new PostgresDialect({ pool: readers }) });
  const nesting = createNesting(options.checkNesting);
  const line = createRetryLine(isLostRace);
  const notices = createNotices(url, writers, log);

  async function attempt<T>(work: (tx: Db) => Promise<T>, how: WriteMode): Promise<T> {
    const begin = writeDb.transaction().setIsolationLevel(how.isolation ?? 'serializable');
    return begin.execute(async (tx) => {
      if (how.durable === false) await sql`set local synchronous_commit = off`.execute(tx);
      return nesting.runInside(() => work(tx));
    });
  }

  const underway = new Set<Promise<unknown>>();
  let closing: Promise<void> | undefined;

  /** Begins something that `close` waits for. */
  function begin<T>(task: () => Promise<T>): Promise<T> {
    if (closing) throw new Refusal('busy', 'The store is closed.');
    const promise = task().catch((error) => {
      throw refusalOf(error);
    });
    underway.add(promise);
    const done = () => underway.delete(promise);
    promise.then(done, done);
    return promise;
  }

  async function close(): Promise<void> {
    await Promise.allSettled(underway);
    await notices.close();
    await Promise.all([writeDb.destroy(), readDb.destroy()]);
  }

  return {
    capabilities: { skipLocked: true, fullText: 'tsvector' },
    async read(work) {
      nesting.assertOutside('store.read');
      return begin(() => work(readDb));
    },
    async write(work, how = {}) {
      nesting.assertOutside('store.write');
      const result = await begin(() => line.run(() => attempt(work, how)));
      notices.committed();
      return result;
    },
    onOutsideChange: notices.listen,
    schema: () => begin(() => schemaState(readDb as Kysely<unknown>)),
    // PostgreSQL checks its pages and keys itself.
    check: async () => [],
    backup: async () => {
      throw new Refusal('invalid', 'PostgreSQL has its own tool for backups: use pg_dump.');
    },
    close: () => (closing ??= close()),
  };
}

function openPool(url: string, readOnly: 'on' | 'off'): pg.Pool {
  return new pg.Pool({
    connectionString: url,
    max: poolSize,
    types,
    application_name: 'listwright',
    connectionTimeoutMillis: 5000,
    // Milliseconds. A page or a post that takes longer has gone wrong; a lock that takes longer is somebody's forgotten session.
    statement_timeout: 60_000,
    lock_timeout: 5000,
    idle_in_transaction_session_timeout: 60_000,
    options: `-c default_transaction_read_only=${readOnly}`,
  });
}

/** Numbers as numbers: ids, times and sums (`numeric`) arrive as text. */
const types: pg.CustomTypesConfig = {
  getTypeParser: (oid, format) =>
    oid === pg.types.builtins.INT8 || oid === pg.types.builtins.NUMERIC
      ? wholeNumber
      : pg.types.getTypeParser(oid, format),
};

function wholeNumber(text: string): number {
  const number = Number(text);
  if (Number.isInteger(number) && !Number.isSafeInteger(number))
    throw new RangeError(`${text} from the database is too large for a number`);
  return number;
}
