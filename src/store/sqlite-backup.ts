import { closeSync, existsSync, openSync, renameSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { Refusal } from '../domain/refusal.ts';
import type { SqliteConnection } from './sqlite-connection.ts';
import { syncToDisk } from './sync-to-disk.ts';

/**
 * VACUUM INTO reads one snapshot whatever others write meanwhile; SQLite's backup calls would begin anew at each commit of a busy
 * server. What was deleted is not in the copy.
 */
export function backupSqlite({ raw }: SqliteConnection, target: string): void {
  if (existsSync(target)) throw new Refusal('exists', `${target} is there already: name a new file.`);
  const partial = `${target}.partial`;
  rmSync(partial, { force: true });
  try {
    closeSync(openSync(partial, 'ax', 0o600));
    // It writes another file, but query_only does not tell the two apart.
    raw.pragma('query_only = OFF');
    raw.prepare('vacuum into ?').run(partial);
    // SQLite leaves the copy to the kernel; a backup is one when it is on disk under its own name.
    syncToDisk(partial);
    renameSync(partial, target);
    syncToDisk(dirname(target));
  } finally {
    raw.pragma('query_only = ON');
    rmSync(partial, { force: true });
  }
}
