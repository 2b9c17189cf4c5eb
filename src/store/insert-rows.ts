import { CompiledQuery } from 'kysely';
import { isPostgres } from './json-rows.ts';
import type { Db } from './store.ts';

/** An `insert` of many rows. */
export interface BulkInsert {
  /** `posts (list_id, number)` */
  readonly into: string;
  /** One row, with a `?` for each value: `(?, cast(? as integer))`. */
  readonly row: string;
  /** What follows the rows: `on conflict …`, `returning …`. */
  readonly ending?: string;
}

/**
 * Inserts rows of plain values with one statement, and returns what it returns. Kysely builds and compiles a node for each value, which
 * for the archive's batches takes as long as SQLite takes to store them.
 */
export async function insertRows<Row = never>(
  tx: Db,
  insert: BulkInsert,
  rows: readonly (readonly unknown[])[],
): Promise<Row[]> {
  if (rows.length === 0) return [];
  const values = new Array(rows.length).fill(insert.row).join(', ');
  const text = `insert into ${insert.into} values ${values} ${insert.ending ?? ''}`;
  const query = CompiledQuery.raw(isPostgres(tx) ? numbered(text) : text, rows.flat());
  return (await tx.executeQuery<Row>(query)).rows;
}

/** PostgreSQL's placeholders. */
function numbered(text: string): string {
  let n = 0;
  return text.replace(/\?/g, () => `$${++n}`);
}
