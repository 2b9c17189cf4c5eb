import type { Db } from './store.ts';

/**
 * What moderators are to be told of: posts that wait, and decisions of others. Marks in the rows, which go in the transaction that queues the
 * mails (./moderator-notices.ts), so that a crash repeats and forgets nothing.
 */

/** Rows of one list marked in a step. */
const stepSize = 400;

/** Lists with a waiting post whose time to be told of has come; at most `limit`. */
export async function listsToNotify(db: Db, now: number, limit: number): Promise<number[]> {
  const rows = await db
    .selectFrom('held')
    .select('list_id')
    .distinct()
    .where('notice_at', '<=', now)
    .limit(limit)
    .execute();
  return rows.map((row) => row.list_id);
}

export interface DueHeld {
  readonly id: number;
  readonly heldAt: number;
  readonly expiresAt: number;
}

/** Waiting posts of a list whose time has come, a step of them: first those that nobody has heard of. */
export async function dueOfList(db: Db, listId: number, now: number): Promise<DueHeld[]> {
  const rows = await db
    .selectFrom('held')
    .select(['id', 'held_at', 'expires_at'])
    .where('list_id', '=', listId)
    .where('notice_at', '<=', now)
    .orderBy((eb) => eb.case().when('noticed_at', 'is', null).then(0).else(1).end())
    .orderBy('id')
    .limit(stepSize)
    .execute();
  return rows.map((row) => ({ id: row.id, heldAt: row.held_at, expiresAt: row.expires_at }));
}

/** They were told now, and are told again at the time given with each. One statement for each time, of which there are few. */
export async function markNoticed(
  tx: Db,
  told: readonly { readonly id: number; readonly noticeAt: number | null }[],
  at: number,
): Promise<void> {
  const byTime = new Map<number | null, number[]>();
  for (const { id, noticeAt } of told) {
    const ids = byTime.get(noticeAt);
    if (ids) ids.push(id);
    else byTime.set(noticeAt, [id]);
  }
  for (const [noticeAt, ids] of byTime) {
    await tx
      .updateTable('held')
      .set((eb) => ({ notice_at: noticeAt, noticed_at: eb.fn.coalesce('noticed_at', eb.val(at)) }))
      .where('id', 'in', ids)
      .execute();
  }
}

/** How many wait for a decision, and how many of them in the spam folder. */
export async function countWaiting(db: Db, listId: number): Promise<{ posts: number; spam: number }> {
  const rows = await db
    .selectFrom('held')
    .select((eb) => ['spam', eb.fn.countAll<number>().as('count')])
    .where('list_id', '=', listId)
    .where('decided_at', 'is', null)
    .groupBy('spam')
    .execute();
  const of = (spam: number) => rows.find((row) => row.spam === spam)?.count ?? 0;
  return { posts: of(0), spam: of(1) };
}

/** Lists with a decision that the time has come to tell the other moderators of; at most `limit`. */
export async function listsToTell(db: Db, now: number, limit: number): Promise<number[]> {
  const rows = await db
    .selectFrom('held')
    .select('list_id')
    .distinct()
    .where('tell_at', '<=', now)
    .limit(limit)
    .execute();
  return rows.map((row) => row.list_id);
}

/** Takes the decisions of a list that nobody has been told of, whether or not their time has come, in the order in which they were made. */
export async function takeDecisions(
  tx: Db,
  listId: number,
): Promise<{ readonly id: number; readonly decidedBy: string }[]> {
  const rows = await tx
    .updateTable('held')
    .set({ tell_at: null })
    .where('list_id', '=', listId)
    .where('tell_at', 'is not', null)
    .returning(['id', 'decided_at', 'decided_by'])
    .execute();
  return rows
    .sort((a, b) => (a.decided_at ?? 0) - (b.decided_at ?? 0) || a.id - b.id)
    .map((row) => ({ id: row.id, decidedBy: row.decided_by ?? '' }));
}
