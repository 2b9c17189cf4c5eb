import { sql } from 'kysely';
import { statement } from './statement.ts';
import type { Db } from './store.ts';
import { clearSwitch, getSwitch, setSwitch } from './switches.ts';

/** The claim looks at it by name, too (claims.ts). */
const name = 'queue.paused';

/** While the queue is paused everything is accepted and nothing is sent. */
export interface QueuePause {
  /** Epoch milliseconds. */
  readonly at: number;
  /** Who did it, or what the next hop said. */
  readonly why: string;
}

export async function queuePaused(db: Db): Promise<QueuePause | undefined> {
  const value = await getSwitch(db, name);
  return value === undefined ? undefined : (JSON.parse(value) as QueuePause);
}

export async function pauseQueue(tx: Db, pause: QueuePause): Promise<void> {
  await setSwitch(tx, name, JSON.stringify(pause));
}

const retried = 'queue.retried';

/** Somebody asked that everything be tried now: what waits for a next hop that was down, too. */
export async function askForRetry(tx: Db, now: number): Promise<void> {
  await setSwitch(tx, retried, `${now}`);
}

/** What operators want of the worker; `retryAskedAt` in epoch milliseconds, 0: never. */
export async function queueWishes(
  db: Db,
): Promise<{ readonly paused: boolean; readonly retryAskedAt: number }> {
  const rows = await wishes.all(db, {});
  const asked = rows.find((row) => row.name === retried)?.value;
  return { paused: rows.some((row) => row.name === name), retryAskedAt: Number(asked ?? 0) };
}

/** The worker asks each time that somebody has committed something. */
const wishes = statement((db: Db) =>
  db
    .selectFrom('switches')
    .select(['name', 'value'])
    .where('name', 'in', [sql.lit(name), sql.lit(retried)]),
);

/** False when it was not paused. */
export function resumeQueue(tx: Db): Promise<boolean> {
  return clearSwitch(tx, name);
}
