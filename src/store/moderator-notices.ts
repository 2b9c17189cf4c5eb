import type { Address } from '../domain/address.ts';
import { insertRows } from './insert-rows.ts';
import type { Db } from './store.ts';

/** Mails to moderators that are still to be written. A row goes in the transaction that writes its mail, so that a crash repeats and forgets none. */

/** `held`: one post that has just come. `waiting`: all that waits. `decided`: what others have decided. */
export type NoticeKind = 'held' | 'waiting' | 'decided';

export interface NewNotice {
  readonly kind: NoticeKind;
  readonly listId: number;
  readonly email: Address;
  /** The posts that it names, or names first. */
  readonly heldIds: readonly number[];
  /** How many it is about. */
  readonly count: number;
}

export interface PendingNotice extends NewNotice {
  readonly id: number;
}

/** Whoever still has to get a mail about all that waits needs no second. */
export async function queueNotices(tx: Db, notices: readonly NewNotice[]): Promise<void> {
  await insertRows(
    tx,
    {
      into: 'moderator_notices (kind, list_id, email, held_ids, count)',
      row: '(?, ?, ?, ?, ?)',
      ending: 'on conflict do nothing',
    },
    notices.map(({ kind, listId, email, heldIds, count }) => [
      kind,
      listId,
      email,
      JSON.stringify(heldIds),
      count,
    ]),
  );
}

/** The oldest, at most `limit`. */
export async function pendingNotices(db: Db, limit: number): Promise<PendingNotice[]> {
  const rows = await db.selectFrom('moderator_notices').selectAll().orderBy('id').limit(limit).execute();
  return rows.map((row) => ({
    id: row.id,
    kind: row.kind as NoticeKind,
    listId: row.list_id,
    email: row.email as Address,
    heldIds: JSON.parse(row.held_ids) as number[],
    count: row.count,
  }));
}

export async function deleteNotices(tx: Db, ids: readonly number[]): Promise<void> {
  if (ids.length === 0) return;
  await tx.deleteFrom('moderator_notices').where('id', 'in', ids).execute();
}
