import type { Db } from './store.ts';

/** Makes the timer if it is new, due at once. */
export async function ensureTimer(tx: Db, name: string, dueAt: number): Promise<void> {
  await tx
    .insertInto('timers')
    .values({ name, due_at: dueAt })
    .onConflict((on) => on.column('name').doNothing())
    .execute();
}

/**
 * Takes a timer that is due by setting it to its next time, `every` milliseconds from now; false when it is not due, or another node was first. One that
 * is further away than its time could ever be was set by a clock that ran ahead and has been put right: it would rest until then.
 */
export async function takeTimer(
  tx: Db,
  name: string,
  { now, every }: { readonly now: number; readonly every: number },
): Promise<boolean> {
  const { numUpdatedRows } = await tx
    .updateTable('timers')
    .set({ due_at: now + every })
    .where('name', '=', name)
    // Twice as far: the clocks of two nodes differ a little.
    .where((e) => e.or([e('due_at', '<=', now), e('due_at', '>', now + 2 * every)]))
    .executeTakeFirstOrThrow();
  return numUpdatedRows > 0n;
}
