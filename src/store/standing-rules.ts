import { type SqlBool, sql } from 'kysely';
import type { HeaderRule } from '../domain/header-rule.ts';
import type { SenderRule } from '../domain/sender-rule.ts';
import { toHeaderRule } from './header-rules.ts';
import { jsonTexts } from './json-rows.ts';
import { toSenderRule } from './sender-rules.ts';
import { type Given, statement } from './statement.ts';
import type { Db } from './store.ts';

/** What may concern a post: the patterns among them have still to be matched. */
export interface StandingRules {
  readonly senders: readonly SenderRule[];
  readonly headers: readonly HeaderRule[];
}

/**
 * The rules of a list and of the site about an author, by `fittingPatterns`, with all their patterns, and about any header. One
 * statement: it runs for each post.
 */
export async function findStandingRules(
  db: Db,
  listId: number,
  fitting: readonly string[],
): Promise<StandingRules> {
  const rows = await rulesFor.all(db, { listId, fitting: JSON.stringify(fitting) });
  return {
    senders: rows.flatMap((row) => (row.field === null ? [toSenderRule(row)] : [])),
    headers: rows.flatMap((row) => (row.field === null ? [] : [toHeaderRule({ ...row, field: row.field })])),
  };
}

/** The list is gone, and so is what was decided for it. */
export async function deleteRulesOfList(tx: Db, listId: number): Promise<void> {
  await tx.deleteFrom('sender_rules').where('list_id', '=', listId).execute();
  await tx.deleteFrom('header_rules').where('list_id', '=', listId).execute();
}

const rulesFor = statement((db: Db, given: Given<{ listId: number; fitting: string }>) => {
  // As the indexes say it: with `or` SQLite walks every list's rules.
  const here = sql<SqlBool>`coalesce(list_id, 0) in (0, ${given.listId})`;
  const senders = db
    .selectFrom('sender_rules')
    .select([
      'id',
      'list_id',
      'kind',
      sql<string | null>`cast(null as text)`.as('field'),
      'pattern',
      'action',
      'created_by',
      'created_at',
    ])
    .where(here);
  return senders
    .where('kind', '<>', 'pattern')
    .where('pattern', 'in', jsonTexts(db, given.fitting))
    .unionAll(senders.where('kind', '=', sql.lit('pattern')))
    .unionAll(
      db
        .selectFrom('header_rules')
        .select([
          'id',
          'list_id',
          sql<string>`'header'`.as('kind'),
          'field',
          'pattern',
          'action',
          'created_by',
          'created_at',
        ])
        .where(here),
    );
});
