import {
  chmodSync,
  constants,
  copyFileSync,
  existsSync,
  linkSync,
  mkdirSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { Kysely } from 'kysely';
import { Refusal } from '../domain/refusal.ts';
import { skipIds } from './given-ids.ts';
import { isEmpty, schemaState } from './migrate.ts';
import { pauseQueue } from './queue-pause.ts';
import type { Schema } from './schema.ts';
import { checkSqlite } from './sqlite-check.ts';
import { openForWriting, type SqliteConnection } from './sqlite-connection.ts';
import { sqliteDialect } from './sqlite-dialect.ts';
import { refusalOf, sqliteCode } from './sqlite-errors.ts';
import { syncToDisk } from './sync-to-disk.ts';

export interface Restored {
  /** Where the database is that was there before. */
  readonly kept: string | undefined;
  /** Mail waited when the backup was made, so the queue is paused. */
  readonly paused: boolean;
}

/**
 * Puts a backup in the place of the database of `file`, which is kept beside it, or does nothing at all. No server may be at work on it. The
 * backup is checked first, and is never changed itself. Throws a Refusal that says what is wrong with it.
 */
export async function restoreSqlite(file: string, backup: string, now: number): Promise<Restored> {
  const fresh = `${file}.restoring`;
  removeAll(fresh);
  try {
    takeCopy(backup, fresh);
    const paused = await prepare(fresh, backup, now);
    return { kept: exchange(file, fresh, now), paused };
  } finally {
    removeAll(fresh);
  }
}

function takeCopy(backup: string, fresh: string): void {
  if (!statSync(backup, { throwIfNoEntry: false })?.isFile())
    throw new Refusal('not-found', `There is no file ${backup}.`);
  if ((statSync(logOf(backup), { throwIfNoEntry: false })?.size ?? 0) > 0)
    throw new Refusal(
      'conflict',
      `${backup} is at work, or was copied while it was: a part of it is in ${logOf(backup)}. Make a backup of it with “db backup”, and restore that.`,
    );
  mkdirSync(dirname(fresh), { recursive: true, mode: 0o700 });
  copyFileSync(backup, fresh, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
  chmodSync(fresh, 0o600);
}

/** Checks the copy, and makes it ready to go on in a world that has seen what came after it. */
async function prepare(fresh: string, backup: string, now: number): Promise<boolean> {
  let connection: SqliteConnection | undefined;
  try {
    connection = openForWriting(fresh);
    const problems = checkSqlite(connection, backup);
    if (problems.length > 0)
      throw new Refusal(
        'conflict',
        `${backup} is damaged: restore another backup.\n  ${problems.join('\n  ')}`,
      );
    const db = new Kysely<Schema>({ dialect: sqliteDialect(connection) });
    await assertOurs(db, backup);
    await skipIds(db, skipped);
    const paused = await pauseWhatWaits(connection, db, now);
    // To close it would do so, too, and keep silent about a full disk.
    connection.raw.pragma('wal_checkpoint(truncate)');
    return paused;
  } catch (error) {
    const code = sqliteCode(error);
    if (code === 'SQLITE_NOTADB') throw new Refusal('invalid', `${backup} is no database.`);
    if (code.startsWith('SQLITE_CORRUPT'))
      throw new Refusal('conflict', `${backup} is damaged: restore another backup.`);
    throw refusalOf(error, backup);
  } finally {
    connection?.close();
    syncToDisk(fresh);
  }
}

async function assertOurs(db: Kysely<Schema>, backup: string): Promise<void> {
  const state = await schemaState(db as Kysely<unknown>);
  if (state.kind === 'newer')
    throw new Refusal(
      'conflict',
      `${backup} was made by a newer version of this program (it has ${state.unknown.join(', ')}): restore it with that version.`,
    );
  if (isEmpty(state)) throw new Refusal('invalid', `${backup} is a database, but none of this program.`);
}

/** Ids that were given since the backup are not given to others, if there are no more of them than this. */
const skipped = 1_000_000;

/** What waited then, or was still to be made for the rest of a long list, has mostly gone out since: to send it again is a person's decision. */
async function pauseWhatWaits({ raw }: SqliteConnection, db: Kysely<Schema>, now: number): Promise<boolean> {
  const waiting = raw.prepare(`select 1 from deliveries where final_at is null
    union all select 1 from mailings where fan_out_cursor is not null limit 1`);
  const waits = waiting.get() !== undefined;
  if (waits)
    await pauseQueue(db, { at: now, why: 'a backup was restored: what waits in it may have gone out since' });
  return waits;
}

/** The name changes hands at once: whenever the process ends, a whole database has it. Returns where the old one is. */
function exchange(file: string, fresh: string, now: number): string | undefined {
  const kept = existsSync(file) ? `${file}.before-${compact(now)}` : undefined;
  if (kept !== undefined) {
    emptyLog(file, kept);
    linkSync(file, kept);
  }
  renameSync(fresh, file);
  syncToDisk(dirname(file));
  return kept;
}

/** A log that stays would be replayed into the other database. That of one too damaged to be opened is kept with it, for whoever wants to try. */
function emptyLog(file: string, kept: string): void {
  const log = logOf(file);
  // Before SQLite looks at it: a log that it cannot use is removed.
  if (existsSync(log)) copyFileSync(log, logOf(kept));
  try {
    openForWriting(file).close();
    rmSync(logOf(kept), { force: true });
  } catch (error) {
    if (!/^SQLITE_(NOTADB|CORRUPT|IOERR)/.test(sqliteCode(error))) {
      rmSync(logOf(kept), { force: true });
      throw refusalOf(error, file);
    }
    for (const each of [log, `${file}-shm`]) rmSync(each, { force: true });
  }
  // Even an empty one: somebody has it open, and would share it, by its name, with those who open the other database.
  if (existsSync(log)) throw new Refusal('busy', `Another process works with ${file}: end it first.`);
}

function logOf(file: string): string {
  return `${file}-wal`;
}

function removeAll(file: string): void {
  for (const each of [file, logOf(file), `${file}-shm`]) rmSync(each, { force: true });
}

/** `20261128T231500Z` */
function compact(moment: number): string {
  return new Date(moment).toISOString().replace(/[-:]|\.\d+/g, '');
}
