import { baseSubject } from '../domain/base-subject.ts';
import type { MailFacts } from '../domain/incoming.ts';
import type { Reading } from '../domain/reading.ts';
import { foldText } from '../domain/search-words.ts';
import { referenceChain } from '../domain/thread-rules.ts';
import { chunks } from './chunks.ts';
import { insertRows } from './insert-rows.ts';
import { deflateText } from './post-text.ts';
import { wordIndex } from './search.ts';
import type { PostWords } from './search-index.ts';
import { type SearchKey, takeSearchKeys } from './search-key.ts';
import { type Given, statement } from './statement.ts';
import type { Capabilities, Db } from './store.ts';
import { threadPosts } from './threads.ts';

/** A post whose text, attachments and thread nobody has read yet. */
export interface UnindexedPost {
  readonly postId: number;
  readonly listId: number;
  readonly bodyId: number;
  /** Of the raw message. */
  readonly bytes: number;
  readonly messageId: string;
  readonly subject: string;
  readonly authorName: string;
  readonly authorEmail: string;
  readonly sentAt: number;
  readonly receivedAt: number;
}

/** What was read of one post. */
export interface IndexEntry {
  readonly post: Omit<UnindexedPost, 'bodyId' | 'bytes'>;
  readonly facts: Pick<MailFacts, 'inReplyTo' | 'references' | 'threadIndex'>;
  readonly reading: Reading;
}

/** The oldest of them, in the order they were archived. */
export function unindexedPosts(db: Db, limit: number): Promise<UnindexedPost[]> {
  return oldestUnindexed.all(db, { limit });
}

/**
 * Writes text, attachments, thread and search index of these posts and marks them indexed, all in the caller's transaction. Those
 * that another node has indexed meanwhile are left as they are.
 */
export async function indexPosts(
  tx: Db,
  entries: readonly IndexEntry[],
  how: { readonly fullText: Capabilities['fullText']; readonly now: number },
): Promise<void> {
  const ours = await markIndexed(
    tx,
    entries.map(({ post }) => post.postId),
    how.now,
  );
  await writeIndex(
    tx,
    entries.filter(({ post }) => ours.has(post.postId)),
    how.fullText,
  );
}

/** The same for posts that the caller has just inserted, and marked as indexed. */
export async function writeIndex(
  tx: Db,
  entries: readonly IndexEntry[],
  fullText: Capabilities['fullText'],
): Promise<void> {
  for (const [listId, ofList] of byList(entries)) await threadPosts(tx, listId, ofList.map(toThreadPost));
  const keys = await takeSearchKeys(
    tx,
    entries.map(({ post }) => post),
  );
  const keyOf = ({ post }: IndexEntry) => keys.get(post.postId) ?? 0;
  await insertTexts(tx, entries, keyOf);
  await insertAttachments(tx, entries);
  await wordIndex(fullText).add(
    tx,
    entries.map((entry) => wordsOf(entry, keyOf(entry))),
  );
  for (const { post, reading } of entries) {
    if (reading.kind === 'unreadable') await noteError.run(tx, { id: post.postId, why: reading.why });
  }
}

/** Marks posts as done and returns the ones that were not before. */
export async function markIndexed(tx: Db, postIds: readonly number[], now: number): Promise<Set<number>> {
  const marked = new Set<number>();
  for (const chunk of chunks(postIds)) {
    const rows = await tx
      .updateTable('posts')
      .set({ indexed_at: now, index_error: null })
      .where('id', 'in', chunk)
      .where('indexed_at', 'is', null)
      .returning('id')
      .execute();
    for (const row of rows) marked.add(row.id);
  }
  return marked;
}

