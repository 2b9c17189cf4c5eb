import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { OpenOperations } from '../../src/cli/frame.ts';
import { loadConfig } from '../../src/config/load.ts';
import { toSite } from '../../src/config/to-site.ts';
import { copyDatabaseTo, restoreDatabase } from '../../src/move-database.ts';
import { openStore } from '../../src/store/open-store.ts';
import { holdServerLock } from '../../src/store/server-lock.ts';
import { openForWriting } from '../../src/store/sqlite-connection.ts';
import { setSwitch } from '../../src/store/switches.ts';
import { noArchives, noExamining, runCommandLine } from '../support/command-line.ts';
import { noDkim } from '../support/no-dkim.ts';
import { testEnvironment } from '../support/server.ts';

let cwd: string;
beforeAll(() => {
  cwd = mkdtempSync(join(tmpdir(), 'listwright-db-'));
});
afterAll(() => rmSync(cwd, { recursive: true }));

const cli = (...args: string[]) => runCommandLine(args, { cwd, openOperations: () => open('lists.db') });

async function open(file: string): Promise<OpenOperations> {
  const store = await openStore(`sqlite:${file}`, { dataDir: cwd });
  const site = toSite(loadConfig({ env: {}, cwd }).config);
  const perform = () => Promise.reject(new Error('no operation is needed'));
  return {
    perform,
    site,
    store,
    archives: noArchives,
    examine: noExamining,
    dkim: noDkim,
    close: () => store.close(),
  };
}

describe('db', () => {
  it('migrate makes the tables of a new database', async () => {
    expect(await cli('db', 'migrate')).toEqual({
      status: 0,
      stdout: 'The database is up to date.\n',
      stderr: '',
    });
    expect(statSync(join(cwd, 'lists.db')).size).toBeGreaterThan(0);
  });

  it('check finds nothing wrong with it', async () => {
    expect(JSON.parse((await cli('db', 'check', '--json')).stdout)).toEqual({ ok: true, problems: [] });
  });

  it('check says what is wrong, and fails', async () => {
    await (await open('broken.db')).close();
    const connection = openForWriting(join(cwd, 'broken.db'));
    connection.raw.pragma('foreign_keys = OFF');
    connection.raw.exec("insert into consents (membership_id, how, wording, at) values (99, 'web', '', 0)");
    connection.close();
    const { status, stderr, stdout } = await runCommandLine(['db', 'check'], {
      cwd,
      openOperations: () => open('broken.db'),
    });
    expect([status, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(/^listwright: The database is damaged: restore a backup\.\n {2}\S/);
  });

  it('backup writes a database that can be opened, for its owner only, and never over another file', async () => {
    const file = join(cwd, 'copy.db');
    expect((await cli('db', 'backup', file)).stdout).toBe(`The database is copied to ${file}.\n`);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const copy = await open('copy.db');
    expect(await copy.store.check()).toEqual([]);
    await copy.close();
    expect((await cli('db', 'backup', file)).status).toBe(1);
  });
});

describe('db restore', () => {
  const env = testEnvironment({
    data_dir: '',
    'database.url': 'sqlite:lists.db',
    'delivery.transport': 'capture',
  });
  const restore = (...args: string[]) =>
    runCommandLine(['db', 'restore', ...args], {
      cwd,
      env: { ...env, LISTWRIGHT_DATA_DIR: cwd },
      databases: { restore: restoreDatabase, copyTo: copyDatabaseTo },
    });

  it('asks first, and elsewhere than on a terminal wants --yes', async () => {
    const { status, stderr } = await restore(join(cwd, 'copy.db'));
    expect(status).toBe(2);
    expect(stderr).toContain(
      'What happened since it was made is then not known any more. To do it without being asked, add --yes.',
    );
  });

  it('says where the database is kept that was there', async () => {
    const file = join(cwd, 'copy.db');
    const { status, stdout } = await restore(file, '--yes');
    expect(status).toBe(0);
    expect(stdout).toMatch(
      new RegExp(
        `^The database is restored from ${file}\\. The one that was there is kept as ${cwd}/lists\\.db\\.before-\\d{8}T\\d{6}Z\\.\n$`,
      ),
    );
  });

  it('is refused while a server runs', async () => {
    const server = holdServerLock(cwd);
    const { status, stderr } = await restore(join(cwd, 'copy.db'), '--yes');
    server.release();
    expect([status, stderr]).toEqual([
      1,
      `listwright: Another server works with ${cwd} already: stop it first.
`,
    ]);
  });

  it('copy goes into an empty database, and into no other', async () => {
    const copy = (to: string, from = 'sqlite:lists.db') =>
      runCommandLine(['db', 'copy', '--to', to, '--json'], {
        cwd,
        env: { ...env, LISTWRIGHT_DATA_DIR: cwd, LISTWRIGHT_DATABASE__URL: from },
        databases: { restore: restoreDatabase, copyTo: copyDatabaseTo },
      });
    const store = await openStore('sqlite:lists.db', { dataDir: cwd });
    await store.write((tx) => setSwitch(tx, 'a', '1'));
    await store.close();
    expect(JSON.parse((await copy('sqlite:moved.db')).stdout)).toEqual({ rows: 1 });
    expect((await copy('sqlite:moved.db')).stderr).toBe(
      'listwright: That database is not empty: there is something in its table switches.\n',
    );
    expect((await copy('sqlite:again.db', 'sqlite:none.db')).stderr).toBe(
      `listwright: There is no database ${cwd}/none.db: check database.url and data_dir.\n`,
    );
    expect((await copy('mysql://db')).stderr).toBe(
      'listwright: --to must be "sqlite:FILE" or "postgres://user:password@host:5432/name".\n',
    );
  });
});
