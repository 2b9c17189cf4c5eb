import type { Db } from './store.ts';

/** Makes the timer if it is new, due at once. */
export async function ensureTimer(tx: Db, name: string, dueAt: number): Promise<void> {
  await tx
    .insertInto('timers')
    .values({ name, due_at: dueAt })
    .onConflict((on) => on.column('name').doNothing())
    .execute();
}

/** Takes a timer that is due by setting it to its next time; false when it is not due, or another node was first. */
export async function takeTimer(tx: Db, name: string, now: number, next: number): Promise<boolean> {
  const { numUpdatedRows } = await tx
    .updateTable('timers')
    .set({ due_at: next })
    .where('name', '=', name)
    .where('due_at', '<=', now)
    .executeTakeFirstOrThrow();
  return numUpdatedRows > 0n;
}
