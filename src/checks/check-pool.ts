import type { CheckRequest, CheckResult } from './check-request.ts';
import { type CheckerOptions, CheckerThread, type CheckOutcome } from './checker-thread.ts';

/** Worker threads that check mails: hostile mail costs their time and their memory, never the event loop's. */
export interface CheckPool {
  /** The bytes stay the caller's. Rejects only when the pool is closed or cannot start a thread. */
  check(raw: Buffer, request: CheckRequest): Promise<PoolResult>;
  /** How many run just now. */
  readonly threads: number;
  /** Stops the threads, whatever they do. */
  close(): Promise<void>;
}

/** `unchecked`: it was too much for its thread, or brought out a fault; why, as a clause. */
export type PoolResult =
  | ({ readonly kind: 'checked' } & CheckResult)
  | { readonly kind: 'unchecked'; readonly why: string };

export interface CheckPoolOptions extends CheckerOptions {
  /** At most; they start with the work and end when idle. */
  readonly threads: number;
}

/** Another thread is started only for more than so many mails at once in each; a thread takes no more than `most`. */
const load = { few: 4, most: 32 };

interface Job {
  readonly raw: Buffer;
  readonly request: CheckRequest;
  /** It was in a thread that died: whether it is to blame shows where it is the only one. */
  readonly alone: boolean;
  settle(result: PoolResult): void;
  reject(error: Error): void;
}

export function createCheckPool(options: CheckPoolOptions): CheckPool {
  const waiting: Job[] = [];
  const threads = new Set<CheckerThread>();
  /** Threads with a mail that must be alone. */
  const quarantine = new Set<CheckerThread>();
  let closed = false;

  /** In order, so that a mail that must be alone gets its turn. */
  function dispatch(): void {
    for (let job = waiting[0]; job; job = waiting[0]) {
      const thread = job.alone ? emptyThread() : threadWithRoom();
      if (!thread) return;
      waiting.shift();
      if (job.alone) quarantine.add(thread);
      void run(thread, job);
    }
  }

  async function run(thread: CheckerThread, job: Job): Promise<void> {
    settle(job, await thread.run(new Uint8Array(job.raw), job.request));
    quarantine.delete(thread);
    dispatch();
  }

  function threadWithRoom(): CheckerThread | undefined {
    let best: CheckerThread | undefined;
    for (const thread of threads)
      if (!quarantine.has(thread) && thread.load < (best?.load ?? load.most)) best = thread;
    return best && best.load < load.few ? best : (startThread() ?? best);
  }

  function emptyThread(): CheckerThread | undefined {
    for (const thread of threads) if (thread.load === 0) return thread;
    return startThread();
  }

  function startThread(): CheckerThread | undefined {
    if (threads.size >= options.threads) return undefined;
    const thread = new CheckerThread(options, () => {
      threads.delete(thread);
      quarantine.delete(thread);
    });
    threads.add(thread);
    return thread;
  }

  function settle(job: Job, outcome: CheckOutcome): void {
    if (outcome.kind === 'done') job.settle({ kind: 'checked', ...outcome.result });
    else if (closed) job.reject(new Error(closing));
    else if (outcome.kind === 'broken')
      job.reject(new Error(`The checker of mails does not start: ${outcome.why}`));
    else if (outcome.kind === 'failed' || outcome.alone) job.settle({ kind: 'unchecked', why: outcome.why });
    else waiting.unshift({ ...job, alone: true });
  }

  return {
    check: (raw, request) =>
      new Promise((resolve, reject) => {
        if (closed) return reject(new Error(closing));
        waiting.push({ raw, request, alone: false, settle: resolve, reject });
        dispatch();
      }),
    get threads() {
      return threads.size;
    },
    async close() {
      closed = true;
      for (const job of waiting.splice(0)) job.reject(new Error(closing));
      await Promise.all([...threads].map((thread) => thread.stop(closing)));
    },
  };
}

const closing = 'The checkers of mail are closed.';
