import type { Log } from '../domain/log.ts';
import { Refusal } from '../domain/refusal.ts';
import type { Store } from '../store/store.ts';
import { noteAtWork } from '../store/time-off.ts';

const hour = 3_600_000;

/**
 * At the start, before anything is taken or sent, and again and again: what waits loses no time while no server is at work. Where nothing can be
 * written just now, a full disk above all, the server starts all the same: it says so to whoever brings mail, and notes it the next time.
 */
export async function noteServerAtWork(parts: { store: Store; log: Log; now(): number }): Promise<void> {
  const { store, log, now } = parts;
  try {
    const off = await store.write((tx) => noteAtWork(tx, now()));
    if (off > 0)
      log.warn(
        { hours: Math.round((10 * off) / hour) / 10 },
        'No server was at work for a while: posts that wait for a decision, and mail that waits to be sent, have as much more time.',
      );
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    log.warn({ why: error.message }, 'That this server is at work could not be noted.');
  }
}
