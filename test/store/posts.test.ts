import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { postsSince } from '../../src/store/posts.ts';
import type { Store } from '../../src/store/store.ts';
import { keepBody, makeList, start } from '../support/outbox.ts';
import { eachStore, sqlite } from '../support/stores.ts';

const authorEmail = 'ana@example.org';

eachStore('the latest posts of an author are the newest of all those since a moment', async (store) => {
  const listId = await writeMuch(store, 30);
  const ids = async (since: number) =>
    (await store.read((db) => postsSince(db, { listId, authorEmail, since }))).map(
      ({ messageId }) => messageId,
    );
  expect(await ids(start + 27)).toEqual(['30@example.org', '29@example.org', '28@example.org']);
  expect(await ids(start + 30)).toEqual([]);
  expect(await ids(start)).toHaveLength(20);
});

// SQLite answers in the thread that everybody waits for; PostgreSQL, in one of its own, as its statistics tell it.
test('the latest posts of whoever has written 50,000 are found as fast as those of others', async () => {
  const store = await sqlite.freshStore();
  const listId = await writeMuch(store, 50_000);
  let fastest = Number.POSITIVE_INFINITY;
  for (let i = 0; i < 10; i++) {
    const started = performance.now();
    await store.read((db) => postsSince(db, { listId, authorEmail, since: start + 50_000 }));
    fastest = Math.min(fastest, performance.now() - started);
  }
  expect(fastest).toBeLessThan(3);
});

/** So many posts of the author, a millisecond apart, on a list of their own; its id. */
function writeMuch(store: Store, count: number): Promise<number> {
  return store.write(async (tx) => {
    const { id: listId } = await makeList(tx, 'birds');
    const bodyId = await keepBody(tx, Buffer.from('x'));
    await sql`with recursive n(i) as (select 1 union all select i + 1 from n where i < cast(${count} as integer))
      insert into posts (list_id, number, body_id, message_id, hash, body_hash, author_email, author_name, subject, sent_at, received_at)
      select cast(${listId} as bigint), i, cast(${bodyId} as bigint), i || '@example.org', i || '', '', ${authorEmail}, '', 'Nests',
        cast(${start} as bigint) + i, cast(${start} as bigint) + i from n`.execute(tx);
    return listId;
  });
}