/** Takes what was read of these posts away again: text, words, attachments; threads are forgotten a list at a time. */
export async function forgetIndex(
  tx: Db,
  postIds: readonly number[],
  fullText: Capabilities['fullText'],
): Promise<void> {
  for (const chunk of chunks(postIds)) {
    const gone = await tx
      .deleteFrom('post_texts')
      .where('post_id', 'in', chunk)
      .returning('search_key')
      .execute();
    await wordIndex(fullText).remove(
      tx,
      gone.map((row) => row.search_key),
    );
    await tx.deleteFrom('attachments').where('post_id', 'in', chunk).execute();
    await tx
      .updateTable('posts')
      .set({ indexed_at: null, index_error: null })
      .where('id', 'in', chunk)
      .execute();
  }
}

const oldestUnindexed = statement((db: Db, given: Given<{ limit: number }>) =>
  db
    .selectFrom('posts')
    .innerJoin('bodies', 'bodies.id', 'posts.body_id')
    .select([
      'posts.id as postId',
      'posts.list_id as listId',
      'posts.body_id as bodyId',
      'bodies.bytes',
      'posts.message_id as messageId',
      'posts.subject',
      'posts.author_name as authorName',
      'posts.author_email as authorEmail',
      'posts.sent_at as sentAt',
      'posts.received_at as receivedAt',
    ])
    .where('posts.indexed_at', 'is', null)
    .orderBy('posts.id')
    .limit(given.limit),
);

const noteError = statement((db: Db, given: Given<{ id: number; why: string }>) =>
  db.updateTable('posts').set({ index_error: given.why }).where('id', '=', given.id),
);

function byList(entries: readonly IndexEntry[]): Map<number, IndexEntry[]> {
  const lists = new Map<number, IndexEntry[]>();
  for (const entry of entries) {
    const ofList = lists.get(entry.post.listId) ?? [];
    ofList.push(entry);
    lists.set(entry.post.listId, ofList);
  }
  return lists;
}

function toThreadPost({ post, facts }: IndexEntry) {
  const { base, isReply } = baseSubject(post.subject);
  return {
    postId: post.postId,
    messageId: post.messageId,
    chain: referenceChain({ ...facts, messageId: post.messageId }),
    baseSubject: base,
    isReply,
    threadIndex: facts.threadIndex,
    sentAt: post.sentAt,
  };
}

async function insertTexts(
  tx: Db,
  entries: readonly IndexEntry[],
  keyOf: (entry: IndexEntry) => SearchKey,
): Promise<void> {
  for (const chunk of chunks(entries)) {
    await insertRows(
      tx,
      intoTexts,
      chunk.map((entry) => [
        entry.post.postId,
        keyOf(entry),
        entry.reading.kind === 'read' ? Buffer.from(entry.reading.text) : deflateText(''),
      ]),
    );
  }
}

const intoTexts = { into: 'post_texts (post_id, search_key, text)', row: '(?, ?, ?)' };

async function insertAttachments(tx: Db, entries: readonly IndexEntry[]): Promise<void> {
  const rows = entries.flatMap(({ post, reading }) =>
    reading.kind === 'unreadable'
      ? []
      : reading.attachments.map((attachment) => ({
          post_id: post.postId,
          part: attachment.part,
          filename: attachment.filename,
          content_type: attachment.contentType,
          bytes: attachment.bytes,
          embedded: Number(attachment.embedded),
        })),
  );
  for (const chunk of chunks(rows)) await tx.insertInto('attachments').values(chunk).execute();
}

function wordsOf({ post, reading }: IndexEntry, key: SearchKey): PostWords {
  const attachments =
    reading.kind === 'read' ? reading.attachments.filter((attachment) => !attachment.embedded) : [];
  return {
    key,
    listId: post.listId,
    subject: foldText(post.subject),
    author: foldText(`${post.authorName} ${post.authorEmail}`),
    own: reading.kind === 'read' ? reading.own : '',
    quoted: reading.kind === 'read' ? reading.quoted : '',
    filenames: foldText(attachments.map((attachment) => attachment.filename).join(' ')),
    attachment: attachments.length > 0,
  };
}
