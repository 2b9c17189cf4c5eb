import { sql } from 'kysely';
import type { Arrival, ThreadNode } from '../domain/thread-rules.ts';
import type { PlacedNode, Placement } from '../domain/threads.ts';
import { chunks } from './chunks.ts';
import { insertRows } from './insert-rows.ts';
import type { Db } from './store.ts';

/** A post to be placed among the list's threads. */
export interface ThreadPost extends Arrival {
  readonly postId: number;
}

/** A node, and whose post it holds already. */
export interface StoredNode extends ThreadNode {
  readonly postId: number | null;
}

export interface Placed {
  readonly listId: number;
  readonly placement: Placement;
  readonly posts: readonly ThreadPost[];
  /** By Message-ID. */
  readonly known: ReadonlyMap<string, StoredNode>;
}

/** Writes what `placeInThreads` found. */
export async function storePlacement(tx: Db, placed: Placed): Promise<void> {
  const { listId, placement, posts, known } = placed;
  for (const merge of placement.merges) await mergeThread(tx, merge);
  const fresh = placement.nodes.filter((node) => node.id < 0);
  const ids = await insertNodes(tx, placed, fresh);
  const real = (id: number) => (id < 0 ? (ids.get(id) ?? 0) : id);
  // New nodes below known ones are right already.
  const loose = placement.nodes.filter((node) => node.id > 0 || !isRooted(node));
  await updateLinks(
    tx,
    loose.map(({ id, parent, thread }) => ({
      id: real(id),
      parent: parent === null ? null : real(parent),
      thread: real(thread),
    })),
  );
  await fillPhantoms(
    tx,
    posts.filter((post) => known.has(post.messageId)),
    known,
  );
  await countThreads(tx, listId, tallies(placed, real));
}

async function mergeThread(tx: Db, { from, into }: Placement['merges'][number]): Promise<void> {
  await tx.updateTable('thread_nodes').set({ thread_id: into }).where('thread_id', '=', from).execute();
  await tx
    .updateTable('threads')
    .from('threads as gone')
    .set((e) => ({
      nodes: e('threads.nodes', '+', e.ref('gone.nodes')),
      posts: e('threads.posts', '+', e.ref('gone.posts')),
      last_at: later('threads.last_at', 'gone.last_at'),
      // Who closes a conversation means all of it.
      locked_at: e.fn.coalesce('threads.locked_at', 'gone.locked_at'),
    }))
    .where('threads.id', '=', into)
    .where('gone.id', '=', from)
    .execute();
  await tx.deleteFrom('threads').where('id', '=', from).execute();
}

/** The engines name the greater of two values differently. */
function later(one: string, other: string) {
  const [a, b] = [sql.ref<number>(one), sql.ref<number>(other)];
  return sql<number>`case when ${a} > ${b} then ${a} else ${b} end`;
}

/** Whether all that the node refers to has its final id. */
function isRooted({ parent, thread }: PlacedNode): boolean {
  return thread > 0 && (parent === null || parent > 0);
}

/** New nodes, with the facts of the posts among them; returns their ids by the ones they had until now. */
async function insertNodes(
  tx: Db,
  { listId, posts }: Placed,
  fresh: readonly PlacedNode[],
): Promise<Map<number, number>> {
  const postOf = new Map(posts.map((post) => [post.messageId, post]));
  const byName = new Map<string, number>();
  for (const chunk of chunks(fresh)) {
    const rows = await insertRows<{ id: number; message_id: string }>(
      tx,
      intoNodes,
      chunk.map((node) => {
        const facts = factsOf(postOf.get(node.messageId));
        return [
          listId,
          node.messageId,
          isRooted(node) ? node.parent : null,
          isRooted(node) ? node.thread : 0,
          facts.post_id,
          facts.base_subject,
          facts.thread_index,
          facts.sent_at,
        ];
      }),
    );
    for (const row of rows) byName.set(row.message_id, row.id);
  }
  return new Map(fresh.map((node) => [node.id, byName.get(node.messageId) ?? 0]));
}

