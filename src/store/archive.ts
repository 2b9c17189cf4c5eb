import type { Attachment } from '../domain/reading.ts';
import type { OutlineNode } from '../domain/thread-outline.ts';
import { inflateText } from './post-text.ts';
import type { Db } from './store.ts';

/** A post of the archive, as it is shown. */
export interface Post {
  readonly id: number;
  readonly listId: number;
  readonly bodyId: number;
  readonly number: number;
  readonly messageId: string;
  readonly hash: string;
  readonly authorEmail: string;
  readonly authorName: string;
  readonly subject: string;
  readonly sentAt: number;
  readonly receivedAt: number;
  readonly indexedAt: number | null;
  /** Why it could not be read; then it is shown as raw mail. */
  readonly indexError: string | null;
}

export function loadPost(db: Db, id: number): Promise<Post | undefined> {
  return posts(db).where('id', '=', id).executeTakeFirst();
}

/** The posts with these ids; what is not there is left out. */
export function loadPosts(db: Db, ids: readonly number[]): Promise<Post[]> {
  return ids.length === 0 ? Promise.resolve([]) : posts(db).where('id', 'in', ids).execute();
}

/** A list's posts, or all, in the order they were archived: at most `limit` after the id `after`. */
export function pagePosts(
  db: Db,
  page: { readonly listId?: number | undefined; readonly after: number; readonly limit: number },
): Promise<Post[]> {
  const { listId, after, limit } = page;
  const all = posts(db).where('id', '>', after);
  const some = listId === undefined ? all : all.where('list_id', '=', listId);
  return some.orderBy('id').limit(limit).execute();
}

/** The posts archived last, of a list or of all, newest first. */
export function newestPosts(
  db: Db,
  { listId, limit }: { readonly listId?: number | undefined; readonly limit: number },
): Promise<Post[]> {
  const newest =
    listId === undefined
      ? posts(db).orderBy('id', 'desc')
      : posts(db).where('list_id', '=', listId).orderBy('number', 'desc');
  return newest.limit(limit).execute();
}

/** What a post says, as plain text; undefined while it is not indexed. */
export async function textOf(db: Db, postId: number): Promise<string | undefined> {
  const row = await db
    .selectFrom('post_texts')
    .select('text')
    .where('post_id', '=', postId)
    .executeTakeFirst();
  return row && inflateText(row.text);
}

export async function attachmentsOf(db: Db, postId: number): Promise<Attachment[]> {
  const rows = await db
    .selectFrom('attachments')
    .select(['part', 'filename', 'content_type as contentType', 'bytes', 'embedded'])
    .where('post_id', '=', postId)
    .orderBy('id')
    .execute();
  return rows.map((row) => ({ ...row, embedded: row.embedded === 1 }));
}

/** The nodes of the thread that a post belongs to, phantoms too: at most `limit`, the oldest. */
export function threadNodesOf(db: Db, postId: number, limit: number): Promise<OutlineNode[]> {
  return db
    .selectFrom('posts')
    .innerJoin('thread_nodes as own', (join) =>
      join.onRef('own.list_id', '=', 'posts.list_id').onRef('own.message_id', '=', 'posts.message_id'),
    )
    .innerJoin('thread_nodes as node', 'node.thread_id', 'own.thread_id')
    .select(['node.id', 'node.parent_id as parent', 'node.post_id as postId', 'node.sent_at as sentAt'])
    .where('posts.id', '=', postId)
    .orderBy('node.id')
    .limit(limit)
    .execute();
}

function posts(db: Db) {
  return db
    .selectFrom('posts')
    .select([
      'id',
      'list_id as listId',
      'body_id as bodyId',
      'number',
      'message_id as messageId',
      'hash',
      'author_email as authorEmail',
      'author_name as authorName',
      'subject',
      'sent_at as sentAt',
      'received_at as receivedAt',
      'indexed_at as indexedAt',
      'index_error as indexError',
    ]);
}
