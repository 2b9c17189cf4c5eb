import { sql } from 'kysely';
import { isPostgres } from './json-rows.ts';
import type { Db } from './store.ts';

/**
 * The ids that a database has given, to rows that are gone, too. Those that left the building, in return paths, links and commands, are
 * never given again: not by a copy of the database, and not by an old one that is put back.
 */

/** The highest id that a table has given; 0 where it gave none. A table whose `id` is given by us has none of its own. */
export async function highestId(db: Db, table: string): Promise<number> {
  const { rows } = isPostgres(db)
    ? await sql<{ id: number | null }>`
        select pg_sequence_last_value(cast(pg_get_serial_sequence(${table}, 'id') as regclass)) as id`.execute(
        db,
      )
    : await sql<{ id: number | null }>`
        select max(coalesce((select max(id) from ${sql.table(table)}), 0),
          coalesce((select seq from sqlite_sequence where name = ${table}), 0)) as id`.execute(db);
  return rows[0]?.id ?? 0;
}

/** The next row of the table gets a higher id than this. */
export async function goOnAfter(tx: Db, table: string, id: number): Promise<void> {
  if (id === 0) return;
  if (isPostgres(tx)) {
    await sql`select setval(pg_get_serial_sequence(${table}, 'id'), ${id})`.execute(tx);
    return;
  }
  await nameAll(tx);
  await sql`update sqlite_sequence set seq = max(seq, ${id}) where name = ${table}`.execute(tx);
}

/** Leaves out the next `count` ids of every table of SQLite whose ids leave the building. */
export async function skipIds(tx: Db, count: number): Promise<void> {
  await nameAll(tx);
  await sql`update sqlite_sequence set seq = seq + ${count}`.execute(tx);
  if (await hasAliases(tx)) await skipAliases(tx, count);
}

async function hasAliases(tx: Db): Promise<boolean> {
  const { rows } = await sql`select 1 from sqlite_master where name = 'author_aliases'`.execute(tx);
  return rows.length > 0;
}

/**
 * None is ever deleted, so their table counts by what is in it: it goes on behind a row that is nobody's. Mail to an alias that
 * address books have learnt would reach another author else.
 */
async function skipAliases(tx: Db, count: number): Promise<void> {
  await sql`
    insert into author_aliases (id, list_id, email, created_at, superseded_at)
    select coalesce((select max(id) from author_aliases), 0) + ${count}, id, '', 0, 0
    from lists order by id limit 1`.execute(tx);
}

/** SQLite notes a table that counts its ids for ever when it gets its first row. */
async function nameAll(tx: Db): Promise<void> {
  await sql`
    insert into sqlite_sequence (name, seq) select name, 0 from sqlite_master
    where type = 'table' and sql like '%autoincrement%' and name not in (select name from sqlite_sequence)`.execute(
    tx,
  );
}
