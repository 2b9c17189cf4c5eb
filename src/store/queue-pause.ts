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

/** False when it was not paused. */
export function resumeQueue(tx: Db): Promise<boolean> {
  return clearSwitch(tx, name);
}
