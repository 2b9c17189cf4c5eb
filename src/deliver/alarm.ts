import type { Log } from '../domain/log.ts';
import { nextDueAt } from '../store/claims.ts';
import type { Store } from '../store/store.ts';

/** Rings when the next deferred delivery is due, and now and then in any case. */
export interface Alarm {
  /** It may be set too late: something was deferred, or somebody changed the table. */
  stale(): void;
  /** Sets it anew, if it is stale. */
  set(): Promise<void>;
  stop(): void;
}

export interface AlarmParts {
  readonly store: Store;
  readonly log: Log;
  now(): number;
  ring(): void;
}

/** The table is the truth: looked at this often even if nobody says that it changed. */
const pollMs = 30_000;

export function createAlarm({ store, log, now, ring }: AlarmParts): Alarm {
  let isStale = true;
  let stopped = false;
  let timer: NodeJS.Timeout | undefined;

  async function wait(): Promise<number> {
    try {
      const dueAt = await store.read(nextDueAt);
      return dueAt === undefined ? pollMs : Math.min(Math.max(dueAt - now(), 0), pollMs);
    } catch (error) {
      log.error({ err: error }, 'The queue could not be read; trying again soon.');
      return pollMs;
    }
  }

  function arm(ms: number): void {
    clearTimeout(timer);
    timer = setTimeout(() => {
      // Whoever is busy for long does not set it anew meanwhile.
      arm(pollMs);
      ring();
    }, ms).unref();
  }

  return {
    stale() {
      isStale = true;
    },
    async set() {
      if (!isStale) return;
      isStale = false;
      const ms = await wait();
      if (!stopped) arm(ms);
    },
    stop() {
      stopped = true;
      clearTimeout(timer);
    },
  };
}
