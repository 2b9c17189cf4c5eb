import { sql } from 'kysely';
import type { HeaderRule } from '../domain/header-rule.ts';
import { type Place, within } from './rule-place.ts';
import type { Db } from './store.ts';

/** Makes a standing decision about a header field; it replaces an earlier one about the same pattern in the same place. */
export async function saveHeaderRule(tx: Db, rule: Omit<HeaderRule, 'id'>): Promise<void> {
  await tx
    .insertInto('header_rules')
    .values({
      list_id: rule.listId,
      field: rule.field,
      pattern: rule.pattern,
      action: rule.action,
      created_by: rule.createdBy,
      created_at: rule.createdAt,
    })
    .onConflict((on) =>
      on.expression(sql`coalesce(list_id, 0), field, pattern`).doUpdateSet((eb) => ({
        action: eb.ref('excluded.action'),
        created_by: eb.ref('excluded.created_by'),
        created_at: eb.ref('excluded.created_at'),
      })),
    )
    .execute();
}

/** The rule about the very pattern of the very field, in the very place. */
export async function findHeaderRule(
  db: Db,
  listId: number | null,
  { field, pattern }: Pick<HeaderRule, 'field' | 'pattern'>,
): Promise<HeaderRule | undefined> {
  const row = await db
    .selectFrom('header_rules')
    .selectAll()
    .where('field', '=', field)
    .where('pattern', '=', pattern)
    .where(within({ listId }))
    .executeTakeFirst();
  return row && toHeaderRule(row);
}

export async function deleteHeaderRule(tx: Db, id: number): Promise<void> {
  await tx.deleteFrom('header_rules').where('id', '=', id).execute();
}

/** In the order in which they were first made, at most `limit` after the id `after`. */
export async function pageHeaderRules(
  db: Db,
  page: Place & { readonly after: number; readonly limit: number },
): Promise<HeaderRule[]> {
  const rows = await db
    .selectFrom('header_rules')
    .selectAll()
    .where(within(page))
    .where('id', '>', page.after)
    .orderBy('id')
    .limit(page.limit)
    .execute();
  return rows.map(toHeaderRule);
}

/** The patterns of one place, which cost a match each for every post. */
export async function patternsOfHeaders(db: Db, listId: number | null): Promise<readonly string[]> {
  const rows = await db.selectFrom('header_rules').select('pattern').where(within({ listId })).execute();
  return rows.map((row) => row.pattern);
}

export function toHeaderRule(row: {
  id: number;
  list_id: number | null;
  field: string;
  pattern: string;
  action: string;
  created_by: string;
  created_at: number;
}): HeaderRule {
  return {
    id: row.id,
    listId: row.list_id,
    field: row.field,
    pattern: row.pattern,
    action: row.action as HeaderRule['action'],
    createdBy: row.created_by,
    createdAt: row.created_at,
  };
}
