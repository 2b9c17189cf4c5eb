import { type RawBuilder, sql } from 'kysely';
import type { IdentityClass } from '../domain/identity.ts';
import type { Author } from '../domain/incoming.ts';
import type { OwnPost } from '../domain/self-answer.ts';
import { isPostgres } from './json-rows.ts';
import { takeNumber } from './lists.ts';
import { type Given, insertion, statement } from './statement.ts';
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
  const number = await takeNumber(tx, post.listId);
  const id = await insertRow(tx, {
    ...post,
    number,
    authorEmail: post.author.email,
    authorName: post.author.name,
    importedAt: post.importedAt ?? null,
  });
  if (id === undefined) throw new Error('an insert gave no row');
  return { id, number };
}

/** Where this Message-ID has been seen on the list before: posted, or waiting for a moderator. */
export interface EarlierCopy {
  readonly where: 'archive' | 'held';
  readonly id: number;
  readonly bodyHash: string;
  /** Of one that was posted: under the name of this author. */
  readonly sameAuthor: boolean;
  /** Of one that waits: how sure we are that its author wrote it. */
  readonly identity?: IdentityClass;
}

/**
 * Posted by anybody, or waiting under the name of this author; the posted one first, then the best proved, the oldest first. With them the same text,
 * of this author, that has waited and was decided about by somebody, where it came after `heldAfter`: its sender may not have heard the answer.
 */
export async function findEarlierCopies(
  db: Db,
  listId: number,
  mail: {
    readonly messageId: string;
    readonly bodySha256: string;
    readonly author?: { readonly email: string };
    /** Epoch milliseconds. */
    readonly heldAfter: number;
  },
): Promise<EarlierCopy[]> {
  const { messageId, bodySha256, author, heldAfter } = mail;
  const authorEmail = author?.email ?? '';
  const rows = await earlierCopies.all(db, { listId, messageId, authorEmail, bodySha256, heldAfter });
  return rows.map(({ where, id, body_hash: bodyHash, author_email, identity }) => {
    const copy = { id, bodyHash, sameAuthor: author_email === authorEmail };
    return where === 'held'
      ? { ...copy, where, identity: identity as IdentityClass }
      : { ...copy, where: 'archive' };
  });
}

/** Whether the list's archive has a post of this Message-ID. */
export async function isArchived(db: Db, listId: number, messageId: string): Promise<boolean> {
  return (await archivedOne.first(db, { listId, messageId })) !== undefined;
}

/** How many posts of an author the list's archive has; counts no further than `limit`. */
export async function countPostsOf(
  db: Db,
  listId: number,
  authorEmail: string,
  limit: number,
): Promise<number> {
  return (await postsOfAuthor.all(db, { listId, authorEmail, limit })).length;
}

/** Of the 20 posts of an author that came to a list last, those since a moment, newest first. */
export function postsSince(
  db: Db,
  author: { readonly listId: number; readonly authorEmail: string; readonly since: number },
): Promise<OwnPost[]> {
  return postsOfAuthorSince
    .all(db, author)
    .then((rows) => rows.map((row) => ({ messageId: row.message_id, receivedAt: row.received_at })));
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

interface PostColumns extends Omit<NewPost, 'author' | 'importedAt'> {
  readonly number: number;
  readonly authorEmail: string;
  readonly authorName: string;
  readonly importedAt: number | null;
}

const insertRow = insertion((db: Db, given: Given<PostColumns>) =>
  db.insertInto('posts').values({
    list_id: given.listId,
    number: given.number,
    body_id: given.bodyId,
    message_id: given.messageId,
    hash: given.hash,
    body_hash: given.bodyHash,
    author_email: given.authorEmail,
    author_name: given.authorName,
    subject: given.subject,
    sent_at: given.sentAt,
    received_at: given.receivedAt,
    imported_at: given.importedAt,
  }),
);

interface CopyQuestion {
  readonly listId: number;
  readonly messageId: string;
  readonly authorEmail: string;
  readonly bodySha256: string;
  readonly heldAfter: number;
}

const earlierCopies = statement((db: Db, given: Given<CopyQuestion>) =>
  db
    .selectFrom('posts')
    .select(['id', 'body_hash', 'author_email'])
    .select([sql.lit('archive').as('where'), sql<string>`''`.as('identity')])
    .where('list_id', '=', given.listId)
    .where('message_id', '=', given.messageId)
    .unionAll((eb) =>
      eb
        .selectFrom('held')
        .select(['id', 'body_hash', 'author_email'])
        .select([sql.lit('held').as('where'), identityClass(db).as('identity')])
        .where('list_id', '=', given.listId)
        .where('message_id', '=', given.messageId)
        .where('author_email', '=', given.authorEmail)
        .where(({ or, and, eb: e }) =>
          or([
            e('decided_at', 'is', null),
            and([
              e('body_hash', '=', given.bodySha256),
              e('held_at', '>', given.heldAfter),
              // That nobody found the time is no decision.
              e('decision', '<>', sql.lit('expired')),
            ]),
          ]),
        ),
    )
    .orderBy('where')
    .orderBy('identity', 'desc') // verified, unverified, failed
    .orderBy('id')
    .limit(20),
);

const archivedOne = statement((db: Db, given: Given<{ listId: number; messageId: string }>) =>
  db
    .selectFrom('posts')
    .select('id')
    .where('list_id', '=', given.listId)
    .where('message_id', '=', given.messageId),
);

function identityClass(db: Db): RawBuilder<string> {
  return isPostgres(db)
    ? sql`cast(checks as jsonb) -> 'identity' ->> 'class'`
    : sql`json_extract(checks, '$.identity.class')`;
}

const postsOfAuthor = statement(
  (db: Db, given: Given<{ listId: number; authorEmail: string; limit: number }>) =>
    db
      .selectFrom('posts')
      .select('id')
      .where('list_id', '=', given.listId)
      .where('author_email', '=', given.authorEmail)
      .limit(given.limit),
);

// The newest first and then those since: the other way round all that the author ever wrote is read, 30 ms for 50,000 posts.
const postsOfAuthorSince = statement(
  (db: Db, given: Given<{ listId: number; authorEmail: string; since: number }>) =>
    db
      .selectFrom((eb) =>
        eb
          .selectFrom('posts')
          .select(['id', 'message_id', 'received_at'])
          .where('list_id', '=', given.listId)
          .where('author_email', '=', given.authorEmail)
          .orderBy('id', 'desc')
          .limit(20)
          .as('newest'),
      )
      .select(['message_id', 'received_at'])
      .where('received_at', '>', given.since)
      .orderBy('id', 'desc'),
);

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

/** How many posts some lists have had since a moment, imports left out. */
export async function countPostsSince(db: Db, listIds: readonly number[], since: number): Promise<number> {
  if (listIds.length === 0) return 0;
  const row = await db
    .selectFrom('posts')
    .select((eb) => eb.fn.countAll<number>().as('posts'))
    .where('list_id', 'in', [...listIds])
    .where('received_at', '>', since)
    .where('imported_at', 'is', null)
    .executeTakeFirst();
  return row?.posts ?? 0;
}
