import { setTimeout as delay } from 'node:timers/promises';
import { sql } from 'kysely';
import { expect } from 'vitest';
import { parseSearch } from '../../src/domain/search-query.ts';
import { readHead } from '../../src/mail/headers.ts';
import { messageIdHash } from '../../src/mail/message-id-hash.ts';
import { readFacts } from '../../src/mail/read-facts.ts';
import { setList } from '../../src/operations/lists/set-list.ts';
import { readBody, storeBody } from '../../src/store/bodies.ts';
import { insertPost } from '../../src/store/posts.ts';
import { searchPosts } from '../../src/store/search.ts';
import type { Store } from '../../src/store/store.ts';
import { mailWithFile, openArchive, plainMail } from '../support/archive.ts';
import { eachStore } from '../support/stores.ts';

/** Archives a mail as accepting it does: nothing of it is read yet. */
async function accept(store: Store, listId: number, raw: Buffer, now: number): Promise<number> {
  const facts = readFacts(raw, readHead(raw), 'lists.example.org');
  return store.write(async (tx) => {
    const bodyId = await storeBody(tx, { sha256: facts.sha256, raw, now });
    const { id } = await insertPost(tx, {
      listId,
      bodyId,
      messageId: facts.messageId,
      hash: messageIdHash(facts.messageId),
      bodyHash: facts.bodySha256,
      author: facts.author ?? { email: '', name: '' },
      subject: facts.subject,
      sentAt: facts.sentAt ?? now,
      receivedAt: now,
    });
    return id;
  });
}

const find = async (store: Store, query: string) =>
  (
    await store.read((db) =>
      searchPosts(db, store.capabilities.fullText, { query: parseSearch(query), limit: 500 }),
    )
  ).map((hit) => hit.postId);

const post = (store: Store, id: number) =>
  store.read((db) => db.selectFrom('posts').selectAll().where('id', '=', id).executeTakeFirstOrThrow());

eachStore('fresh posts are found, threaded and compressed', async (store) => {
  const { makeList, indexer, desk } = await openArchive(store);
  const listId = await makeList('birds');
  const raw = plainMail({ id: 'b@x', references: ['a@x'], text: 'An owl. '.repeat(100) });
  const id = await accept(store, listId, raw, desk.now);
  expect(await find(store, 'owl')).toEqual([]);
  await indexer.idle();
  expect(await find(store, 'owl')).toEqual([id]);
  expect(await post(store, id)).toMatchObject({ indexed_at: desk.now, index_error: null });
  const body = await store.read((db) =>
    db.selectFrom('bodies').select(['id', 'encoding', 'raw']).executeTakeFirstOrThrow(),
  );
  expect(body.encoding).toBe('deflate');
  expect(body.raw.length).toBeLessThan(raw.length / 2);
  expect(await store.read((db) => readBody(db, body.id))).toEqual(raw);
  expect(await store.read((db) => db.selectFrom('threads').select(['nodes', 'posts']).execute())).toEqual([
    { nodes: 2, posts: 1 },
  ]);
});

eachStore(
  'a mail that cannot be read is found by its subject and author, in its thread, and whole',
  async (store) => {
    const { makeList, indexer, desk } = await openArchive(store);
    const listId = await makeList('birds');
    const poison = plainMail({
      id: 'p@x',
      references: ['a@x'],
      subject: 'poison',
      headers: ['Content-Type: text/html'],
      text: `hidden ${'<div>'.repeat(200_000)}`,
    });
    const ids = [
      await accept(store, listId, plainMail({ id: 'a@x', text: 'before' }), desk.now),
      await accept(store, listId, poison, desk.now),
      await accept(store, listId, plainMail({ text: 'after' }), desk.now),
    ];
    await indexer.idle();
    expect(await find(store, 'subject:poison from:alice')).toEqual([ids[1]]);
    expect(await find(store, 'hidden')).toEqual([]);
    expect(await find(store, 'before')).toEqual([ids[0]]);
    expect(await find(store, 'after')).toEqual([ids[2]]);
    expect(await post(store, ids[1] ?? 0)).toMatchObject({
      index_error: expect.stringContaining('longer than'),
    });
    expect(
      await store.read((db) => db.selectFrom('threads').select('posts').orderBy('posts').execute()),
    ).toEqual([{ posts: 1 }, { posts: 2 }]);
  },
);

eachStore('more posts than a batch holds are all indexed, once', async (store) => {
  const { makeList, indexer, desk } = await openArchive(store);
  const listId = await makeList('birds');
  const ids: number[] = [];
  for (let i = 0; i < 130; i++)
    ids.push(await accept(store, listId, plainMail({ text: `owl ${i}` }), desk.now + i));
  await Promise.all([indexer.idle(), indexer.idle()]);
  expect((await find(store, 'owl')).sort((a, b) => a - b)).toEqual(ids);
});

