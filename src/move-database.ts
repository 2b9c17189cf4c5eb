import { existsSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { LoadedConfig } from './config/load.ts';
import { databaseUrl } from './config/values.ts';
import { Refusal } from './domain/refusal.ts';
import { copyDatabase } from './store/copy-database.ts';
import { openStore } from './store/open-store.ts';
import { holdServerLock } from './store/server-lock.ts';
import type { Restored } from './store/sqlite-restore.ts';

/** For the commands that put a database in another one's place: no server may be at work, so they hold its lock. */

/** Throws a Refusal where a server runs, or the backup is not what it should be; the database is then as it was. */
export async function restoreDatabase({ config }: LoadedConfig, backup: string): Promise<Restored> {
  const { url } = config.database;
  if (!url.startsWith('sqlite:'))
    throw new Refusal('invalid', 'PostgreSQL has its own tool for backups: use pg_restore.');
  const file = fileOf(url, config.data_dir);
  const lock = holdServerLock(dirname(file));
  try {
    const { restoreSqlite } = await import('./store/sqlite-restore.ts');
    return await restoreSqlite(file, backup, Date.now());
  } finally {
    lock.release();
  }
}

/** Copies the configured database into an empty one. `to` is an address as `database.url` has it. */
export async function copyDatabaseTo(
  { config }: LoadedConfig,
  to: string,
  copied: (rows: number) => void,
): Promise<{ readonly rows: number }> {
  if (databaseUrl.parse(to) === undefined)
    throw new Refusal('invalid', `--to must be ${databaseUrl.allowed}.`);
  const { url } = config.database;
  const dataDir = config.data_dir;
  const folder = url.startsWith('sqlite:') ? dirname(fileOf(url, dataDir)) : resolve(dataDir);
  if (url.startsWith('sqlite:') && !existsSync(fileOf(url, dataDir)))
    throw new Refusal(
      'not-found',
      `There is no database ${fileOf(url, dataDir)}: check database.url and data_dir.`,
    );
  const lock = holdServerLock(folder);
  try {
    const from = await openStore(url, { dataDir, schema: 'new' });
    try {
      const target = await openStore(to, { dataDir, schema: 'new' });
      try {
        return await copyDatabase(from, target, { now: Date.now(), progress: copied });
      } finally {
        await target.close();
      }
    } finally {
      await from.close();
    }
  } finally {
    lock.release();
  }
}

function fileOf(url: string, dataDir: string): string {
  return resolve(dataDir, url.slice('sqlite:'.length));
}
