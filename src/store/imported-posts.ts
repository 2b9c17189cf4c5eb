import { chunks } from './chunks.ts';
import { insertRows } from './insert-rows.ts';
import type { Db } from './store.ts';

/** A post of an older archive. */
export interface ImportedPost {
  readonly messageId: string;
  readonly hash: string;
  readonly bodyHash: string;
  readonly authorEmail: string;
  readonly authorName: string;
  readonly subject: string;
  readonly sentAt: number;
  readonly receivedAt: number;
  readonly body: {
    readonly sha256: Buffer;
    readonly raw: Buffer;
    /** The same, compressed, where that pays. */
    readonly deflated?: Uint8Array | undefined;
  };
}

/** The bodies' hashes of the list's posts with these Message-IDs. */
export async function findBodyHashes(
  db: Db,
  listId: number,
  messageIds: readonly string[],
): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  for (const chunk of chunks(messageIds)) {
    const rows = await db
      .selectFrom('posts')
      .select(['message_id', 'body_hash'])
      .where('list_id', '=', listId)
      .where('message_id', 'in', chunk)
      .execute();
    for (const row of rows) found.set(row.message_id, row.body_hash);
  }
  return found;
}

/**
 * Puts them into the archive under the list's next numbers, in this order, marked as indexed: the caller does that next. Returns
 * their ids by Message-ID.
 */
export async function insertImportedPosts(
  tx: Db,
  posts: readonly ImportedPost[],
  into: { readonly listId: number; readonly now: number },
): Promise<Map<string, number>> {
  const ids = new Map<string, number>();
  for (const chunk of chunks(posts)) {
    const bodies = await storeBodies(tx, chunk, into.now);
    const first = await takeNumbers(tx, into.listId, chunk.length);
    const rows = await insertRows<{ id: number; message_id: string }>(
      tx,
      intoPosts,
      chunk.map((post, i) => [
        into.listId,
        first + i,
        bodies.get(post.body.sha256.toString('hex')),
        post.messageId,
        post.hash,
        post.bodyHash,
        post.authorEmail,
        post.authorName,
        post.subject,
        post.sentAt,
        post.receivedAt,
        into.now,
        into.now,
      ]),
    );
    for (const row of rows) ids.set(row.message_id, row.id);
  }
  return ids;
}

const intoPosts = {
  into: 'posts (list_id, number, body_id, message_id, hash, body_hash, author_email, author_name, subject, sent_at, received_at, imported_at, indexed_at)',
  row: '(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)',
  ending: 'returning id, message_id',
};

const intoBodies = {
  into: 'bodies (sha256, raw, bytes, encoding, created_at)',
  row: '(?, ?, ?, ?, ?)',
  ending: 'on conflict (sha256) do update set created_at = excluded.created_at returning id, sha256',
};

/** Ids by SHA-256 in hex. Two posts may share a body; one that is stored already stays as it is. */
async function storeBodies(
  tx: Db,
  posts: readonly ImportedPost[],
  now: number,
): Promise<Map<string, number>> {
  const distinct = new Map(posts.map(({ body }) => [body.sha256.toString('hex'), body]));
  const rows = await insertRows<{ id: number; sha256: Buffer }>(
    tx,
    intoBodies,
    [...distinct.values()].map(({ sha256, raw, deflated }) => [
      sha256,
      deflated ? Buffer.from(deflated.buffer, deflated.byteOffset, deflated.byteLength) : raw,
      raw.length,
      deflated ? 'deflate' : 'identity',
      now,
    ]),
  );
  return new Map(rows.map((row) => [row.sha256.toString('hex'), row.id]));
}

async function takeNumbers(tx: Db, listId: number, count: number): Promise<number> {
  const { next_number } = await tx
    .updateTable('lists')
    .set((e) => ({ next_number: e('next_number', '+', count) }))
    .where('id', '=', listId)
    .returning('next_number')
    .executeTakeFirstOrThrow();
  return next_number - count;
}