eachStore('a list without an archive is not read', async (store) => {
  const { makeList, indexer, desk } = await openArchive(store);
  const listId = await makeList('birds');
  await desk.operate(setList, { list: 'birds', changes: { archive: 'off' } });
  const id = await accept(store, listId, plainMail({ text: 'secret' }), desk.now);
  await indexer.idle();
  expect(await find(store, 'secret')).toEqual([]);
  expect(await post(store, id)).toMatchObject({ indexed_at: desk.now });
});

eachStore('what was not done when it stopped is done by the next one', async (store) => {
  const first = await openArchive(store);
  const listId = await first.makeList('birds');
  const ids: number[] = [];
  for (let i = 0; i < 60; i++)
    ids.push(await accept(store, listId, plainMail({ text: 'owl' }), first.desk.now));
  first.indexer.wake();
  await first.indexer.close();
  const second = await openArchive(store);
  await second.indexer.idle();
  expect((await find(store, 'owl')).sort((a, b) => a - b)).toEqual(ids);
});

eachStore('a flood goes first: its posts are read when it is over', async (store) => {
  const { makeList, indexer, desk } = await openArchive(store);
  const listId = await makeList('birds');
  const id = await accept(store, listId, plainMail({ text: 'owl' }), desk.now);
  for (let i = 0; i < 100; i++) indexer.wake();
  // It looks several times meanwhile.
  await delay(300);
  expect(await find(store, 'owl')).toEqual([]);
  desk.now += 1000;
  await expect.poll(() => find(store, 'owl'), { timeout: 5000 }).toEqual([id]);
});

eachStore('posts that have waited for half a minute are read in the middle of a flood', async (store) => {
  const { makeList, indexer, desk } = await openArchive(store);
  const listId = await makeList('birds');
  const id = await accept(store, listId, plainMail({ text: 'owl' }), desk.now);
  for (let i = 0; i < 100; i++) indexer.wake();
  desk.now += 30_000;
  for (let i = 0; i < 100; i++) indexer.wake();
  await expect.poll(() => find(store, 'owl'), { timeout: 5000 }).toEqual([id]);
});

eachStore('two at once, as two nodes are, do each post once', async (store) => {
  const [one, other] = [await openArchive(store), await openArchive(store)];
  const listId = await one.makeList('birds');
  for (let i = 0; i < 60; i++) await accept(store, listId, plainMail({ text: 'owl' }), one.desk.now);
  await Promise.all([one.indexer.idle(), other.indexer.idle()]);
  expect(await find(store, 'owl')).toHaveLength(60);
  expect(await store.read((db) => db.selectFrom('thread_nodes').select('id').execute())).toHaveLength(60);
});

eachStore('posts of one hour, more than it has places, are all found', async (store) => {
  const { makeList, indexer, desk } = await openArchive(store);
  const listId = await makeList('birds');
  // The place within the hour is the id modulo 2^14: one that is taken already.
  const first = await accept(store, listId, plainMail({ text: 'owl' }), desk.now);
  await indexer.idle();
  await store.write((tx) =>
    tx
      .updateTable('post_texts')
      .set((e) => ({ search_key: e('search_key', '+', 1) }))
      .execute(),
  );
  const second = await accept(store, listId, plainMail({ text: 'sparrow' }), desk.now);
  await indexer.idle();
  expect(await find(store, 'sparrow')).toEqual([second]);
  expect(first).not.toBe(second);
});

eachStore(
  'a post that the database does not take is archived as raw mail, and stops no other',
  async (store) => {
    const { makeList, indexer, desk } = await openArchive(store);
    const listId = await makeList('birds');
    const refusal =
      store.capabilities.fullText === 'fts5'
        ? sql`create trigger no_poison before insert on attachments when new.filename = 'poison.csv' begin select raise(abort, 'no'); end`
        : sql`alter table attachments add check (filename <> 'poison.csv')`;
    await store.write((tx) => refusal.execute(tx));
    const ids = [
      await accept(store, listId, plainMail({ text: 'before' }), desk.now),
      await accept(
        store,
        listId,
        mailWithFile('poison.csv', { text: 'hidden', subject: 'poison' }),
        desk.now,
      ),
      await accept(store, listId, plainMail({ text: 'after' }), desk.now),
    ];
    await indexer.idle();
    await indexer.idle();
    expect(await post(store, ids[1] ?? 0)).toMatchObject({ indexed_at: null });
    await indexer.idle();
    expect(await post(store, ids[1] ?? 0)).toMatchObject({
      indexed_at: desk.now,
      index_error: 'the database did not take what it says',
    });
    await indexer.idle();
    expect([await find(store, 'before'), await find(store, 'poison'), await find(store, 'after')]).toEqual(
      ids.map((id) => [id]),
    );
  },
);
