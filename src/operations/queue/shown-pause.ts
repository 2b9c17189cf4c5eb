import { queuePaused } from '../../store/queue-pause.ts';
import type { Db } from '../../store/store.ts';

/** Since when nothing is sent, ISO 8601 UTC, and why; the keys are promised to scripts. */
export interface ShownPause {
  readonly at: string;
  readonly why: string;
}

/** null: the queue is not paused. */
export async function describePause(db: Db): Promise<ShownPause | null> {
  const pause = await queuePaused(db);
  return pause ? { at: new Date(pause.at).toISOString(), why: pause.why } : null;
}
