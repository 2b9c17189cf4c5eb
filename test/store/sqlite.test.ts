import {
  chmodSync,
  existsSync,
  readdirSync,
  readFileSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { describe, expect, onTestFinished, test } from 'vitest';
import { Refusal } from '../../src/domain/refusal.ts';
import { openStore } from '../../src/store/open-store.ts';
import { holdServerLock } from '../../src/store/server-lock.ts';
import { openForWriting, type SqliteConnection } from '../../src/store/sqlite-connection.ts';
import { getSwitch, setSwitch } from '../../src/store/switches.ts';
import { startChild } from '../support/child.ts';
import { sqliteFolder } from '../support/sqlite-folder.ts';

describe('a database that another process has locked', () => {
  test('is waited for, and the event loop goes on meanwhile', async () => {
    const folder = sqliteFolder();
    const store = await folder.open();
    const other = lock(folder.file);
    const delay = monitorEventLoopDelay({ resolution: 5 });
    delay.enable();
    const writes = [1, 2, 3].map((i) => store.write((tx) => setSwitch(tx, `n${i}`, '')));
    expect(await store.read((db) => getSwitch(db, 'n1'))).toBeUndefined();
    setTimeout(() => other.prepare('rollback').run(), 300);
    await Promise.all(writes);
    delay.disable();
    expect(delay.max / 1e6).toBeLessThan(100);
    expect(await store.read((db) => getSwitch(db, 'n3'))).toBe('');
  });

  test('is given up after five seconds with a Refusal, and works again later', async () => {
    const folder = sqliteFolder();
    const store = await folder.open();
    const other = lock(folder.file);
    const start = performance.now();
    const error = await store.write((tx) => setSwitch(tx, 'a', '')).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(Refusal);
    expect(error).toMatchObject({ code: 'busy' });
    expect(performance.now() - start).toBeGreaterThan(4500);
    other.prepare('rollback').run();
    await store.write((tx) => setSwitch(tx, 'a', 'later'));
    expect(await store.read((db) => getSwitch(db, 'a'))).toBe('later');
  });
});

test('a write that has to be first goes before those that wait already', async () => {
  const store = await sqliteFolder().open();
  const order: string[] = [];
  const write = (name: string, first: boolean) =>
    store.write(
      async () => {
        order.push(name);
      },
      { first },
    );
  await Promise.all([write('one', false), write('two', false), write('settlement', true)]);
  expect(order).toEqual(['settlement', 'one', 'two']);
});

test('many long writes at once do not keep the event loop waiting for all of them', async () => {
  const store = await sqliteFolder().open();
  let done = 0;
  const doneByTurn = [0];
  const turn = setInterval(() => doneByTurn.push(done), 0);
  onTestFinished(() => clearInterval(turn));
  const writes = Array.from({ length: 30 }, (_, i) =>
    store.write(async (tx) => {
      const start = performance.now();
      while (performance.now() - start < 8) await setSwitch(tx, `n${i}`, '');
      done++;
    }),
  );
  await Promise.all(writes);
  const steps = doneByTurn.slice(1).map((count, i) => count - (doneByTurn[i] ?? 0));
  expect(Math.max(...steps)).toBeLessThanOrEqual(3);
});

describe('what another process commits', () => {
  test('is told within a second; what this one commits is not', async () => {
    const folder = sqliteFolder();
    const store = await folder.open();
    const other = openForWriting(folder.file);
    onTestFinished(() => other.close());
    let calls = 0;
    const told = new Promise<void>((resolve) => {
      const stop = store.onOutsideChange(() => {
        calls++;
        resolve();
      });
      onTestFinished(stop);
    });
    await store.write((tx) => setSwitch(tx, 'ours', ''));
    await new Promise((resolve) => setTimeout(resolve, 700));
    expect(calls).toBe(0);
    const start = performance.now();
    other.prepare("insert into switches values ('theirs', '')").run();
    await told;
    expect(performance.now() - start).toBeLessThan(1000);
    expect(await store.read((db) => getSwitch(db, 'theirs'))).toBe('');
  });
});

describe('files', () => {
  test('are for their owner only, the write-ahead log and a folder that was made for them included', async () => {
    const folder = sqliteFolder();
    const dataDir = join(folder.dataDir, 'made', 'here');
    const store = await openStore('sqlite:test.db', { dataDir });
    onTestFinished(() => store.close());
    await store.write((tx) => setSwitch(tx, 'a', ''));
    const names = readdirSync(dataDir).sort();
    expect(names).toEqual(['test.db', 'test.db-shm', 'test.db-wal']);
    for (const name of names) expect([name, mode(join(dataDir, name))]).toEqual([name, 0o600]);
    expect(mode(dataDir)).toBe(0o700);
  });

  test('that others could read are closed to them', async () => {
    const folder = sqliteFolder();
    await (await folder.open()).close();
    chmodSync(folder.file, 0o644);
    await folder.open();
    expect(mode(folder.file)).toBe(0o600);
  });

  test('leave no trace of what was deleted', async () => {
    const folder = sqliteFolder();
    const store = await folder.open();
    await store.write((tx) => setSwitch(tx, 'a', 'secret-to-be-erased'));
    await store.write((tx) => tx.deleteFrom('switches').execute());
    await store.close();
    expect(readFileSync(folder.file, 'latin1')).not.toContain('secret-to-be-erased');
  });
});

describe('a file that is no good', () => {
  const cases: readonly [name: string, spoil: (file: string) => void, sentence: RegExp][] = [
    ['no database at all', (file) => writeFileSync(file, 'Dear diary, '.repeat(1000)), /is not a database/],
    ['cut off', (file) => truncateSync(file, 25 * 4096), /test\.db is damaged: restore it/],
    ['overwritten in the middle', (file) => overwrite(file, 4096, 8192), /is damaged|is not a database/],
  ];
  test.each(cases)('%s: is refused with a sentence', async (_, spoil, sentence) => {
    const folder = sqliteFolder();
    await (await folder.open()).close();
    spoil(folder.file);
    const found = await folder.open().then(
      async (store) => (await store.check()).join('\n'),
      (error: unknown) => (error instanceof Refusal ? error.message : `a bug: ${error}`),
    );
    expect(found).toMatch(sentence);
  });

  test('a folder in its place: is refused with a sentence', async () => {
    const folder = sqliteFolder();
    await expect(openStore('sqlite:.', { dataDir: folder.dataDir })).rejects.toThrow(
      'cannot be opened for writing',
    );
  });
});

describe('the server lock', () => {
  test('keeps a second server out, and not the commands', async () => {
    const { dataDir, open } = sqliteFolder();
    const lock = holdServerLock(dataDir);
    expect(() => holdServerLock(dataDir)).toThrow(
      new Refusal('busy', `Another server works with ${dataDir} already: stop it first.`),
    );
    await (await open()).write((tx) => setSwitch(tx, 'a', ''));
    lock.release();
    holdServerLock(dataDir).release();
    expect(mode(join(dataDir, 'server.lock'))).toBe(0o600);
  });

  test('ends with a server that was killed', async () => {
    const { dataDir } = sqliteFolder();
    const child = startChild('store-child.ts', [dataDir, 'hold-server-lock']);
    await child.said('held');
    expect(() => holdServerLock(dataDir)).toThrow('Another server');
    child.kill();
    await child.finished();
    holdServerLock(dataDir).release();
  });
});

describe('a backup', () => {
  test('is a whole database of its own, for its owner only, made while others write', async () => {
    const folder = sqliteFolder();
    const store = await folder.open();
    const target = join(folder.dataDir, 'backup.db');
    await store.write((tx) => setSwitch(tx, 'a', '1'));
    const writing = store.write((tx) => setSwitch(tx, 'b', '2'));
    await store.backup(target);
    await writing;
    expect(mode(target)).toBe(0o600);
    const copy = await openStore(`sqlite:${target}`, { dataDir: folder.dataDir, schema: 'leave' });
    onTestFinished(() => copy.close());
    expect(await copy.schema()).toEqual({ kind: 'current' });
    expect(await copy.check()).toEqual([]);
    expect(await copy.read((db) => getSwitch(db, 'a'))).toBe('1');
  });

  test('never overwrites a file', async () => {
    const folder = sqliteFolder();
    const store = await folder.open();
    await expect(store.backup(folder.file)).rejects.toMatchObject({ code: 'exists' });
    expect(existsSync(`${folder.file}.partial`)).toBe(false);
  });
});

test('check finds a row that belongs to nobody', async () => {
  const folder = sqliteFolder();
  const store = await folder.open();
  const other = openForWriting(folder.file);
  onTestFinished(() => other.close());
  other.raw.pragma('foreign_keys = OFF');
  other.prepare("insert into addresses (id, person_id, email, created_at) values (7, 99, 'a@b', 1)").run();
  expect(await store.check()).toEqual(['Row 7 of addresses belongs to a row of people that is not there.']);
});

function lock(file: string): SqliteConnection {
  const other = openForWriting(file);
  onTestFinished(() => other.close());
  other.prepare('begin exclusive').run();
  return other;
}

function mode(path: string): number {
  return statSync(path).mode & 0o777;
}

function overwrite(file: string, from: number, to: number): void {
  writeFileSync(file, readFileSync(file).fill(0x5a, from, to));
}
