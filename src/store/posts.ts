import type { Author } from '../domain/incoming.ts';
import type { Db } from './store.ts';

export interface NewPost {
  readonly listId: number;
  readonly bodyId: number;
  readonly messageId: string;
  /** messageIdHash(messageId): the permalink. */
  readonly hash: string;
  readonly bodyHash: string;
  readonly author: Pick<Author, 'name'> & { readonly email: string };
  readonly subject: string;
  readonly sentAt: number;
  readonly receivedAt: number;
  readonly importedAt?: number;
}

/** Puts a post into the archive under the list's next number; numbers are never reused. */
export async function insertPost(tx: Db, post: NewPost): Promise<{ id: number; number: number }> {
  const { next_number } = await tx
    .updateTable('lists')
    .set((e) => ({ next_number: e('next_number', '+', 1) }))
    .where('id', '=', post.listId)
    .returning('next_number')
    .executeTakeFirstOrThrow();
  const number = next_number - 1;
  const { id } = await tx
    .insertInto('posts')
    .values({
      list_id: post.listId,
      number,
      body_id: post.bodyId,
      message_id: post.messageId,
      hash: post.hash,
      body_hash: post.bodyHash,
      author_email: post.author.email,
      author_name: post.author.name,
      subject: post.subject,
      sent_at: post.sentAt,
      received_at: post.receivedAt,
      imported_at: post.importedAt ?? null,
    })
    .returning('id')
    .executeTakeFirstOrThrow();
  return { id, number };
}

/** Where this Message-ID has been seen on the list before: posted, or waiting for a moderator. */
export interface EarlierCopy {
  readonly where: 'archive' | 'held';
  readonly id: number;
  readonly bodyHash: string;
}

export async function findEarlierCopy(
  db: Db,
  listId: number,
  messageId: string,
): Promise<EarlierCopy | undefined> {
  const row = await db
    .selectFrom('posts')
    .select((e) => [e.val('archive').as('where'), 'id', 'body_hash'])
    .where('list_id', '=', listId)
    .where('message_id', '=', messageId)
    .unionAll((e) =>
      e
        .selectFrom('held')
        .select((h) => [h.val('held').as('where'), 'id', 'body_hash'])
        .where('list_id', '=', listId)
        .where('message_id', '=', messageId)
        .where('decided_at', 'is', null),
    )
    .limit(1)
    .executeTakeFirst();
  return row && { where: row.where === 'held' ? 'held' : 'archive', id: row.id, bodyHash: row.body_hash };
}

/** What an index line and a mailed post need. */
export interface ArchivedPost {
  readonly id: number;
  readonly number: number;
  readonly bodyId: number;
  readonly hash: string;
  readonly authorEmail: string;
  readonly authorName: string;
  readonly subject: string;
  readonly sentAt: number;
}

/** The newest posts of a list, newest first. */
export async function recentPosts(db: Db, listId: number, limit: number): Promise<ArchivedPost[]> {
  const rows = await selectPosts(db, listId).orderBy('number', 'desc').limit(limit).execute();
  return rows.map(toArchivedPost);
}

/** One post by its number or its permalink hash. */
export async function findPost(
  db: Db,
  listId: number,
  which: { readonly number: number } | { readonly hash: string },
): Promise<ArchivedPost | undefined> {
  const posts = selectPosts(db, listId);
  const one =
    'number' in which ? posts.where('number', '=', which.number) : posts.where('hash', '=', which.hash);
  const row = await one.limit(1).executeTakeFirst();
  return row && toArchivedPost(row);
}

function selectPosts(db: Db, listId: number) {
  return db
    .selectFrom('posts')
    .select(['id', 'number', 'body_id', 'hash', 'author_email', 'author_name', 'subject', 'sent_at'])
    .where('list_id', '=', listId);
}

function toArchivedPost(row: {
  id: number;
  number: number;
  body_id: number;
  hash: string;
  author_email: string;
  author_name: string;
  subject: string;
  sent_at: number;
}): ArchivedPost {
  return {
    id: row.id,
    number: row.number,
    bodyId: row.body_id,
    hash: row.hash,
    authorEmail: row.author_email,
    authorName: row.author_name,
    subject: row.subject,
    sentAt: row.sent_at,
  };
}
