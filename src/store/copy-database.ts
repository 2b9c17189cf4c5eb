import { sql } from 'kysely';
import { Refusal } from '../domain/refusal.ts';
import { goOnAfter, highestId } from './given-ids.ts';
import { insertRows } from './insert-rows.ts';
import { isPostgres } from './json-rows.ts';
import type { Schema } from './schema.ts';
import type { Db, Store } from './store.ts';
import { beginCopy, endCopy } from './unfinished-copy.ts';

type Table = keyof Schema;
type Row = Readonly<Record<string, unknown>>;

/**
 * Every table, what others refer to first, with the columns of its key. Null: the server reads it out of the posts again, because each
 * engine has its own index of words.
 */
const tables: { readonly [Name in Table]: readonly (keyof Schema[Name] & string)[] | null } = {
  keys: ['id'],
  lists: ['id'],
  list_names: ['name', 'domain'],
  people: ['id'],
  addresses: ['id'],
  memberships: ['id'],
  consents: ['id'],
  sender_rules: ['id'],
  header_rules: ['id'],
  suppressions: ['email', 'list_id'],
  bodies: ['id'],
  posts: ['id'],
  threads: ['id'],
  thread_nodes: ['id'],
  attachments: null,
  post_texts: null,
  held: ['id'],
  moderator_notices: ['id'],
  mailings: ['id'],
  deliveries: ['id'],
  delivery_log: ['id'],
  post_refusals: ['mailing_id', 'destination'],
  bounces: ['id'],
  dkim_keys: ['id'],
  author_aliases: ['id'],
  ailing_addresses: ['email'],
  removals: ['id'],
  domain_outages: ['domain'],
  breakers: ['mailing_id', 'destination'],
  sts_policies: ['domain'],
  destination_days: ['destination', 'day'],
  tokens: ['id'],
  quotas: ['bucket'],
  timers: ['name'],
  switches: ['name'],
  audit: ['id'],
  daily_stats: ['day', 'list_id', 'what'],
};

/** Rows read and written at once; a raw mail may have 25 MiB. */
const rowsAtOnce = 500;
const bodiesAtOnce = 8;

interface Copying {
  /** Epoch milliseconds. */
  readonly now: number;
  /** Hears of each step, how many rows it was. */
  progress(rows: number): void;
}

/**
 * Copies everything into an empty database, of either engine: ids, secrets and queue as they are. Nobody may write in either meanwhile. Until
 * it is done the other one is marked, and nobody works with it. Throws Refusal('exists') where that is not empty.
 */
export async function copyDatabase(
  from: Store,
  to: Store,
  { now, progress }: Copying,
): Promise<{ readonly rows: number }> {
  await to.read(assertEmpty);
  await to.write((tx) => beginCopy(tx, now));
  let rows = 0;
  for (const [table, key] of Object.entries(tables)) {
    if (!key) continue;
    await copyTable({ from, to }, { table, key }, (copied) => {
      rows += copied;
      progress(copied);
    });
  }
  const given = await from.read(highestIds);
  await to.write(async (tx) => {
    for (const { table, id } of given) await goOnAfter(tx, table, id);
    await endCopy(tx);
  });
  return { rows };
}

async function highestIds(db: Db): Promise<readonly { readonly table: string; readonly id: number }[]> {
  const given: { table: string; id: number }[] = [];
  for (const [table, key] of Object.entries(tables))
    if (key?.join() === 'id') given.push({ table, id: await highestId(db, table) });
  return given;
}

async function assertEmpty(db: Db): Promise<void> {
  for (const table of Object.keys(tables)) {
    const { rows } = await sql`select 1 from ${sql.table(table)} limit 1`.execute(db);
    if (rows.length > 0)
      throw new Refusal('exists', `That database is not empty: there is something in its table ${table}.`);
  }
}

interface Keyed {
  readonly table: string;
  readonly key: readonly string[];
}

async function copyTable(
  { from, to }: { readonly from: Store; readonly to: Store },
  keyed: Keyed,
  copied: (rows: number) => void,
): Promise<void> {
  const limit = keyed.table === 'bodies' ? bodiesAtOnce : rowsAtOnce;
  for (let last: Row | undefined; ; ) {
    const rows = await from.read((db) => page(db, keyed, last, limit));
    // The last commit, of the ids, makes all of them safe.
    await to.write((tx) => insertAll(tx, keyed.table, rows), { durable: false });
    copied(rows.length);
    last = rows.at(-1);
    if (rows.length < limit) return;
  }
}

async function page(
  db: Db,
  { table, key }: Keyed,
  last: Row | undefined,
  limit: number,
): Promise<readonly Row[]> {
  const columns = sql.join(key.map((column) => sql.ref(column)));
  const after = last && sql`where (${columns}) > (${sql.join(key.map((column) => last[column]))})`;
  const { rows } =
    await sql<Row>`select * from ${sql.table(table)} ${after ?? sql``} order by ${columns} limit ${limit}`.execute(
      db,
    );
  return rows;
}

async function insertAll(tx: Db, table: string, rows: readonly Row[]): Promise<void> {
  const columns = Object.keys(rows[0] ?? {});
  const row = `(${columns.map(() => '?').join(', ')})`;
  const keepsIds = isPostgres(tx) ? 'overriding system value' : '';
  await insertRows(
    tx,
    { into: `${table} (${columns.join(', ')}) ${keepsIds}`, row },
    rows.map((values) => columns.map((column) => copyOf(table, column, values[column]))),
  );
}

/** What the new database has to read again. */
function copyOf(table: string, column: string, value: unknown): unknown {
  return table === 'posts' && (column === 'indexed_at' || column === 'index_error') ? null : value;
}
