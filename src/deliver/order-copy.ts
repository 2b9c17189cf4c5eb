import type { Worker } from 'node:worker_threads';
import { pieceBytes } from '../mail/piece-bytes.ts';
import { startThread } from '../mail/start-thread.ts';
import { bufferOf, ownBytes } from '../mail/thread-bytes.ts';
import { hearError, type ToldError } from '../mail/told-error.ts';
import { type CopyOrder, makeCopy, type SharedCopy } from './make-copy.ts';

/** Has copies made. The bytes of an order are given away with it. */
export type OrderCopy = (order: CopyOrder) => Promise<SharedCopy>;

/** What the thread says: first of all that its modules are loaded, then one answer an order. */
export type FromCopyThread =
  | { readonly kind: 'ready' }
  | { readonly kind: 'made'; readonly copy: SharedCopy }
  | { readonly kind: 'failed'; readonly error: ToldError };

/** Without work, in milliseconds: the thread holds some megabytes, and what the last mails have left behind. */
const idleMs = 5_000;

/**
 * Small mails are made here: to hand one over would take longer. For large ones, of which a hostile one takes a second, there is a thread:
 * it comes with the work, makes one after the other, and goes when there has been none for a while. Where it cannot start they are made
 * here, too.
 */
export function createOrderCopy(start: () => Worker = startCopyThread): OrderCopy {
  const waiting: Job[] = [];
  let maker: Maker | undefined;

  function next(): void {
    if (waiting.length === 0 || maker?.busy) return;
    maker ??= openMaker(start, leave);
    const job = waiting.shift();
    if (job && maker) maker.make(job, next);
    else if (job) makeHere(job);
  }

  function leave(unbegun: Job | undefined): void {
    maker = undefined;
    if (unbegun) makeHere(unbegun);
    next();
  }

  function makeHere({ order, resolve, reject }: Job): void {
    makeCopy(order).then(resolve, reject).finally(next);
  }

  return (order) => {
    if (order.raw.length <= pieceBytes) return makeCopy(order);
    return new Promise((resolve, reject) => {
      waiting.push({ order, resolve, reject });
      next();
    });
  };
}

/** One thread for the process. */
export const orderCopy = createOrderCopy();

function startCopyThread(): Worker {
  return startThread(new URL('./copy-thread.ts', import.meta.url), {});
}

interface Job {
  readonly order: CopyOrder;
  resolve(copy: SharedCopy): void;
  reject(error: unknown): void;
}

interface Maker {
  readonly busy: boolean;
  /** One at a time. */
  make(job: Job, done: () => void): void;
}

/** Undefined where there is no thread to be had. `left`: it is gone, for want of work or by itself; what it died of is rejected. */
function openMaker(start: () => Worker, left: (unbegun: Job | undefined) => void): Maker | undefined {
  const worker = attempt(start);
  if (!worker) return undefined;
  let ready = false;
  let gone = false;
  let atWork: { readonly job: Job; done(): void } | undefined;
  let idle: NodeJS.Timeout | undefined;

  /** Not before it is ready: what is given away cannot be made here any more. */
  function begin({ order, reject }: Job): void {
    const raw = ownBytes(order.raw);
    try {
      worker?.postMessage({ ...order, raw } satisfies CopyOrder, [raw.buffer]);
    } catch (error) {
      finish(() => reject(error));
    }
  }

  function hear(message: FromCopyThread): void {
    const job = atWork?.job;
    if (message.kind === 'ready') {
      ready = true;
      if (job) begin(job);
    } else if (message.kind === 'failed') finish(() => job?.reject(hearError(message.error)));
    else finish(() => job?.resolve(withBuffer(message.copy)));
  }

  function finish(settle: () => void): void {
    const work = atWork;
    atWork = undefined;
    // A thread at rest does not keep the program alive.
    worker?.unref();
    idle = setTimeout(() => leave(new Error('idle')), idleMs).unref();
    settle();
    work?.done();
  }

  function leave(error: Error): void {
    if (gone) return;
    gone = true;
    clearTimeout(idle);
    void worker?.terminate();
    const job = atWork?.job;
    if (ready) job?.reject(error);
    left(ready ? undefined : job);
  }

  worker.on('message', hear);
  worker.on('error', leave);
  worker.on('exit', () => leave(new Error('The thread that makes copies of large mails has ended.')));
  return {
    get busy() {
      return atWork !== undefined;
    },
    make(job, done) {
      clearTimeout(idle);
      worker.ref();
      atWork = { job, done };
      if (ready) begin(job);
    },
  };
}

/** Throws where the system has no more threads or memory for one. */
function attempt(start: () => Worker): Worker | undefined {
  try {
    return start();
  } catch {
    return undefined;
  }
}

function withBuffer({ message, ...copy }: SharedCopy): SharedCopy {
  return { ...copy, message: { ...message, bytes: bufferOf(message.bytes) } };
}
