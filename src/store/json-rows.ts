import { type Expression, PostgresAdapter, type RawBuilder, sql } from 'kysely';
import type { Db } from './store.ts';

/**
 * Any number of rows as one parameter: a JSON array, read back one `value` a row. The statement's text stays the same whatever
 * their number, so it is compiled and prepared once.
 */
export function jsonRows(db: Db, json: Expression<string>): RawBuilder<unknown> {
  return isPostgres(db) ? sql`jsonb_array_elements(cast(${json} as jsonb))` : sql`json_each(${json})`;
}

/** The texts of a JSON array as a subquery, for `in`. */
export function jsonTexts(db: Db, json: Expression<string>): RawBuilder<string> {
  return isPostgres(db)
    ? sql`(select jsonb_array_elements_text(cast(${json} as jsonb)))`
    : sql`(select value from json_each(${json}))`;
}

/** The part of an address after `@`, for an address in canonical form. */
export function domainOf(db: Db, address: Expression<string>): RawBuilder<string> {
  return isPostgres(db)
    ? sql`split_part(${address}, '@', 2)`
    : sql`substr(${address}, instr(${address}, '@') + 1)`;
}

export function isPostgres(db: Db): boolean {
  return db.getExecutor().adapter instanceof PostgresAdapter;
}
