import type { Log } from '../domain/log.ts';
import type { Store } from '../store/store.ts';
import { ensureTimer, takeTimer } from '../store/timers.ts';

/** Something that is done again and again: expiring, pruning. */
export interface TimedJob {
  /** Names its timer in the database. */
  readonly name: string;
  /** Milliseconds from one run to the next. */
  readonly every: number;
  /** One batch; true when more is left, and it is run again at once. */
  run(): Promise<boolean>;
}

export interface Schedule {
  /** Runs what is due now, if no other node has: resolves when it is done. */
  runDue(): Promise<void>;
  close(): Promise<void>;
}

export interface ScheduleParts {
  readonly store: Store;
  readonly jobs: readonly TimedJob[];
  readonly log: Log;
  now(): number;
}

/** How often the timers are looked at, in milliseconds. */
const lookEvery = 60_000;

/** Runs timed jobs. Each is taken through its timer in the database, so that of several nodes one does it. */
export function startSchedule(parts: ScheduleParts): Schedule {
  let running: Promise<void> | undefined;
  let closed = false;

  async function runAll(): Promise<void> {
    for (const job of parts.jobs) {
      if (closed) break;
      try {
        if (await take(parts, job)) while (!closed && (await job.run()));
      } catch (error) {
        parts.log.error({ err: error, job: job.name }, 'A timed job failed; it runs again at its next time.');
      }
    }
  }

  const runDue = () => {
    running ??= runAll().finally(() => {
      running = undefined;
    });
    return running;
  };
  const timer = setInterval(runDue, lookEvery).unref();
  return {
    runDue,
    async close() {
      closed = true;
      clearInterval(timer);
      await running;
    },
  };
}

function take({ store, now }: ScheduleParts, { name, every }: TimedJob): Promise<boolean> {
  return store.write(async (tx) => {
    const at = now();
    await ensureTimer(tx, name, at);
    return takeTimer(tx, name, { now: at, every });
  });
}
