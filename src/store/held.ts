import type { Selectable } from 'kysely';
import type { Checks } from '../domain/checks.ts';
import type { Reason } from '../domain/verdict.ts';
import type { Schema } from './schema.ts';
import type { Db } from './store.ts';
import { storedJson } from './stored-json.ts';

export interface NewHeld {
  readonly listId: number;
  readonly bodyId: number;
  readonly messageId: string;
  readonly bodyHash: string;
  readonly envelopeSender: string;
  /** Value of our Received field, from the moment it came in. */
  readonly trace: string;
  readonly authorEmail: string;
  readonly authorName: string;
  readonly subject: string;
  readonly reasons: readonly Reason[];
  readonly checks: Checks;
  /** In the spam folder: counted, never announced. */
  readonly spam: boolean;
  readonly heldAt: number;
  readonly expiresAt: number;
  /** Since when moderators know of it. */
  readonly noticedAt: number | null;
  /** When they are to be told, first or again; null: never, or decided. */
  readonly noticeAt: number | null;
}

/** A post that waits, or waited, for a moderator. */
export interface Held extends NewHeld {
  readonly id: number;
  /** describeActor of a moderator who is looking into it. */
  readonly claimedBy: string | null;
  readonly claimedAt: number | null;
  readonly decidedAt: number | null;
  readonly decision: HeldDecision | null;
  /** describeActor; the bare address of an author who confirmed it or took it back. */
  readonly decidedBy: string | null;
  readonly postId: number | null;
}

export type HeldDecision =
  | 'approved'
  /** Its author said at their own address that it is theirs. */
  | 'released'
  | 'rejected'
  | 'discarded'
  | 'withdrawn'
  | 'expired';

export async function insertHeld(tx: Db, held: NewHeld): Promise<number> {
  const { id } = await tx
    .insertInto('held')
    .values({
      list_id: held.listId,
      body_id: held.bodyId,
      message_id: held.messageId,
      body_hash: held.bodyHash,
      envelope_sender: held.envelopeSender,
      trace: held.trace,
      author_email: held.authorEmail,
      author_name: held.authorName,
      subject: held.subject,
      reasons: JSON.stringify(held.reasons),
      checks: storedJson(held.checks),
      spam: held.spam ? 1 : 0,
      held_at: held.heldAt,
      expires_at: held.expiresAt,
      noticed_at: held.noticedAt,
      notice_at: held.noticeAt,
    })
    .returning('id')
    .executeTakeFirstOrThrow();
  return id;
}

export async function findHeld(db: Db, id: number): Promise<Held | undefined> {
  const row = await db.selectFrom('held').selectAll().where('id', '=', id).executeTakeFirst();
  return row && toHeld(row);
}

/** Those of some items that there are, at most a few dozen. */
export async function findHeldAmong(db: Db, ids: readonly number[]): Promise<Held[]> {
  if (ids.length === 0) return [];
  const rows = await db.selectFrom('held').selectAll().where('id', 'in', ids).orderBy('id').execute();
  return rows.map(toHeld);
}

/** Waiting items, oldest first, of one list or of all, in the spam folder or outside it; at most `limit` after the id `after`. */
export async function listWaiting(
  db: Db,
  page: { listId?: number; spam: boolean; after: number; limit: number },
): Promise<Held[]> {
  let query = db
    .selectFrom('held')
    .selectAll()
    .where('decided_at', 'is', null)
    .where('spam', '=', page.spam ? 1 : 0)
    .where('id', '>', page.after)
    .orderBy('id')
    .limit(page.limit);
  if (page.listId !== undefined) query = query.where('list_id', '=', page.listId);
  return (await query.execute()).map(toHeld);
}

/** Waiting items whose time is over, at most `limit`. */
export async function listExpired(db: Db, now: number, limit: number): Promise<Held[]> {
  const rows = await db
    .selectFrom('held')
    .selectAll()
    .where('decided_at', 'is', null)
    .where('expires_at', '<=', now)
    .orderBy('expires_at')
    .orderBy('id')
    .limit(limit)
    .execute();
  return rows.map(toHeld);
}

/** Writes the decision unless somebody else was first; tells whether it was ours. */
export async function decideHeld(
  tx: Db,
  id: number,
  decision: {
    kind: HeldDecision;
    by: string;
    at: number;
    postId?: number;
    /** When the other moderators are to hear of it. */
    tellAt?: number;
  },
): Promise<boolean> {
  const result = await tx
    .updateTable('held')
    .set({
      decided_at: decision.at,
      decision: decision.kind,
      decided_by: decision.by,
      post_id: decision.postId ?? null,
      notice_at: null,
      tell_at: decision.tellAt ?? null,
    })
    .where('id', '=', id)
    .where('decided_at', 'is', null)
    .executeTakeFirst();
  return result.numUpdatedRows === 1n;
}

/** Marks that somebody is looking into it, or with null that nobody is; false when it does not wait any more. */
export async function claimHeld(
  tx: Db,
  id: number,
  { by, at }: { readonly by: string | null; readonly at: number },
): Promise<boolean> {
  const { numUpdatedRows } = await tx
    .updateTable('held')
    .set({ claimed_by: by, claimed_at: by === null ? null : at })
    .where('id', '=', id)
    .where('decided_at', 'is', null)
    .executeTakeFirstOrThrow();
  return numUpdatedRows === 1n;
}

/** It was judged again and still waits: from now on with these reasons. */
export async function rejudgeHeld(
  tx: Db,
  id: number,
  { checks, reasons }: Pick<Held, 'checks' | 'reasons'>,
): Promise<void> {
  await tx
    .updateTable('held')
    .set({ checks: storedJson(checks), reasons: JSON.stringify(reasons) })
    .where('id', '=', id)
    .execute();
}

/** Nobody will decide any more about what waits for a list that is deleted. */
export async function discardHeldOfList(
  tx: Db,
  listId: number,
  { by, at }: { readonly by: string; readonly at: number },
): Promise<void> {
  await tx
    .updateTable('held')
    .set({ decided_at: at, decision: 'discarded' satisfies HeldDecision, decided_by: by, notice_at: null })
    .where('list_id', '=', listId)
    .where('decided_at', 'is', null)
    .execute();
}

type HeldRow = Selectable<Schema['held']>;

function toHeld(row: HeldRow): Held {
  return {
    id: row.id,
    listId: row.list_id,
    bodyId: row.body_id,
    messageId: row.message_id,
    bodyHash: row.body_hash,
    envelopeSender: row.envelope_sender,
    trace: row.trace,
    authorEmail: row.author_email,
    authorName: row.author_name,
    subject: row.subject,
    reasons: JSON.parse(row.reasons) as Reason[],
    checks: JSON.parse(row.checks) as Checks,
    spam: row.spam === 1,
    heldAt: row.held_at,
    expiresAt: row.expires_at,
    noticedAt: row.noticed_at,
    noticeAt: row.notice_at,
    claimedBy: row.claimed_by,
    claimedAt: row.claimed_at,
    decidedAt: row.decided_at,
    decision: row.decision as HeldDecision | null,
    decidedBy: row.decided_by,
    postId: row.post_id,
  };
}
