import type { TokenKind } from '../domain/token.ts';
import { chunks } from './chunks.ts';
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

/** Marks it used, with what came of it. */
export async function finishOne(tx: Db, token: StoredToken, at: number, result: string): Promise<void> {
  await tx.updateTable('tokens').set({ done_at: at, result }).where('id', '=', token.id).execute();
}

/** Marks every token used that asked different people the same question: the first answer is the answer. */
export async function finishAlike(tx: Db, token: StoredToken, at: number, result: string): Promise<void> {
  await tx
    .updateTable('tokens')
    .set({ done_at: at, result })
    .where('kind', '=', token.kind)
    .where((e) => (token.listId === null ? e('list_id', 'is', null) : e('list_id', '=', token.listId)))
    .where('payload', '=', JSON.stringify(token.payload))
    .where('done_at', 'is', null)
    .execute();
}

/** Whether another address has said yes to the same question. */
export async function isTokenDone(
  db: Db,
  asked: { kind: TokenKind; email: string; payload: unknown },
): Promise<boolean> {
  const row = await db
    .selectFrom('tokens')
    .select('id')
    .where('email', '=', asked.email)
    .where('kind', '=', asked.kind)
    .where('payload', '=', JSON.stringify(asked.payload))
    .where('done_at', 'is not', null)
    .executeTakeFirst();
  return row !== undefined;
}

/** Ends what these addresses were asked about a list, because it cannot reach them, or is not to be had any more. */
export async function callOffTokens(
  tx: Db,
  asked: {
    readonly kind: TokenKind;
    readonly listId: number;
    readonly emails: readonly string[];
    readonly now: number;
    readonly result: string;
  },
): Promise<void> {
  for (const some of chunks(asked.emails)) {
    await tx
      .updateTable('tokens')
      .set({ done_at: asked.now, result: asked.result })
      .where('kind', '=', asked.kind)
      .where('list_id', '=', asked.listId)
      .where('email', 'in', some)
      .where('done_at', 'is', null)
      .execute();
  }
}
