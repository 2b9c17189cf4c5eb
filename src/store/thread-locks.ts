import { sql } from 'kysely';
import { jsonTexts } from './json-rows.ts';
import { type Given, statement } from './statement.ts';
import type { Db } from './store.ts';

/** A conversation, as far as closing it goes. */
export interface ThreadLock {
  readonly threadId: number;
  readonly posts: number;
  readonly lockedAt: number | null;
}

/** The thread of a post; undefined while the post is not indexed. */
export async function threadOfPost(db: Db, postId: number): Promise<ThreadLock | undefined> {
  return db
    .selectFrom('posts')
    .innerJoin('thread_nodes as node', (join) =>
      join.onRef('node.list_id', '=', 'posts.list_id').onRef('node.message_id', '=', 'posts.message_id'),
    )
    .innerJoin('threads', 'threads.id', 'node.thread_id')
    .select(['threads.id as threadId', 'threads.posts', 'threads.locked_at as lockedAt'])
    .where('posts.id', '=', postId)
    .executeTakeFirst();
}

/** `lockedAt` null opens it again. */
export async function setThreadLock(tx: Db, threadId: number, lockedAt: number | null): Promise<void> {
  await tx.updateTable('threads').set({ locked_at: lockedAt }).where('id', '=', threadId).execute();
}

/** Whether any of these messages belongs to a locked conversation of the list. One statement: it runs for each answer. */
export async function isLockedAmong(db: Db, listId: number, messageIds: readonly string[]): Promise<boolean> {
  const row = await lockedAmong.first(db, { listId, messageIds: JSON.stringify(messageIds) });
  return row !== undefined;
}

const lockedAmong = statement((db: Db, given: Given<{ listId: number; messageIds: string }>) =>
  db
    .selectFrom('thread_nodes as node')
    .innerJoin('threads', 'threads.id', 'node.thread_id')
    .select(sql.lit(1).as('locked'))
    .where('node.list_id', '=', given.listId)
    .where('node.message_id', 'in', jsonTexts(db, given.messageIds))
    .where('threads.locked_at', 'is not', null)
    .limit(1),
);
