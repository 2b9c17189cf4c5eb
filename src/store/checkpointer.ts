import { Worker } from 'node:worker_threads';
import type { Log } from '../domain/log.ts';
import type { SqliteConnection } from './sqlite-connection.ts';
import { refusalOf, sqliteCode } from './sqlite-errors.ts';

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
/**
 * With this many in the log (32 MiB) the thread does not keep up: the rest is copied here and now, which slows those down who write. (SQLite's own
 * automatic checkpoint would do so too, and keep silent about a disk that fails under it.)
 */
const tooMany = 8192;
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

  /** Pages in the log, and those of them that are not in the file yet. It begins anew when there are none of these. */
  function pages(): { readonly written: number; readonly waiting: number } {
    const { log: written, checkpointed } = position.get() as { log: number; checkpointed: number };
    return { written, waiting: written - checkpointed };
  }

  function start(): Worker {
    const worker = startWorker(file);
    worker.on('message', reported);
    worker.on('error', (error) => reported({ kind: 'failed', code: error.message }));
    last = { worker, gone: new Promise((resolve) => worker.once('exit', () => resolve())) };
    worker.unref();
    return worker;
  }

  function checkpointHere(): void {
    const report = checkpoint(writer);
    if (report.kind === 'failed') failed(report);
  }

  function reported(report: CheckpointReport): void {
    busy = false;
    timer = setTimeout(stop, idleMs).unref();
    if (report.kind === 'failed') failed(report);
  }

  function failed(report: CheckpointReport & { readonly kind: 'failed' }): void {
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
      if (closed || resting) return;
      const { written, waiting } = pages();
      if (written >= tooMany && waiting > 0) return checkpointHere();
      if (busy || waiting < worthwhile) return;
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

/** Copies what nobody reads in its old state any more. */
export function checkpoint(connection: SqliteConnection): CheckpointReport {
  try {
    connection.raw.pragma('wal_checkpoint(passive)');
    return { kind: 'done' };
  } catch (error) {
    return { kind: 'failed', code: sqliteCode(error) || String(error) };
  }
}

/** As built, a file of this folder; from source (tests, benchmarks) tsx has to be registered inside the thread first. */
function startWorker(file: string): Worker {
  if (!import.meta.url.endsWith('.ts'))
    return new Worker(new URL('./checkpoint-thread.js', import.meta.url), { workerData: file });
  const entry = new URL('./checkpoint-thread.ts', import.meta.url).href;
  const bootstrap = `import('tsx/esm/api').then(({ register }) => { register(); return import('${entry}'); })`;
  return new Worker(bootstrap, { workerData: file, eval: true });
}
