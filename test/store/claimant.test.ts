import {
  copyFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { describe, expect, inject, onTestFinished, test } from 'vitest';
import { beginClaimant, type Claimant } from '../../src/store/claimant.ts';
import { claimDeliveries } from '../../src/store/claims.ts';
import { openStore } from '../../src/store/open-store.ts';
import type { Store } from '../../src/store/store.ts';
import { addMembers, deliveryRows, makeList, postTo, start } from '../support/outbox.ts';
import { postgres, sqlite } from '../support/stores.ts';

describe.skipIf(!inject('postgresSocket'))('a run of a server that shares its database', () => {
  test('has a number of its own, which a file names that only its owner can read', async () => {
    const { folder, begin } = await setUp();
    const first = await begin(folder());
    const dataDir = folder();
    const { id } = await begin(dataDir);
    expect(first.id).not.toBe(id);
    expect(readFileSync(join(dataDir, 'claimant'), 'utf8')).toBe(`${id}\n`);
    expect(statSync(join(dataDir, 'claimant')).mode & 0o777).toBe(0o600);
    expect(readdirSync(dataDir)).toEqual(['claimant']);
  });

  test('releases what the one before it had claimed, and nothing of a server beside it, alive or dead', async () => {
    const { folder, begin, claim, claims, logged } = await setUp(6);
    const dataDir = folder();
    const [killed, alive, lost] = [await begin(dataDir), await begin(folder()), await begin(folder())];
    for (const claimant of [killed, alive, lost]) await claim(2, claimant);
    await killed.end();
    await lost.end();
    const next = await begin(dataDir);
    expect(await claims()).toEqual({ [String(alive.id)]: 2, [String(lost.id)]: 2 });
    expect(logged).toEqual(['What this server was about to send when it was killed is sent now.']);
    await claim(2, next);
    await next.end();
    await begin(dataDir);
    expect(await claims()).toEqual({ [String(alive.id)]: 2, [String(lost.id)]: 2 });
  });

  test('in a copy of a data folder takes nothing from the server at work in the other one', async () => {
    const { begin, beginAndCopy, claim, claims, logged } = await setUp(4);
    const { first, original, copy } = await beginAndCopy();
    const second = await begin(copy);
    expect(logged).toEqual([
      expect.stringMatching(/^The server that used this data folder last, or the one it is a copy of/),
    ]);
    await claim(2, second);
    expect(await claims()).toEqual({ [String(first.id)]: 2, [String(second.id)]: 2 });
    await first.end();
    await second.end();
    const third = await begin(copy);
    expect(await claims()).toEqual({ [String(first.id)]: 2 });
    await begin(original);
    expect(await claims()).toEqual({});
    expect(third.id).not.toBe(first.id);
  });

  test('holds its number again after its connection was lost', async () => {
    const { begin, beginAndCopy, claims, query } = await setUp(2);
    const { first, copy } = await beginAndCopy();
    const holders = () => query("select count(*)::int from pg_locks where locktype = 'advisory' and granted");
    await query(
      "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'listwright claimant'",
    );
    while ((await holders()) !== 0);
    while ((await holders()) !== 1);
    await begin(copy);
    expect(await claims()).toEqual({ [String(first.id)]: 2 });
    await first.end();
    while ((await holders()) !== 1);
  });

  test.each([
    ['nothing', ''],
    ['half a number', '1234'],
    ['something else', 'birds\n'],
    ['a number that is too large', '9999999999999999\n'],
  ])('begins anew where the file says %s', async (_, text) => {
    const { folder, begin, logged } = await setUp();
    const dataDir = folder();
    writeFileSync(join(dataDir, 'claimant'), text);
    const { id } = await begin(dataDir);
    expect(readFileSync(join(dataDir, 'claimant'), 'utf8')).toBe(`${id}\n`);
    expect(logged).toEqual([]);
  });

  test('claims in nobody’s name where the folder takes nothing, and says so', async () => {
    const { folder, begin, logged } = await setUp();
    const { id } = await begin(join(folder(), 'nowhere'));
    expect(id).toBeNull();
    expect(logged).toEqual([expect.stringMatching(/^The data folder cannot be written/)]);
  });

  test('does not begin without the database', async () => {
    const { store, folder } = await setUp();
    const url = 'postgres://listwright@127.0.0.1:1/x';
    const begun = beginClaimant({ store, url, dataDir: folder(), log: logInto([]) });
    await expect(begun).rejects.toMatchObject({ name: 'Refusal', code: 'busy' });
  });
});

test('a server with a database of its own needs no number, and leaves no file', async () => {
  const store = await sqlite.freshStore();
  const dataDir = freshFolder();
  const { id, end } = await beginClaimant({ store, url: 'sqlite:x', dataDir, log: logInto([]) });
  expect(id).toBeNull();
  expect(existsSync(join(dataDir, 'claimant'))).toBe(false);
  await end();
});

/** A database with a post to so many members, and what it takes to run servers on it. */
async function setUp(members = 0) {
  const url = await postgres.freshDatabase();
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => {});
  await client.connect();
  onTestFinished(() => client.end());
  const store = await openStore(url, { dataDir: '/', schema: 'leave' });
  onTestFinished(() => store.close());
  const list = await store.write((tx) => makeList(tx, 'birds'));
  await addMembers(store, list, members);
  await store.write((tx) => postTo(tx, { list }));
  const logged: string[] = [];
  async function begin(dataDir: string): Promise<Claimant> {
    const claimant = await beginClaimant({ store, url, dataDir, log: logInto(logged) });
    onTestFinished(() => claimant.end());
    return claimant;
  }
  return {
    store,
    logged,
    folder: freshFolder,
    begin,
    /** The first run in a folder, with two claims, and a copy of the folder while it is at work. */
    async beginAndCopy() {
      const [original, copy] = [freshFolder(), freshFolder()];
      const first = await begin(original);
      await claim(store, 2, first.id);
      copyFileSync(join(original, 'claimant'), join(copy, 'claimant'));
      return { first, original, copy };
    },
    claim: (limit: number, { id }: Claimant) => claim(store, limit, id),
    /** How many deliveries each has. */
    async claims() {
      const claimed = (await deliveryRows(store)).filter(({ state }) => state === 'claimed');
      const counts: Record<string, number> = {};
      for (const { claimed_by: by } of claimed) counts[String(by)] = (counts[String(by)] ?? 0) + 1;
      return counts;
    },
    query: async (statement: string): Promise<unknown> =>
      Object.values((await client.query(statement)).rows[0] ?? {})[0],
  };
}

function claim(store: Store, limit: number, by: number | null) {
  const lease = { until: start + 1_800_000, by };
  return store.write((tx) => claimDeliveries(tx, { limit, now: start, lease, skipLocked: true }), {
    isolation: 'read committed',
  });
}

function freshFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'listwright-claimant-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
}

function logInto(logged: string[]) {
  const log = (_: unknown, sentence: string) => void logged.push(sentence);
  return { info: log, warn: log, error: log };
}
