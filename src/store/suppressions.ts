import { chunks } from './chunks.ts';
import type { Db } from './store.ts';

/**
 * Why an address may not be added by anybody but its owner (email.md §3.5, §6.5): `complaint` and `never` were said by the
 * person, `bounced` by their server.
 */
export type SuppressionReason = 'complaint' | 'never' | 'bounced';

/** Counts for every list of the site. */
export const everyList = 0;

/** No import and no operator adds this address to the list again; its owner can, by confirming. */
export async function suppress(
  tx: Db,
  entry: { email: string; listId: number; reason: SuppressionReason; now: number },
): Promise<void> {
  const { email, listId, reason, now } = entry;
  await tx
    .insertInto('suppressions')
    .values({ email, list_id: listId, reason, created_at: now })
    .onConflict((oc) => oc.columns(['email', 'list_id']).doUpdateSet({ reason, created_at: now }))
    .execute();
}

/** The owner of the address asked to join after all. */
export async function liftSuppressions(tx: Db, listId: number, email: string): Promise<void> {
  await tx
    .deleteFrom('suppressions')
    .where('email', '=', email)
    .where('list_id', 'in', [listId, everyList])
    .execute();
}

/** The address works again; what its owner said of lists still holds. */
export async function liftBounced(tx: Db, email: string): Promise<void> {
  await tx.deleteFrom('suppressions').where('email', '=', email).where('reason', '=', 'bounced').execute();
}

/** Those of some addresses that are suppressed for a list, or for every list, with the reason. */
export async function suppressedAmong(
  db: Db,
  listId: number,
  emails: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>();
  for (const some of chunks(emails)) {
    const rows = await db
      .selectFrom('suppressions')
      .select(['email', 'reason'])
      .where('email', 'in', some)
      .where('list_id', 'in', [listId, everyList])
      .execute();
    for (const row of rows) found.set(row.email, row.reason);
  }
  return found;
}
