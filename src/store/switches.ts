import type { Db } from './store.ts';

/** Switches of the whole site, e.g. `queue.paused_at`. */
export async function getSwitch(db: Db, name: string): Promise<string | undefined> {
  const row = await db.selectFrom('switches').select('value').where('name', '=', name).executeTakeFirst();
  return row?.value;
}

export async function setSwitch(tx: Db, name: string, value: string): Promise<void> {
  await tx
    .insertInto('switches')
    .values({ name, value })
    .onConflict((on) => on.column('name').doUpdateSet({ value }))
    .execute();
}

/** True when it was set. */
export async function clearSwitch(tx: Db, name: string): Promise<boolean> {
  const { numDeletedRows } = await tx
    .deleteFrom('switches')
    .where('name', '=', name)
    .executeTakeFirstOrThrow();
  return numDeletedRows > 0n;
}
