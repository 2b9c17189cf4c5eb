import { sql } from 'kysely';
import { type SenderRule, strictness } from '../domain/sender-rule.ts';
import { type Place, within } from './rule-place.ts';
import type { Db } from './store.ts';

/** Makes a standing decision about who writes; it replaces an earlier one about the same pattern in the same place. */
export async function saveSenderRule(tx: Db, rule: Omit<SenderRule, 'id'>): Promise<void> {
  await tx
    .insertInto('sender_rules')
    .values({
      list_id: rule.listId,
      kind: rule.kind,
      pattern: rule.pattern,
      action: rule.action,
      created_by: rule.createdBy,
      created_at: rule.createdAt,
    })
    .onConflict((on) =>
      on.expression(sql`pattern, kind, coalesce(list_id, 0)`).doUpdateSet((eb) => ({
        action: eb.ref('excluded.action'),
        created_by: eb.ref('excluded.created_by'),
        created_at: eb.ref('excluded.created_at'),
      })),
    )
    .execute();
}

/** The rule about the very pattern, in the very place. */
export async function findSenderRule(
  db: Db,
  listId: number | null,
  pattern: string,
): Promise<SenderRule | undefined> {
  const row = await db
    .selectFrom('sender_rules')
    .selectAll()
    .where('pattern', '=', pattern)
    .where(within({ listId }))
    .executeTakeFirst();
  return row && toSenderRule(row);
}

export async function deleteSenderRule(tx: Db, id: number): Promise<void> {
  await tx.deleteFrom('sender_rules').where('id', '=', id).execute();
}

/**
 * What was decided about somebody by their address goes with them to another one: a ban, too. Of two decisions about the same person the
 * stricter holds. The former address keeps what stands against it, but nothing is allowed any more to whoever reads there next.
 */
export async function moveSenderRules(
  tx: Db,
  { from, to }: { readonly from: string; readonly to: string },
): Promise<void> {
  const rows = await tx
    .selectFrom('sender_rules')
    .selectAll()
    .where('kind', '=', 'address')
    .where('pattern', 'in', [from, to])
    .execute();
  const rules = rows.map(toSenderRule);
  const there = rules.filter(({ pattern }) => pattern === to);
  for (const rule of rules.filter(({ pattern }) => pattern === from)) {
    const other = there.find(({ listId }) => listId === rule.listId);
    if (!other || strictness(rule) > strictness(other)) await saveSenderRule(tx, { ...rule, pattern: to });
    if (rule.action === 'allow') await deleteSenderRule(tx, rule.id);
  }
}

/** In the order in which they were first made, at most `limit` after the id `after`. */
export async function pageSenderRules(
  db: Db,
  page: Place & { readonly after: number; readonly limit: number },
): Promise<SenderRule[]> {
  const rows = await db
    .selectFrom('sender_rules')
    .selectAll()
    .where(within(page))
    .where('id', '>', page.after)
    .orderBy('id')
    .limit(page.limit)
    .execute();
  return rows.map(toSenderRule);
}

/** The patterns of one place, which cost a match each for every post. */
export async function patternsOfSenders(db: Db, listId: number | null): Promise<readonly string[]> {
  const rows = await db
    .selectFrom('sender_rules')
    .select('pattern')
    .where('kind', '=', 'pattern')
    .where(within({ listId }))
    .execute();
  return rows.map((row) => row.pattern);
}

export function toSenderRule(row: {
  id: number;
  list_id: number | null;
  kind: string;
  pattern: string;
  action: string;
  created_by: string;
  created_at: number;
}): SenderRule {
  return {
    id: row.id,
    listId: row.list_id,
    kind: row.kind as SenderRule['kind'],
    pattern: row.pattern,
    action: row.action as SenderRule['action'],
    createdBy: row.created_by,
    createdAt: row.created_at,
  };
}
