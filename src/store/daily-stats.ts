import type { Db } from './store.ts';

/** What is counted by day and list. */
export type DailyCount = 'complaints';

/** Adds one. `day`: `2026-11-21`, UTC. */
export async function addToDay(
  tx: Db,
  { day, listId, what }: { readonly day: string; readonly listId: number; readonly what: DailyCount },
): Promise<void> {
  await tx
    .insertInto('daily_stats')
    .values({ day, list_id: listId, what, count: 1 })
    .onConflict((on) =>
      on
        .columns(['day', 'list_id', 'what'])
        .doUpdateSet((eb) => ({ count: eb('daily_stats.count', '+', 1) })),
    )
    .execute();
}

/** How many of something there were since a day, that day included, over all lists. */
export async function countSince(db: Db, what: DailyCount, day: string): Promise<number> {
  const row = await db
    .selectFrom('daily_stats')
    .select((eb) => eb.fn.sum<number | string | null>('count').as('total'))
    .where('what', '=', what)
    .where('day', '>=', day)
    .executeTakeFirst();
  return Number(row?.total ?? 0);
}
