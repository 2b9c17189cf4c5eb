import { sql } from 'kysely';
import { expect, inject, onTestFinished, test } from 'vitest';
import { releaseAbandoned } from '../../src/store/claims.ts';
import { openStore } from '../../src/store/open-store.ts';
import { openForWriting } from '../../src/store/sqlite-connection.ts';
import { startChild } from '../support/child.ts';
import { addMembers, deliveryRows, makeList, postTo, start } from '../support/outbox.ts';
import { sqliteFolder } from '../support/sqlite-folder.ts';
import { eachStore, onEachEngine, postgres } from '../support/stores.ts';

eachStore('a fresh store has the schema of this program', async (store) => {
  expect(await store.schema()).toEqual({ kind: 'current' });
  expect(await store.check()).toEqual([]);
});

onEachEngine((engine) => {
  test('an empty database is behind until it is migrated', async () => {
    const url = await engine.emptyDatabase();
    const before = await openStore(url, { dataDir: '/', schema: 'leave' });
    expect(await before.schema()).toEqual({
      kind: 'behind',
      missing: ['001-initial', '002-arrival', '003-claimants'],
    });
    await before.close();
    const after = await openStore(url, { dataDir: '/' });
    expect(await after.schema()).toEqual({ kind: 'current' });
    await after.close();
  });

  test('a database of an older program is upgraded only where that was asked for', async () => {
    const url = await engine.emptyDatabase();
    const store = await openStore(url, { dataDir: '/', schema: 'new' });
    await store.write((tx) => sql`delete from kysely_migration where name <> '001-initial'`.execute(tx));
    await store.close();
    await expect(openStore(url, { dataDir: '/', schema: 'new' })).rejects.toMatchObject({
      code: 'conflict',
      message: expect.stringContaining(
        'an older version of this program (it lacks 002-arrival, 003-claimants). Stop the server',
      ),
    });
    const asItIs = await openStore(url, { dataDir: '/', schema: 'leave' });
    expect(await asItIs.schema()).toEqual({ kind: 'behind', missing: ['002-arrival', '003-claimants'] });
    await asItIs.close();
  });

  test('deliveries that an older program had claimed stay claimed until their lease is out', async () => {
    const url = await engine.emptyDatabase();
    const before = await openStore(url, { dataDir: '/' });
    const list = await before.write((tx) => makeList(tx, 'birds'));
    await addMembers(before, list, 2);
    const claimed = { lease: { until: start + 1000, by: null }, handOver: () => {} };
    await before.write((tx) => postTo(tx, { list, claimed }));
    await before.write((tx) => sql`alter table deliveries drop column claimed_by`.execute(tx));
    await before.write((tx) => sql`delete from kysely_migration where name = '003-claimants'`.execute(tx));
    await before.close();
    const store = await openStore(url, { dataDir: '/' });
    onTestFinished(() => store.close());
    expect(await deliveryRows(store)).toMatchObject(Array(2).fill({ state: 'claimed', claimed_by: null }));
    const release = (now: number) => store.write((tx) => releaseAbandoned(tx, { now, all: false }));
    expect([await release(start + 999), await release(start + 1000)]).toEqual([0, 2]);
  });

  test('a database of a newer program is refused, and left as it is', async () => {
    const url = await engine.emptyDatabase();
    const store = await openStore(url, { dataDir: '/' });
    await store.write((tx) =>
      sql`insert into kysely_migration values ('999-later', '2030-01-01')`.execute(tx),
    );
    await store.close();
    await expect(openStore(url, { dataDir: '/' })).rejects.toMatchObject({
      code: 'conflict',
      message: expect.stringContaining('a newer version of this program (it has 999-later)'),
    });
    const asItIs = await openStore(url, { dataDir: '/', schema: 'leave' });
    expect(await asItIs.schema()).toEqual({ kind: 'newer', unknown: ['999-later'] });
    await asItIs.close();
  });
});

test('several processes may migrate one SQLite file at once', async () => {
  const { dataDir } = sqliteFolder();
  const children = [1, 2, 3].map(() => startChild('store-child.ts', [dataDir, 'one-by-one', '1']));
  for (const child of children) expect(await child.finished()).toEqual(['begin', 'end']);
});

test.skipIf(!inject('postgresSocket'))(
  'several nodes may migrate one PostgreSQL database at once',
  async () => {
    const url = await postgres.emptyDatabase();
    const stores = await Promise.all([1, 2, 3].map(() => openStore(url, { dataDir: '/' })));
    for (const store of stores) {
      expect(await store.schema()).toEqual({ kind: 'current' });
      await store.close();
    }
  },
);

test('a migration that fails leaves nothing behind', async () => {
  const folder = sqliteFolder();
  const other = openForWriting(folder.file);
  onTestFinished(() => other.close());
  // One of the last tables that the migration makes is there already.
  other.prepare('create table daily_stats (x)').run();
  await expect(folder.open()).rejects.toThrow('already exists');
  const tables = other.prepare("select name from sqlite_master where name in ('lists', 'audit')").all();
  expect(tables).toEqual([]);
});
