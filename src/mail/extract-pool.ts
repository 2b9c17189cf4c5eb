import { readHead } from './headers.ts';
import { readFacts } from './read-facts.ts';
import type { ReadMail } from './read-mail.ts';
import { type Outcome, type ReaderOptions, ReaderThread } from './reader-thread.ts';

/** Worker threads that read mail: hostile MIME and HTML cost their time and their heap, never the event loop's. */
export interface ExtractPool {
  /** One answer a mail, in order; rejects only when the pool is closed or cannot start a thread. The buffers stay the caller's. */
  read(raws: readonly Buffer[]): Promise<ReadMail[]>;
  /** Stops the threads, whatever they read. */
  close(): Promise<void>;
}

export interface PoolOptions extends ReaderOptions {
  /** Threads at most; they start with the work and end when idle. Default 1. */
  readonly threads?: number;
}

/** How much goes to a thread at once. A batch that fails is read again mail by mail: one must not decide for its neighbours. */
const batchLimit = { mails: 50, bytes: 1 << 20 };

interface Job {
  readonly raws: readonly Buffer[];
  settle(mails: readonly ReadMail[]): void;
  reject(error: Error): void;
}

export function createExtractPool(options: PoolOptions): ExtractPool {
  const waiting: Job[] = [];
  const threads = new Set<ReaderThread>();
  let closed = false;

  function submit(raws: readonly Buffer[]): Promise<readonly ReadMail[]> {
    return new Promise((settle, reject) => {
      if (closed) return reject(new Error(closing));
      waiting.push({ raws, settle, reject });
      dispatch();
    });
  }

  function dispatch(): void {
    while (waiting.length > 0) {
      const thread = idleThread();
      const job = thread && waiting.shift();
      if (!job) return;
      void thread.run(job.raws).then((outcome) => {
        settle(job, outcome);
        dispatch();
      });
    }
  }

  function idleThread(): ReaderThread | undefined {
    for (const thread of threads) if (!thread.busy) return thread;
    if (threads.size >= (options.threads ?? 1)) return undefined;
    const thread = new ReaderThread(options, () => threads.delete(thread));
    threads.add(thread);
    return thread;
  }

  function settle(job: Job, outcome: Outcome): void {
    if (outcome.kind === 'done') job.settle(outcome.mails);
    else if (closed) job.reject(new Error(closing));
    else if (outcome.kind === 'broken')
      job.reject(new Error(`The reader of mails does not start: ${outcome.why}`));
    else if (job.raws.length === 1) job.settle(unreadable(job.raws, outcome.why, options));
    else
      Promise.all(job.raws.map((raw) => submit([raw]))).then(
        (singles) => job.settle(singles.flat()),
        job.reject,
      );
  }

  return {
    async read(raws) {
      return (await Promise.all(batches(raws).map(submit))).flat();
    },
    async close() {
      closed = true;
      for (const job of waiting.splice(0)) job.reject(new Error(closing));
      await Promise.all([...threads].map((thread) => thread.stop(closing)));
    },
  };
}

const closing = 'The readers of mail are closed.';

/** The header block is still read, here: that is bounded, and says who wrote it and what it answers. */
function unreadable(raws: readonly Buffer[], why: string, { hostname }: PoolOptions): ReadMail[] {
  return raws.map((raw) => ({
    facts: readFacts(raw, readHead(raw), hostname),
    reading: { kind: 'unreadable', why },
  }));
}

function batches(raws: readonly Buffer[]): Buffer[][] {
  const all: Buffer[][] = [];
  let bytes = 0;
  for (const raw of raws) {
    const last = all.at(-1);
    bytes += raw.length;
    if (last && last.length < batchLimit.mails && bytes <= batchLimit.bytes) last.push(raw);
    else {
      all.push([raw]);
      bytes = raw.length;
    }
  }
  return all;
}
