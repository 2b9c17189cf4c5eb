import { sql } from 'kysely';
import type { SenderRule } from '../domain/sender-rule.ts';
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
