import { Worker } from 'node:worker_threads';
import type { Log } from '../domain/log.ts';
import type { SqliteConnection } from './sqlite-connection.ts';
import { refusalOf } from './sqlite-errors.ts';

/**
 * Copies the write-ahead log into the file in a thread with a connection of its own: done by COMMIT, as SQLite would, it takes a third
 * of the event loop's time in a flood of mail. A passive checkpoint stops nobody and is stopped by nobody; what it does not reach,
 * because somebody goes on writing, the next one does.
 */
export interface Checkpointer {
  /** After each commit: starts a checkpoint when enough has gathered. */
  committed(): void;
  /** Waits for the one under way. */
  close(): Promise<void>;
}

export interface CheckpointerParts {
  readonly file: string;
  readonly writer: SqliteConnection;
  readonly log: Log;
  /** The disk has failed under a checkpoint: what the kernel dropped then may be missing from the log, too. */
  damaged(error: unknown): void;
}

/** `code`: SQLite's, or what else went wrong. */
export type CheckpointReport = { readonly kind: 'done' } | { readonly kind: 'failed'; readonly code: string };

/** How many pages (of 4 KiB) in the log are worth a checkpoint: indexes change the same ones again and again, and each is copied once. */
const worthwhile = 4000;
/** The thread ends after this long without work, in milliseconds: it holds some megabytes. */
const idleMs = 10_000;
/** After a failure, so that a full disk is not met, and logged, with each commit. */
const retryMs = 10_000;

export function createCheckpointer({ file, writer, log, damaged }: CheckpointerParts): Checkpointer {
  const position = writer.raw.prepare('pragma wal_checkpoint(noop)');
  let thread: Worker | undefined;
  let last: { readonly worker: Worker; readonly gone: Promise<void> } | undefined;
  let busy = false;
  let resting = false;
  let closed = false;
  let timer: NodeJS.Timeout | undefined;

  function pagesWaiting(): number {
    const { log: written, checkpointed } = position.get() as { log: number; checkpointed: number };
    return written - checkpointed;
  }

  function start(): Worker {
    const worker = startWorker(file);
    worker.on('message', reported);
    worker.on('error', (error) => reported({ kind: 'failed', code: error.message }));
    last = { worker, gone: new Promise((resolve) => worker.once('exit', () => resolve())) };
    worker.unref();
    return worker;
  }

  function reported(report: CheckpointReport): void {
    busy = false;
    timer = setTimeout(stop, idleMs).unref();
    if (report.kind === 'done') return;
    log.error({ code: report.code, file }, 'The write-ahead log could not be copied into the database.');
    resting = true;
    setTimeout(() => {
      resting = false;
    }, retryMs).unref();
    if (report.code.startsWith('SQLITE_IOERR'))
      damaged(refusalOf(Object.assign(new Error(report.code), { code: report.code }), file));
  }

  /** It hears of it between two checkpoints. */
  function stop(): void {
    clearTimeout(timer);
    thread?.postMessage('stop');
    thread = undefined;
  }

  return {
    committed() {
      if (closed || busy || resting || pagesWaiting() < worthwhile) return;
      clearTimeout(timer);
      busy = true;
      thread ??= start();
      thread.postMessage('checkpoint');
    },
    async close() {
      closed = true;
      stop();
      // Until it has ended the program must not: what waits here would never be heard of again.
      last?.worker.ref();
      await last?.gone;
    },
  };
}

/** As built, a file of this folder; from source (tests, benchmarks) tsx has to be registered inside the thread first. */
function startWorker(file: string): Worker {
  if (!import.meta.url.endsWith('.ts'))
    return new Worker(new URL('./checkpoint-thread.js', import.meta.url), { workerData: file });
  const entry = new URL('./checkpoint-thread.ts', import.meta.url).href;
  const bootstrap = `import('tsx/esm/api').then(({ register }) => { register(); return import('${entry}'); })`;
  return new Worker(bootstrap, { workerData: file, eval: true });
}
