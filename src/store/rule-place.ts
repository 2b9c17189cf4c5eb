import { type SqlBool, sql } from 'kysely';

/** Whose standing rules: null the whole site's, undefined everybody's. */
export interface Place {
  readonly listId: number | null | undefined;
}

/** The condition for the rules of one place, in either of their tables. */
export function within({ listId }: Place) {
  if (listId === undefined) return sql<SqlBool>`1 = 1`;
  return listId === null ? sql<SqlBool>`list_id is null` : sql<SqlBool>`list_id = ${listId}`;
}
