import { type Expression, type RawBuilder, sql } from 'kysely';
import { isPostgres } from './json-rows.ts';
import type { Db } from './store.ts';

/**
 * Any number of ids with a text each as one parameter: a JSON object, read back one `key` and `value` a row, both text. Cheaper
 * than rows of more fields (json-rows.ts), since nothing has to be looked up inside a value.
 */
export function jsonPairs(db: Db, json: Expression<string>): RawBuilder<unknown> {
  return isPostgres(db) ? sql`jsonb_each_text(cast(${json} as jsonb))` : sql`json_each(${json})`;
}