const intoNodes = {
  into: 'thread_nodes (list_id, message_id, parent_id, thread_id, post_id, base_subject, thread_index, sent_at)',
  row: '(?, ?, ?, ?, ?, ?, ?, ?)',
  ending: 'returning id, message_id',
};

function factsOf(post: ThreadPost | undefined) {
  return {
    post_id: post?.postId ?? null,
    base_subject: post?.baseSubject || null,
    thread_index: post?.threadIndex ?? null,
    sent_at: post?.sentAt ?? null,
  };
}

interface Links {
  readonly id: number;
  readonly parent: number | null;
  readonly thread: number;
}

async function updateLinks(tx: Db, links: readonly Links[]): Promise<void> {
  for (const chunk of chunks(links)) {
    const rows = chunk.map(
      ({ id, parent, thread }) =>
        sql`(cast(${id} as bigint), cast(${parent} as bigint), cast(${thread} as bigint))`,
    );
    await sql`
      with placed (id, parent_id, thread_id) as (values ${sql.join(rows)})
      update thread_nodes set parent_id = placed.parent_id, thread_id = placed.thread_id
      from placed where thread_nodes.id = placed.id`.execute(tx);
  }
}

async function fillPhantoms(
  tx: Db,
  posts: readonly ThreadPost[],
  known: ReadonlyMap<string, ThreadNode>,
): Promise<void> {
  for (const post of posts) {
    const id = known.get(post.messageId)?.id ?? 0;
    await tx.updateTable('thread_nodes').set(factsOf(post)).where('id', '=', id).execute();
  }
}

interface Tally {
  readonly nodes: number;
  readonly posts: number;
  readonly lastAt: number;
}

/** What each thread gains: new nodes, and posts. */
function tallies({ placement, posts, known }: Placed, real: (id: number) => number): Map<number, Tally> {
  const threadOf = new Map(placement.nodes.map((node) => [node.messageId, node.thread]));
  const into = new Map(placement.merges.map(({ from, into }) => [from, into]));
  const gains = new Map<number, Tally>();
  const gain = (thread: number, { nodes, posts, lastAt }: Tally) => {
    const before = gains.get(thread) ?? { nodes: 0, posts: 0, lastAt: 0 };
    gains.set(thread, {
      nodes: before.nodes + nodes,
      posts: before.posts + posts,
      lastAt: Math.max(before.lastAt, lastAt),
    });
  };
  for (const node of placement.nodes) {
    if (node.id < 0) gain(real(node.thread), { nodes: 1, posts: 0, lastAt: 0 });
  }
  for (const post of posts) {
    let thread = threadOf.get(post.messageId) ?? known.get(post.messageId)?.thread ?? 0;
    for (let next = into.get(thread); next !== undefined; next = into.get(thread)) thread = next;
    const placedBefore = typeof known.get(post.messageId)?.postId === 'number';
    gain(real(thread), { nodes: 0, posts: placedBefore ? 0 : 1, lastAt: post.sentAt });
  }
  return gains;
}

async function countThreads(tx: Db, listId: number, gains: ReadonlyMap<number, Tally>): Promise<void> {
  for (const chunk of chunks([...gains])) {
    await tx
      .insertInto('threads')
      .values(
        chunk.map(([id, { nodes, posts, lastAt }]) => ({
          id,
          list_id: listId,
          nodes,
          posts,
          last_at: lastAt,
        })),
      )
      .onConflict((c) =>
        c.column('id').doUpdateSet((e) => ({
          nodes: e('threads.nodes', '+', e.ref('excluded.nodes')),
          posts: e('threads.posts', '+', e.ref('excluded.posts')),
          last_at: later('threads.last_at', 'excluded.last_at'),
        })),
      )
      .execute();
  }
}
