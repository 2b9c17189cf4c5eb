import type { TokenKind } from '../domain/token.ts';
import type { Db } from './store.ts';

/** A promise to do something once somebody proves they hold the token; only its SHA-256 is stored. */
export interface StoredToken {
  readonly id: number;
  readonly kind: TokenKind;
  readonly listId: number | null;
  /** The address it was mailed to, and the one it acts on. */
  readonly email: string;
  readonly payload: unknown;
  /** describeActor of whoever asked, for the audit trail. */
  readonly askedBy: string;
  readonly createdAt: number;
  readonly expiresAt: number;
  readonly doneAt: number | null;
  readonly result: string | null;
}

export type NewToken = Omit<StoredToken, 'id' | 'doneAt' | 'result'> & { readonly sha256: Buffer };

export async function insertToken(tx: Db, token: NewToken): Promise<number> {
  const { id } = await tx
    .insertInto('tokens')
    .values({
      kind: token.kind,
      sha256: token.sha256,
      list_id: token.listId,
      email: token.email,
      payload: JSON.stringify(token.payload),
      asked_by: token.askedBy,
      created_at: token.createdAt,
      expires_at: token.expiresAt,
    })
    .returning('id')
    .executeTakeFirstOrThrow();
  return id;
}

export async function findToken(db: Db, sha256: Buffer): Promise<StoredToken | undefined> {
  const row = await db.selectFrom('tokens').selectAll().where('sha256', '=', sha256).executeTakeFirst();
  return (
    row && {
      id: row.id,
      kind: row.kind as TokenKind,
      listId: row.list_id,
      email: row.email,
      payload: JSON.parse(row.payload) as unknown,
      askedBy: row.asked_by,
      createdAt: row.created_at,
      expiresAt: row.expires_at,
      doneAt: row.done_at,
      result: row.result,
    }
  );
}

/** Marks it used, with what came of it; false when it was used before. */
export async function finishToken(tx: Db, id: number, at: number, result: string): Promise<boolean> {
  const done = await tx
    .updateTable('tokens')
    .set({ done_at: at, result })
    .where('id', '=', id)
    .where('done_at', 'is', null)
    .executeTakeFirst();
  return done.numUpdatedRows === 1n;
}

/** Used and expired tokens stay 30 days, so that a second press gets a friendly answer; then they go, at most `limit` a call. */
export async function pruneTokens(tx: Db, before: number, limit: number): Promise<number> {
  const result = await tx
    .deleteFrom('tokens')
    .where('id', 'in', (e) =>
      e.selectFrom('tokens').select('id').where('expires_at', '<', before).limit(limit),
    )
    .executeTakeFirst();
  return Number(result.numDeletedRows);
}
