import { type SqlBool, sql } from 'kysely';
import { chunks } from './chunks.ts';
import type { Db } from './store.ts';

/** A member who was taken off a list because their mail fails, until its owners have been told. */
export interface Removal {
  readonly listId: number;
  readonly email: string;
  readonly said: string;
  readonly removedAt: number;
}

export async function insertRemovals(tx: Db, removals: readonly Removal[]): Promise<void> {
  for (const some of chunks(removals)) {
    const rows = some.map(({ listId, email, said, removedAt }) => ({
      list_id: listId,
      email,
      said,
      removed_at: removedAt,
    }));
    await tx.insertInto('removals').values(rows).execute();
  }
}

/** A list whose owners have something to hear and have not heard anything for `every` milliseconds; undefined when there is none. */
export async function listWithRemovals(
  db: Db,
  { now, every }: { readonly now: number; readonly every: number },
): Promise<number | undefined> {
  const row = await db
    .selectFrom('removals')
    .select('list_id')
    .where(
      // Further away than that it was set by a clock that ran ahead (timers.ts).
      sql<SqlBool>`not exists (select 1 from timers t
        where t.name = 'removals-of:' || cast(removals.list_id as text)
          and t.due_at > ${now} and t.due_at <= ${now + 2 * every})`,
    )
    .orderBy('id')
    .limit(1)
    .executeTakeFirst();
  return row?.list_id;
}

/** Takes all of them, oldest first; nobody is told again before `next`. */
export async function takeRemovals(
  tx: Db,
  listId: number,
  next: number,
): Promise<readonly Pick<Removal, 'email' | 'said'>[]> {
  const rows = await tx
    .deleteFrom('removals')
    .where('list_id', '=', listId)
    .returning(['id', 'email', 'said'])
    .execute();
  await tx
    .insertInto('timers')
    .values({ name: `removals-of:${listId}`, due_at: next })
    .onConflict((on) => on.column('name').doUpdateSet({ due_at: next }))
    .execute();
  return rows.sort((a, b) => a.id - b.id);
}
