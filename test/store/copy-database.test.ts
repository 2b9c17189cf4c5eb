import { expect, inject, test } from 'vitest';
import { createIndexer } from '../../src/deliver/indexer.ts';
import { silentLog } from '../../src/domain/log.ts';
import { createExtractPool } from '../../src/mail/extract-pool.ts';
import { searchArchive } from '../../src/operations/archive/search-archive.ts';
import { createList } from '../../src/operations/lists/create-list.ts';
import { addMembers } from '../../src/operations/members/add-members.ts';
import { removeMembers } from '../../src/operations/members/remove-members.ts';
import { copyDatabase } from '../../src/store/copy-database.ts';
import { highestId } from '../../src/store/given-ids.ts';
import { openStore } from '../../src/store/open-store.ts';
import type { Store } from '../../src/store/store.ts';
import { createDesk, type Desk } from '../support/desk.ts';
import { deliverOne, takeOutbox } from '../support/letterbox.ts';
import { postgres, sqlite, type TestEngine } from '../support/stores.ts';

const list = 'birds@lists.example.org';

const pairs: (readonly [string, TestEngine, TestEngine])[] = [
  ['a file into another', sqlite, sqlite],
  ...(inject('postgresSocket')
    ? ([
        ['SQLite into PostgreSQL', sqlite, postgres],
        ['PostgreSQL into SQLite', postgres, sqlite],
        ['PostgreSQL into another', postgres, postgres],
      ] as const)
    : []),
];

/** Members, a post that is indexed, one that waits for a moderator, mail in the queue, a member who has left. */
async function fill(store: Store): Promise<Desk> {
  const desk = createDesk(store);
  await desk.operate(createList, { address: list, owners: ['mia@example.com'] });
  await desk.operate(addMembers, {
    list,
    members: [{ email: 'bo@example.com' }, { email: 'li@example.com' }],
  });
  await deliverOne(desk, { from: 'mia@example.com', to: list, subject: 'Ospreys', text: 'On the tower.' });
  await deliverOne(desk, { from: 'stranger@example.net', to: list, subject: 'May I', text: 'Hello.' });
  await desk.operate(removeMembers, { list, emails: ['li@example.com'] });
  await index(desk.store);
  // A return path still names the last one, which is gone.
  await store.write(async (tx) => {
    const last = await highestId(tx, 'deliveries');
    await tx.deleteFrom('deliveries').where('id', '=', last).execute();
  });
  return desk;
}

async function index(store: Store): Promise<void> {
  const pool = createExtractPool({ hostname: 'lists.example.org', threads: 1 });
  const indexer = createIndexer({ store, pool, log: silentLog, now: Date.now });
  indexer.wake();
  await indexer.idle();
  await indexer.close();
  await pool.close();
}

test.each(pairs)('%s: the queue, the archive, search and everybody go on there', async (_, one, other) => {
  const from = await one.freshStore();
  const to = await other.freshStore();
  const desk = await fill(from);
  const steps: number[] = [];
  const { rows } = await copyDatabase(from, to, {
    now: Date.now(),
    progress: (copied) => steps.push(copied),
  });
  expect(steps.reduce((sum, step) => sum + step, 0)).toBe(rows);

  const copy = { ...createDesk(to), keys: desk.keys };
  expect(await copy.store.check()).toEqual([]);
  expect((await takeOutbox(copy)).map(summary)).toEqual((await takeOutbox(desk)).map(summary));
  await index(to);
  const found = (result: Awaited<ReturnType<typeof search>>) => result.map(({ subject }) => subject);
  expect(found(await search(copy))).toEqual(['Ospreys']);

  // What comes next has numbers and ids of its own.
  const given = await from.read((db) => highestId(db, 'deliveries'));
  await deliverOne(copy, { from: 'bo@example.com', to: list, subject: 'Ospreys again', text: 'Two.' });
  await index(to);
  expect(found(await search(copy))).toEqual(['Ospreys again', 'Ospreys']);
  const { first } = await to.read((db) =>
    db
      .selectFrom('deliveries')
      .innerJoin('mailings', 'mailings.id', 'mailing_id')
      .select((eb) => eb.fn.min<number>('deliveries.id').as('first'))
      .where('kind', '=', 'post')
      .where('mailings.post_id', '=', 2)
      .executeTakeFirstOrThrow(),
  );
  expect(first).toBeGreaterThan(given);
});

const summary = ({ to, subject }: { readonly to: string; readonly subject: string }) => `${to}: ${subject}`;

async function search(desk: Desk) {
  return (await desk.operate(searchArchive, { query: 'ospreys' })).posts;
}

test('what is not empty is left as it is', async () => {
  const from = await sqlite.freshStore();
  const to = await sqlite.freshStore();
  await fill(from);
  await createDesk(to).operate(createList, { address: list, owners: ['ida@example.com'] });
  await expect(copyDatabase(from, to, { now: Date.now(), progress: () => {} })).rejects.toMatchObject({
    code: 'exists',
  });
});

test.each(pairs)('%s: a part of a copy that was broken off is opened by nobody', async (_, one, other) => {
  const from = await one.freshStore();
  const url = await other.freshDatabase();
  await fill(from);
  const to = await openStore(url, { dataDir: '/' });
  let steps = 0;
  const breaksOff = () => {
    steps += 1;
    if (steps === 4) throw new Error('killed');
  };
  await expect(copyDatabase(from, to, { now: 1_800_000_000_000, progress: breaksOff })).rejects.toThrow(
    'killed',
  );
  await to.close();
  await expect(openStore(url, { dataDir: '/' })).rejects.toMatchObject({
    code: 'invalid',
    message: expect.stringContaining('began on 2027-01-15T08:00:00.000Z and did not come to its end'),
  });
});

test('what was copied whole bears no mark', async () => {
  const url = await sqlite.freshDatabase();
  const to = await openStore(url, { dataDir: '/' });
  await copyDatabase(await sqlite.freshStore(), to, { now: 1_800_000_000_000, progress: () => {} });
  await to.close();
  await (await openStore(url, { dataDir: '/' })).close();
});
