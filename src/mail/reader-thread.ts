import type { Worker } from 'node:worker_threads';
import type { ReadMail, ReadRequest, ReadResponse } from './read-mail.ts';
import { startThread } from './start-thread.ts';

export interface ReaderOptions {
  /** Right side of the Message-IDs made for mail that has none. */
  readonly hostname: string;
  /** For one mail, or a batch of small ones, in milliseconds. Default 2000. */
  readonly timeLimit?: number;
  /** MiB. Default 160. */
  readonly heapLimit?: number;
}

export type Outcome =
  | { readonly kind: 'done'; readonly mails: readonly ReadMail[] }
  /** What it read was too much for it. */
  | { readonly kind: 'failed'; readonly why: string }
  /** It could not even start: no mail's fault. */
  | { readonly kind: 'broken'; readonly why: string };

const idleMs = 10_000;

/** One worker thread. It ends when it fails and when it has been idle for a while, and says so by `ended`. */
export class ReaderThread {
  readonly #worker: Worker;
  readonly #options: ReaderOptions;
  readonly #ended: () => void;
  /** Loading its modules is not the first mail's fault. */
  readonly #ready: Promise<void>;
  #started = false;
  #finish: ((outcome: Outcome) => void) | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: ReaderOptions, ended: () => void) {
    this.#options = options;
    this.#ended = ended;
    this.#worker = startThread(new URL('./extract-thread.ts', import.meta.url), {
      workerData: { hostname: options.hostname },
      resourceLimits: { maxOldGenerationSizeMb: options.heapLimit ?? 160, maxYoungGenerationSizeMb: 16 },
    });
    this.#ready = new Promise((resolve) => this.#worker.once('message', () => resolve()));
    this.#worker.on('message', (message: ReadResponse) => this.#answered(message));
    this.#worker.on('error', (error) => this.stop(reasonOf(error)));
    this.#worker.on('exit', () => this.stop('its reader stopped'));
  }

  get busy(): boolean {
    return this.#finish !== undefined;
  }

  /** Reads a batch; never rejects. After a failure the thread is gone. */
  async run(raws: readonly Buffer[]): Promise<Outcome> {
    clearTimeout(this.#timer);
    this.#worker.ref();
    const done = new Promise<Outcome>((resolve) => {
      this.#finish = resolve;
    });
    const request = packed(raws);
    this.#worker.postMessage(request, [request.bytes.buffer]);
    await Promise.race([this.#ready, done]);
    const limit = this.#options.timeLimit ?? 2000;
    if (this.busy)
      this.#timer = setTimeout(() => this.stop(`it takes longer than ${limit} ms to read`), limit);
    return done;
  }

  async stop(why: string): Promise<void> {
    this.#ended();
    this.#settle({ kind: this.#started ? 'failed' : 'broken', why });
    await this.#worker.terminate();
  }

  #answered(message: ReadResponse): void {
    this.#started = true;
    if (message.kind === 'ready') return;
    this.#settle({ kind: 'done', mails: message.mails.map(withBuffers) });
    // An idle thread does not keep the program alive.
    this.#worker.unref();
    this.#timer = setTimeout(() => this.stop('idle'), idleMs).unref();
  }

  #settle(outcome: Outcome): void {
    clearTimeout(this.#timer);
    this.#finish?.(outcome);
    this.#finish = undefined;
  }
}

function packed(raws: readonly Buffer[]): ReadRequest {
  const lengths = raws.map((raw) => raw.length);
  const bytes = new Uint8Array(lengths.reduce((sum, length) => sum + length, 0));
  let at = 0;
  for (const raw of raws) {
    bytes.set(raw, at);
    at += raw.length;
  }
  return { bytes, lengths };
}

function reasonOf(error: NodeJS.ErrnoException): string {
  return error.code === 'ERR_WORKER_OUT_OF_MEMORY' ? 'it takes too much memory to read' : error.message;
}

/** What crosses the threads arrives as a plain Uint8Array. */
function withBuffers(mail: ReadMail): ReadMail {
  return { ...mail, facts: { ...mail.facts, sha256: Buffer.from(mail.facts.sha256) } };
}
