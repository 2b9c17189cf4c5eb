import { expect } from 'vitest';
import type { Store } from '../../src/store/store.ts';
import { forgetThreads, lastThread, type ThreadPost, threadPosts } from '../../src/store/threads.ts';
import { makeList } from '../support/outbox.ts';
import { eachStore } from '../support/stores.ts';

const day = 86_400_000;
let lastPost = 0;

function post(messageId: string, chain: readonly string[] = [], more: Partial<ThreadPost> = {}): ThreadPost {
  return { postId: ++lastPost, messageId, chain, baseSubject: '', isReply: false, sentAt: 0, ...more };
}

/** Each batch in a transaction of its own, as the indexer does. */
async function place(store: Store, ...batches: ThreadPost[][]): Promise<number> {
  const list = await store.write((tx) => makeList(tx, 'birds'));
  for (const batch of batches) await store.write((tx) => threadPosts(tx, list.id, batch));
  return list.id;
}

async function summary(store: Store) {
  const nodes = await store.read((db) =>
    db.selectFrom('thread_nodes').selectAll().orderBy('message_id').execute(),
  );
  const threads = await store.read((db) => db.selectFrom('threads').selectAll().execute());
  const nameOf = new Map(nodes.map((node) => [node.id, node.message_id]));
  return {
    links: nodes.filter((n) => n.parent_id).map((n) => `${n.message_id}<${nameOf.get(n.parent_id ?? 0)}`),
    threads: threads
      .map((thread) => {
        const own = nodes.filter((node) => node.thread_id === thread.id);
        expect([own.length, own.filter((node) => node.post_id).length]).toEqual([thread.nodes, thread.posts]);
        return own.map((node) => (node.post_id ? node.message_id : `(${node.message_id})`)).join(' ');
      })
      .sort(),
    lastAt: threads.map((thread) => thread.last_at).sort(),
  };
}

eachStore('answers find their threads from batch to batch', async (store) => {
  await place(
    store,
    [post('a', [], { sentAt: 1 })],
    [post('b', ['a'], { sentAt: 2 })],
    [post('c', ['a', 'b']), post('x')],
  );
  expect(await summary(store)).toEqual({ links: ['b<a', 'c<b'], threads: ['a b c', 'x'], lastAt: [0, 2] });
});

eachStore('a child before its parent, and two children of one that never comes', async (store) => {
  await place(store, [post('b', ['a'])], [post('c', ['a'])], [post('d', ['b'])]);
  expect(await summary(store)).toMatchObject({ links: ['b<a', 'c<a', 'd<b'], threads: ['(a) b c d'] });
});

eachStore('a phantom becomes the post that it stood for', async (store) => {
  await place(store, [post('b', ['a'])], [post('a', [], { sentAt: 7, baseSubject: 'nests' })]);
  expect(await summary(store)).toMatchObject({ threads: ['a b'], lastAt: [7] });
});

eachStore(
  'two threads become one when a message ties them together, the smaller into the larger',
  async (store) => {
    await place(store, [post('a'), post('b', ['a']), post('c', ['b'])], [post('x')], [post('y', ['c', 'x'])]);
    expect(await summary(store)).toMatchObject({
      links: ['b<a', 'c<b', 'x<c', 'y<x'],
      threads: ['a b c x y'],
    });
  },
);

eachStore('no loop is closed over batches', async (store) => {
  await place(
    store,
    [post('a', ['b'])],
    [post('b', ['c'])],
    [post('c', ['a'])],
    [post('d', ['c', 'a', 'b'])],
  );
  expect((await summary(store)).links).toEqual(['a<b', 'b<c', 'd<b']);
});

eachStore('no loop is closed by a batch that ties two stored threads twice', async (store) => {
  await place(store, [post('p', ['q']), post('r', ['s'])], [post('q', ['r']), post('s', ['p'])]);
  expect((await summary(store)).links).toEqual(['p<q', 'q<r', 'r<s']);
});

eachStore('Thread-Index and subject find stored posts', async (store) => {
  const index = { threadIndex: 'ab'.repeat(22) };
  await place(
    store,
    [post('a', [], { ...index, sentAt: 1 }), post('n', [], { baseSubject: 'nests', sentAt: day })],
    [post('b', [], { ...index, sentAt: 2 }), post('c', [], { ...index, sentAt: 3 })],
    [post('m', [], { baseSubject: 'nests', isReply: true, sentAt: 2 * day })],
    [post('late', [], { baseSubject: 'nests', isReply: true, sentAt: 40 * day })],
  );
  expect((await summary(store)).links).toEqual(['b<a', 'c<a', 'm<n']);
});

eachStore('the same Message-ID on two lists is in a thread of each', async (store) => {
  const birds = await store.write((tx) => makeList(tx, 'birds'));
  const nests = await store.write((tx) => makeList(tx, 'nests'));
  for (const { id } of [birds, nests]) await store.write((tx) => threadPosts(tx, id, [post('a')]));
  expect(
    await store.read((db) => db.selectFrom('threads').select('list_id').orderBy('list_id').execute()),
  ).toEqual([{ list_id: birds.id }, { list_id: nests.id }]);
});

eachStore('forgotten threads are gone whole, the newer ones stay', async (store) => {
  const listId = await place(store, [post('a'), post('b', ['a'])]);
  const upTo = await store.read(lastThread);
  await store.write((tx) => threadPosts(tx, listId, [post('x')]));
  expect(await store.write((tx) => forgetThreads(tx, { listId, upTo, limit: 10 }))).toBe(1);
  expect(await store.write((tx) => forgetThreads(tx, { listId, upTo, limit: 10 }))).toBe(0);
  expect((await summary(store)).threads).toEqual(['x']);
});

eachStore('a chain that comes backwards, in batches, costs no more per post at its end', async (store) => {
  const { id: listId } = await store.write((tx) => makeList(tx, 'birds'));
  const chain = Array.from({ length: 4000 }, (_, i) => post(`m${i}`, i > 0 ? [`m${i - 1}`] : [])).reverse();
  const times: number[] = [];
  for (let at = 0; at < chain.length; at += 500) {
    const begun = performance.now();
    await store.write((tx) => threadPosts(tx, listId, chain.slice(at, at + 500)), { durable: false });
    times.push(performance.now() - begun);
  }
  expect((await summary(store)).threads).toHaveLength(1);
  expect(Math.min(...times.slice(4))).toBeLessThan(Math.max(200, 10 * Math.min(...times.slice(0, 4))));
});
