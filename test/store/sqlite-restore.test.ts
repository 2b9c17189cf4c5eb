import {
  copyFileSync,
  existsSync,
  readdirSync,
  readFileSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { sql } from 'kysely';
import { describe, expect, test } from 'vitest';
import { createList } from '../../src/operations/lists/create-list.ts';
import { aliasOf } from '../../src/store/author-aliases.ts';
import { highestId } from '../../src/store/given-ids.ts';
import { findListByName } from '../../src/store/lists.ts';
import { openStore } from '../../src/store/open-store.ts';
import { queuePaused } from '../../src/store/queue-pause.ts';
import { openForReading, openForWriting } from '../../src/store/sqlite-connection.ts';
import { restoreSqlite } from '../../src/store/sqlite-restore.ts';
import type { Store } from '../../src/store/store.ts';
import { createDesk } from '../support/desk.ts';
import { deliverOne } from '../support/letterbox.ts';
import { type SqliteFolder, sqliteFolder } from '../support/sqlite-folder.ts';

const now = Date.UTC(2026, 10, 28, 23, 15);
const birds = { name: 'birds', domain: 'lists.example.org' };
const bats = { name: 'bats', domain: 'lists.example.org' };

/** A database with a backup that knows “birds” only; “bats” came later. `waits`: a post waits in the backup’s queue. */
async function twoLists({ waits = false } = {}): Promise<SqliteFolder & { readonly backup: string }> {
  const folder = sqliteFolder();
  const backup = join(folder.dataDir, 'backup.db');
  const store = await openStore('sqlite:test.db', { dataDir: folder.dataDir });
  const desk = createDesk(store);
  await desk.operate(createList, { address: 'birds@lists.example.org', owners: ['mia@example.com'] });
  if (waits)
    await deliverOne(desk, { from: 'mia@example.com', to: 'birds@lists.example.org', text: 'Hello.' });
  await store.backup(backup);
  await desk.operate(createList, { address: 'bats@lists.example.org', owners: ['mia@example.com'] });
  await store.close();
  return { ...folder, backup };
}

const has = (store: Store, name: typeof birds) =>
  store.read(async (db) => (await findListByName(db, name)) !== undefined);

describe('a backup', () => {
  test('takes the place of the database, which is kept beside it with all that is in it', async () => {
    const folder = await twoLists();
    const { kept, paused } = await restoreSqlite(folder.file, folder.backup, now);
    expect([kept, paused]).toEqual([`${folder.file}.before-20261128T231500Z`, false]);
    const store = await folder.open();
    expect([await has(store, birds), await has(store, bats)]).toEqual([true, false]);
    expect(await store.check()).toEqual([]);
    expect(statSync(folder.file).mode & 0o777).toBe(0o600);
    const old = await openStore(`sqlite:${kept}`, { dataDir: '/', schema: 'leave' });
    expect([await has(old, birds), await has(old, bats)]).toEqual([true, true]);
    await old.close();
    // The backup is as it was, and can be restored again.
    expect(readdirSync(folder.dataDir).filter((name) => name.startsWith('backup'))).toEqual(['backup.db']);
    await store.close();
    await restoreSqlite(folder.file, folder.backup, now + 1000);
  });

  test('is put where there is no database yet', async () => {
    const { backup, dataDir } = await twoLists();
    const file = join(dataDir, 'new', 'lists.db');
    expect(await restoreSqlite(file, backup, now)).toEqual({ kept: undefined, paused: false });
    expect(readdirSync(join(dataDir, 'new'))).toEqual(['lists.db']);
  });

  test('in whose queue mail waits pauses the queue, and says why', async () => {
    const folder = await twoLists({ waits: true });
    expect((await restoreSqlite(folder.file, folder.backup, now)).paused).toBe(true);
    const store = await folder.open();
    expect(await store.read(queuePaused)).toEqual({
      at: now,
      why: 'a backup was restored: what waits in it may have gone out since',
    });
  });

  test('pauses the queue also where only the rest of a long list was still to come', async () => {
    const folder = await twoLists({ waits: true });
    const backup = openForWriting(folder.backup);
    backup.raw.exec(
      "update deliveries set state = 'sent', final_at = 1; update mailings set fan_out_cursor = 7",
    );
    backup.close();
    expect((await restoreSqlite(folder.file, folder.backup, now)).paused).toBe(true);
  });

  test('gives no author the address that stood for another one after it was made', async () => {
    const folder = await twoLists();
    const alias = (store: Store, email: string) =>
      store.write((tx) => aliasOf(tx, { listId: 1, email, now }));
    const before = await openStore('sqlite:test.db', { dataDir: folder.dataDir });
    const given = await alias(before, 'bo@example.com');
    await before.close();
    await restoreSqlite(folder.file, folder.backup, now);
    const store = await folder.open();
    const others = [await alias(store, 'li@example.com'), await alias(store, 'ida@example.com')];
    expect(others).toEqual([given + 1_000_000, given + 1_000_001]);
    expect(await store.check()).toEqual([]);
  });

  test.each(['deliveries', 'memberships', 'held', 'mailings'])(
    'gives no id of %s again that was given after it was made',
    async (table) => {
      const folder = await twoLists();
      const before = await openStore('sqlite:test.db', { dataDir: folder.dataDir });
      const given = await before.read((db) => highestId(db, table));
      await before.close();
      await restoreSqlite(folder.file, folder.backup, now);
      const store = await folder.open();
      expect(await store.read((db) => highestId(db, table))).toBeGreaterThanOrEqual(given + 900_000);
    },
  );

  test('takes the place of a database that is damaged, whose log is kept, too', async () => {
    const folder = await twoLists();
    writeFileSync(folder.file, 'not a database any more');
    writeFileSync(`${folder.file}-wal`, 'its log');
    const { kept } = await restoreSqlite(folder.file, folder.backup, now);
    expect(readFileSync(`${kept}`, 'utf8')).toBe('not a database any more');
    expect(readFileSync(`${kept}-wal`, 'utf8')).toBe('its log');
    expect(await has(await folder.open(), birds)).toBe(true);
  });
});

describe('is refused, and the database left as it is:', () => {
  test.each<[string, (folder: SqliteFolder & { readonly backup: string }) => string, RegExp]>([
    ['a file that is not there', ({ dataDir }) => join(dataDir, 'none.db'), /^There is no file /],
    ['a folder', ({ dataDir }) => dataDir, /^There is no file /],
    [
      'what is no database',
      ({ dataDir }) => written(join(dataDir, 'note.txt'), 'Dear all, this is no database but a letter.'),
      /note\.txt is no database\.$/,
    ],
    [
      'an empty file',
      ({ dataDir }) => written(join(dataDir, 'empty'), ''),
      /is a database, but none of this program\.$/,
    ],
    [
      'a database of another program',
      ({ dataDir }) => {
        const other = openForWriting(join(dataDir, 'other.db'));
        other.raw.exec('create table birds (name text)');
        other.close();
        return join(dataDir, 'other.db');
      },
      /is a database, but none of this program\.$/,
    ],
    [
      'a backup that was cut short',
      ({ backup }) => {
        truncateSync(backup, statSync(backup).size - 40_000);
        return backup;
      },
      /\.db is damaged: restore another backup\.(\n {2}(?!.*restore)|$)/,
    ],
    [
      'a backup of a newer program',
      ({ backup }) => {
        const newer = openForWriting(backup);
        newer.raw.exec("insert into kysely_migration values ('999-later', '2030-01-01')");
        newer.close();
        return backup;
      },
      /was made by a newer version of this program \(it has 999-later\)/,
    ],
    [
      'a copy that was made by cp while a server wrote',
      ({ file, backup }) => {
        copyFileSync(file, backup);
        return written(`${backup}-wal`, 'the rest') && backup;
      },
      /a part of it is in .*backup\.db-wal/,
    ],
  ])('%s', async (_, make, sentence) => {
    const folder = await twoLists();
    const backup = make(folder);
    await expect(restoreSqlite(folder.file, backup, now)).rejects.toThrow(sentence);
    expect(readdirSync(folder.dataDir).filter((name) => name.startsWith('test.db'))).toEqual(['test.db']);
    expect(await has(await folder.open(), bats)).toBe(true);
  });

  test('any, while another process has the database open, though there is nothing in its log', async () => {
    const folder = await twoLists();
    // A log belongs to a name: it would be shared with the new database from then on.
    const reader = openForReading(folder.file);
    reader.prepare('select count(*) from lists').get();
    await expect(restoreSqlite(folder.file, folder.backup, now)).rejects.toThrow(
      /^Another process works with /,
    );
    reader.close();
    expect(readdirSync(folder.dataDir).filter((name) => name.startsWith('test.db'))).toEqual(['test.db']);
  });

  test('any, while another process works with the database', async () => {
    const folder = await twoLists();
    const store = await folder.open();
    await store.write((tx) => sql`update lists set title = 'x'`.execute(tx));
    const reader = openForWriting(folder.file);
    const unfinished = reader.raw.prepare('select * from lists').iterate();
    unfinished.next();
    await expect(restoreSqlite(folder.file, folder.backup, now)).rejects.toThrow(
      /^Another process works with /,
    );
    unfinished.return?.();
    reader.close();
    expect(existsSync(`${folder.file}.restoring`)).toBe(false);
    expect(await has(store, bats)).toBe(true);
  });
});

function written(file: string, text: string): string {
  writeFileSync(file, text);
  return file;
}
