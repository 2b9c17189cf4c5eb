import { randomInt } from 'node:crypto';
import { closeSync, fsyncSync, openSync, readFileSync, renameSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { Log } from '../domain/log.ts';
import { holdNumber } from './claimant-lock.ts';
import { releaseClaimsOf } from './claims.ts';
import { refusalOf } from './postgres-errors.ts';
import type { Store } from './store.ts';

/** One run of a server, in whose name it claims deliveries where other servers may claim, too. */
export interface Claimant {
  /** Null: its claims are nobody's, and end with their lease. */
  readonly id: number | null;
  /** Once it claims no more. */
  end(): Promise<void>;
}

export interface ClaimantParts {
  readonly store: Store;
  /** The database's address. */
  readonly url: string;
  readonly dataDir: string;
  readonly log: Log;
}

/** So many numbers that none comes twice. */
const mostRandom = 2 ** 48 - 1;
const nobody: Claimant = { id: null, end: async () => {} };

/**
 * Begins a run, and releases at once what the last one in this data folder had claimed and not settled: it was killed. Call it when what that
 * one had sent is written down, and before anything is claimed.
 *
 * Each run is a number that was never there before, which the server holds for as long as it lives, and a file in the data folder names the
 * last one. So a copy of the folder takes nothing from the server that it is copied from: that one still holds its number. What other
 * nodes have claimed always waits for its lease, also where nobody holds their number: they may be alive and cut off, and only they have
 * the journal of what they sent.
 */
export async function beginClaimant({ store, url, dataDir, log }: ClaimantParts): Promise<Claimant> {
  // The only server there is releases all claims at its start.
  if (!store.capabilities.skipLocked) return nobody;
  const file = join(dataDir, 'claimant');
  const last = readNumber(file);
  const id = randomInt(1, mostRandom);
  try {
    if (last !== undefined) await takeOver(last, { store, url, log });
    const held = await holdNumber(url, id);
    if (!held) throw new Error('a number that was made this moment is held by somebody else');
    return { id: named(file, id, log) ? id : null, end: () => held.release() };
  } catch (error) {
    throw refusalOf(error);
  }
}

async function takeOver(
  last: number,
  { store, url, log }: Pick<ClaimantParts, 'store' | 'url' | 'log'>,
): Promise<void> {
  const held = await holdNumber(url, last);
  if (!held) {
    log.warn(
      {},
      'The server that used this data folder last, or the one it is a copy of, is still connected to the database: what it has claimed is left to it, until the lease is out.',
    );
    return;
  }
  try {
    const deliveries = await store.write((tx) => releaseClaimsOf(tx, last), { isolation: 'read committed' });
    if (deliveries > 0)
      log.info({ deliveries }, 'What this server was about to send when it was killed is sent now.');
  } finally {
    await held.release();
  }
}

/** Undefined where no server has run yet, or the file says nothing. */
function readNumber(file: string): number | undefined {
  try {
    const [, digits] = /^(\d{1,16})\n$/.exec(readFileSync(file, 'latin1')) ?? [];
    const number = Number(digits);
    return Number.isSafeInteger(number) && number > 0 ? number : undefined;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** False where the disk takes nothing: then nobody could release the claims of this run. */
function named(file: string, id: number, log: Log): boolean {
  const fresh = `${file}.new`;
  try {
    rmSync(fresh, { force: true });
    const descriptor = openSync(fresh, 'wx', 0o600);
    try {
      writeSync(descriptor, `${id}\n`);
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
    renameSync(fresh, file);
    return true;
  } catch (error) {
    log.warn(
      { err: error },
      'The data folder cannot be written: after a crash, what was claimed waits for its lease.',
    );
    return false;
  }
}
