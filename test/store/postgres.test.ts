import pg from 'pg';
import { describe, expect, inject, onTestFinished, test } from 'vitest';
import { openStore } from '../../src/store/open-store.ts';
import type { Store } from '../../src/store/store.ts';
import { getSwitch, setSwitch } from '../../src/store/switches.ts';
import { queryPostgres } from '../support/postgres.ts';
import { postgres } from '../support/stores.ts';

describe.skipIf(!inject('postgresSocket'))('PostgreSQL with several nodes', () => {
  test('read-then-writes of two nodes all count', async () => {
    const [one, two] = await twoNodes();
    await one.write((tx) => setSwitch(tx, 'count', '0'));
    const add = (store: Store) =>
      store.write(async (tx) => setSwitch(tx, 'count', String(Number(await getSwitch(tx, 'count')) + 1)));
    await Promise.all(Array.from({ length: 50 }, () => [add(one), add(two)]).flat());
    expect(await two.read((db) => getSwitch(db, 'count'))).toBe('100');
  });

  test('what one commits is told to the other within a second, and not to itself', async () => {
    const [one, two] = await twoNodes();
    let own = 0;
    onTestFinished(one.onOutsideChange(() => own++));
    const told = nextChange(two);
    // Both listen when they have answered once: they do so when they are connected.
    await Promise.all([nextChange(one), told]);
    own = 0;
    const change = nextChange(two);
    await one.write((tx) => setSwitch(tx, 'a', ''));
    const start = performance.now();
    await change;
    expect(performance.now() - start).toBeLessThan(1000);
    expect(own).toBe(0);
  });

  test('a read-committed write may count what another changes meanwhile', async () => {
    const [one, two] = await twoNodes();
    await one.write(
      async (tx) => {
        expect(await getSwitch(tx, 'a')).toBeUndefined();
        await two.write((other) => setSwitch(other, 'a', 'new'));
        expect(await getSwitch(tx, 'a')).toBe('new');
      },
      { isolation: 'read committed' },
    );
  });
});

describe.skipIf(!inject('postgresSocket'))('PostgreSQL says what is wrong', () => {
  test('a number too large for a number is an error, not a wrong number', async () => {
    const { store, query } = await oneNode();
    await query(
      `insert into timers values ('largest', ${Number.MAX_SAFE_INTEGER}), ('larger', 9007199254740993)`,
    );
    const due = (name: string) =>
      store.read((db) =>
        db.selectFrom('timers').select('due_at').where('name', '=', name).executeTakeFirst(),
      );
    expect(await due('largest')).toEqual({ due_at: Number.MAX_SAFE_INTEGER });
    await expect(due('larger')).rejects.toThrow('9007199254740993 from the database is too large');
  });

  test.each([
    [
      'a database that is not there',
      (url: string) => url.replace(/[^/]+$/, 'nowhere'),
      /does not exist: make it/,
    ],
    ['a user that is not there', (url: string) => url.replace('listwright@', 'nobody@'), /refused the user/],
    ['a server that is not there', () => 'postgres://listwright@127.0.0.1:1/x', /does not answer/],
  ])('%s', async (_, wrong, sentence) => {
    const error = await openStore(wrong(await postgres.emptyDatabase()), { dataDir: '/' }).catch(
      (e: unknown) => e,
    );
    expect(error).toMatchObject({ name: 'Refusal', code: 'busy', message: expect.stringMatching(sentence) });
  });

  test.each(['LATIN1', 'SQL_ASCII'])(
    'a database in %s, which has no room for every script',
    async (encoding) => {
      const url = await postgres.emptyDatabase();
      const name = url.slice(url.lastIndexOf('/') + 1);
      const server = url.replace(/[^/]+$/, 'postgres');
      await queryPostgres(server, `drop database ${name}`);
      await queryPostgres(
        server,
        `create database ${name} template template0 encoding '${encoding}' locale 'C'`,
      );
      await expect(openStore(url, { dataDir: '/' })).rejects.toMatchObject({
        name: 'Refusal',
        code: 'invalid',
        message: expect.stringContaining(`encoded in ${encoding}`),
      });
    },
  );

  test('a connection that is cut: the write is refused, the next one works', async () => {
    const { store, query } = await oneNode();
    const cut = store.write(async (tx) => {
      await setSwitch(tx, 'a', '');
      await query(
        "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'listwright'",
      );
      await setSwitch(tx, 'b', '');
    });
    await expect(cut).rejects.toMatchObject({ name: 'Refusal', code: 'busy' });
    await store.write((tx) => setSwitch(tx, 'c', ''));
    expect(await store.read((db) => db.selectFrom('switches').selectAll().execute())).toEqual([
      { name: 'c', value: '' },
    ]);
  });

  test('a backup is the work of its own tool', async () => {
    const { store } = await oneNode();
    await expect(store.backup('/x')).rejects.toThrow('use pg_dump');
  });
});

async function oneNode(): Promise<{ store: Store; query(statement: string): Promise<void> }> {
  const url = await postgres.emptyDatabase();
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const store = await openStore(url, { dataDir: '/' });
  onTestFinished(async () => {
    await client.end();
    await store.close();
  });
  return { store, query: async (statement) => void (await client.query(statement)) };
}

async function twoNodes(): Promise<[Store, Store]> {
  const url = await postgres.emptyDatabase();
  const stores: [Store, Store] = [
    await openStore(url, { dataDir: '/' }),
    await openStore(url, { dataDir: '/' }),
  ];
  onTestFinished(async () => void (await Promise.all(stores.map((store) => store.close()))));
  return stores;
}

function nextChange(store: Store): Promise<void> {
  return new Promise((resolve) => {
    const stop = store.onOutsideChange(() => {
      stop();
      resolve();
    });
  });
}
