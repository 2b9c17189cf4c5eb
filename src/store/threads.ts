import { sql } from 'kysely';
import {
  type Fallback,
  fallbacksOf,
  type Likeness,
  mayLoop,
  subjectWindow,
  type ThreadNode,
} from '../domain/thread-rules.ts';
import { placeInThreads } from '../domain/threads.ts';
import { chunks } from './chunks.ts';
import { type Given, statement } from './statement.ts';
import type { Db } from './store.ts';
import { type StoredNode, storePlacement, type ThreadPost } from './thread-placement.ts';

export type { ThreadPost };

/** Places posts of one list, in the order they came, with a number of statements that does not depend on how many they are. */
export async function threadPosts(tx: Db, listId: number, posts: readonly ThreadPost[]): Promise<void> {
  const known = await loadNamed(tx, listId, posts);
  const byName = new Map(known.map((node) => [node.messageId, node]));
  const ancestors = mayLoop(posts, byName) ? await loadAncestors(tx, known) : [];
  const placement = placeInThreads(
    {
      nodes: [...known, ...ancestors],
      sizes: await loadSizes(tx, [...known, ...ancestors]),
      likenesses: await loadLikenesses(tx, listId, posts),
    },
    posts,
  );
  await storePlacement(tx, { listId, placement, posts, known: byName });
}

/**
 * Forgets some of a list's threads, or of all, up to the id `upTo`; their posts are to be placed again. Returns how many. A locked
 * one stays, because the lock is of this thread: its posts find their places taken.
 */
export async function forgetThreads(
  tx: Db,
  some: { readonly listId: number | undefined; readonly upTo: number; readonly limit: number },
): Promise<number> {
  const old = tx
    .selectFrom('threads')
    .select('id')
    .where('id', '<=', some.upTo)
    .where('locked_at', 'is', null);
  const doomed = await (some.listId === undefined ? old : old.where('list_id', '=', some.listId))
    .limit(some.limit)
    .execute();
  const ids = doomed.map((row) => row.id);
  if (ids.length === 0) return 0;
  await tx.deleteFrom('thread_nodes').where('thread_id', 'in', ids).execute();
  await tx.deleteFrom('threads').where('id', 'in', ids).execute();
  return ids.length;
}

/** The greatest id of a thread; 0 when there is none. */
export async function lastThread(db: Db): Promise<number> {
  const row = await db
    .selectFrom('threads')
    .select((e) => e.fn.max('id').as('id'))
    .executeTakeFirst();
  return row?.id ?? 0;
}

async function loadNamed(tx: Db, listId: number, posts: readonly ThreadPost[]): Promise<StoredNode[]> {
  const names = [...new Set(posts.flatMap((post) => [...post.chain, post.messageId]))];
  const found: StoredNode[] = [];
  for (const chunk of chunks(names)) {
    const rows = await nodes(tx)
      .select('post_id as postId')
      .where('list_id', '=', listId)
      .where('message_id', 'in', chunk)
      .execute();
    found.push(...rows);
  }
  return found;
}

/** As many ancestors as matter in life; a chain that is longer keeps the links it has. */
const ancestorsLoaded = 5000;

async function loadAncestors(tx: Db, of: readonly ThreadNode[]): Promise<ThreadNode[]> {
  const parents = [...new Set(of.flatMap((node) => node.parent ?? []))];
  const { rows } = await sql<ThreadNode>`
    with recursive above (id, message_id, parent_id, thread_id) as (
      select id, message_id, parent_id, thread_id from thread_nodes where id in (${sql.join(parents.length > 0 ? parents : [0])})
      union
      select node.id, node.message_id, node.parent_id, node.thread_id
      from above join thread_nodes as node on node.id = above.parent_id
    )
    select id, message_id as "messageId", parent_id as parent, thread_id as thread from above limit ${ancestorsLoaded}`.execute(
    tx,
  );
  return rows;
}

async function loadSizes(tx: Db, of: readonly ThreadNode[]): Promise<Map<number, number>> {
  const sizes = new Map<number, number>();
  for (const chunk of chunks([...new Set(of.map((node) => node.thread))])) {
    const rows = await tx.selectFrom('threads').select(['id', 'nodes']).where('id', 'in', chunk).execute();
    for (const row of rows) sizes.set(row.id, row.nodes);
  }
  return sizes;
}

async function loadLikenesses(
  tx: Db,
  listId: number,
  posts: readonly ThreadPost[],
): Promise<Map<string, Likeness>> {
  const likenesses = new Map<string, Likeness>();
  for (const post of posts) {
    let likeness: Likeness = {};
    for (const fallback of fallbacksOf(post)) {
      const node = await findAlike(tx, { listId, sentAt: post.sentAt, fallback });
      likeness = { ...likeness, [fallback.kind === 'subject' ? 'bySubject' : 'byIndex']: node };
    }
    likenesses.set(post.messageId, likeness);
  }
  return likenesses;
}

function findAlike(
  tx: Db,
  { listId, sentAt, fallback }: { listId: number; sentAt: number; fallback: Fallback },
): Promise<ThreadNode | undefined> {
  if (fallback.kind === 'thread-index') {
    return firstOfConversation.first(tx, { listId, threadIndex: fallback.threadIndex });
  }
  const [from, to] = [sentAt - subjectWindow, sentAt + subjectWindow];
  return latestWithSubject.first(tx, { listId, base: fallback.base, from, to });
}

const firstOfConversation = statement((db: Db, given: Given<{ listId: number; threadIndex: string }>) =>
  nodes(db)
    .where('list_id', '=', given.listId)
    .where('thread_index', '=', given.threadIndex)
    .orderBy('sent_at')
    .limit(1),
);

const latestWithSubject = statement(
  (db: Db, given: Given<{ listId: number; base: string; from: number; to: number }>) =>
    nodes(db)
      .where('list_id', '=', given.listId)
      .where('base_subject', '=', given.base)
      .where('sent_at', '>=', given.from)
      .where('sent_at', '<=', given.to)
      .orderBy('sent_at', 'desc')
      .limit(1),
);

function nodes(db: Db) {
  return db
    .selectFrom('thread_nodes')
    .select(['id', 'message_id as messageId', 'parent_id as parent', 'thread_id as thread']);
}
