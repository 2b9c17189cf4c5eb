import { chunks } from './chunks.ts';
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
    const rows = await tx
      .insertInto('posts')
      .values(
        chunk.map((post, i) => ({
          list_id: into.listId,
          number: first + i,
          body_id: bodies.get(post.body.sha256.toString('hex')) ?? 0,
          message_id: post.messageId,
          hash: post.hash,
          body_hash: post.bodyHash,
          author_email: post.authorEmail,
          author_name: post.authorName,
          subject: post.subject,
          sent_at: post.sentAt,
          received_at: post.receivedAt,
          imported_at: into.now,
          indexed_at: into.now,
        })),
      )
      .returning(['id', 'message_id'])
      .execute();
    for (const row of rows) ids.set(row.message_id, row.id);
  }
  return ids;
}

/** Ids by SHA-256 in hex. Two posts may share a body; one that is stored already stays as it is. */
async function storeBodies(
  tx: Db,
  posts: readonly ImportedPost[],
  now: number,
): Promise<Map<string, number>> {
  const distinct = new Map(posts.map(({ body }) => [body.sha256.toString('hex'), body]));
  const rows = await tx
    .insertInto('bodies')
    .values(
      [...distinct.values()].map(({ sha256, raw, deflated }) => ({
        sha256,
        raw: deflated ? Buffer.from(deflated) : raw,
        bytes: raw.length,
        encoding: deflated ? ('deflate' as const) : ('identity' as const),
        created_at: now,
      })),
    )
    .onConflict((c) => c.column('sha256').doUpdateSet({ created_at: now }))
    .returning(['id', 'sha256'])
    .execute();
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
