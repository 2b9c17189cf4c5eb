import type { Worker } from 'node:worker_threads';
import type { DnsResolver } from '../dns/resolver.ts';
import { DnsError } from '../dns/resolver.ts';
import { startThread } from '../mail/start-thread.ts';
import type {
  CheckRequest,
  CheckResult,
  DnsAnswer,
  DnsQuestion,
  FromThread,
  ToThread,
} from './check-request.ts';

export type CheckOutcome =
  | { readonly kind: 'done'; readonly result: CheckResult }
  /** The thread said that this mail brings out a fault. */
  | { readonly kind: 'failed'; readonly why: string }
  /** The thread is gone; this mail was one of those in it, or the only one. */
  | { readonly kind: 'lost'; readonly why: string; readonly alone: boolean }
  /** It could not even start: no mail's fault. */
  | { readonly kind: 'broken'; readonly why: string };

export interface CheckerOptions {
  readonly resolver: DnsResolver;
  /** MiB. Default 128. */
  readonly heapLimit?: number;
  /** How long it may not answer while it has work, in milliseconds. Default 4000. */
  readonly patience?: number;
  /** When it has nothing to do, in milliseconds. Default 30 s. */
  readonly idle?: number;
}

/** One worker thread. It ends when it stalls or dies and when it has been idle for a while, and says so by `ended`. */
export class CheckerThread {
  readonly #worker: Worker;
  readonly #options: CheckerOptions;
  readonly #ended: () => void;
  readonly #finish = new Map<number, (outcome: CheckOutcome) => void>();
  #lastId = 0;
  #ready = false;
  #unanswered = 0;
  #watch: NodeJS.Timeout | undefined;
  #idle: NodeJS.Timeout | undefined;

  constructor(options: CheckerOptions, ended: () => void) {
    this.#options = options;
    this.#ended = ended;
    this.#worker = startThread(new URL('./check-thread.ts', import.meta.url), {
      stdout: true, // mailauth prints what it wonders about
      resourceLimits: { maxOldGenerationSizeMb: options.heapLimit ?? 128, maxYoungGenerationSizeMb: 16 },
    });
    this.#worker.stdout.resume();
    this.#worker.on('message', (message: FromThread) => this.#told(message));
    this.#worker.on('error', (error) => this.stop(reasonOf(error)));
    this.#worker.on('exit', () => this.stop('its checker stopped'));
  }

  /** Mails that it works at. */
  get load(): number {
    return this.#finish.size;
  }

  /** Never rejects. `bytes` are given away. */
  run(bytes: Uint8Array<ArrayBuffer>, request: CheckRequest): Promise<CheckOutcome> {
    clearTimeout(this.#idle);
    this.#worker.ref();
    this.#watch ??= setInterval(() => this.#look(), (this.#options.patience ?? 4000) / 4);
    this.#lastId += 1;
    const id = this.#lastId;
    return new Promise((resolve) => {
      this.#finish.set(id, resolve);
      this.#say({ kind: 'check', id, bytes, request }, [bytes.buffer]);
    });
  }

  async stop(why: string): Promise<void> {
    this.#ended();
    clearInterval(this.#watch);
    clearTimeout(this.#idle);
    const alone = this.load === 1;
    for (const finish of this.#finish.values())
      finish(this.#ready ? { kind: 'lost', why, alone } : { kind: 'broken', why });
    this.#finish.clear();
    await this.#worker.terminate();
  }

  /** Its event loop must answer, whatever its mails wait for. Turns are counted, not time: this thread may have stood still itself. */
  #look(): void {
    if (!this.#ready) return; // loading its modules is nobody's fault
    if (this.#unanswered >= 4) {
      void this.stop('it takes too long to check');
      return;
    }
    this.#unanswered += 1;
    this.#say({ kind: 'ping' });
  }

  #told(message: FromThread): void {
    this.#unanswered = 0;
    switch (message.kind) {
      case 'ready':
        this.#ready = true;
        return;
      case 'ask':
        void this.#answer(message.questions);
        return;
      case 'checked':
        this.#settle(message.id, { kind: 'done', result: message.result });
        return;
      case 'failed':
        this.#settle(message.id, { kind: 'failed', why: message.why });
        return;
      case 'pong':
    }
  }

  /** Those of the questions that the cache knows go back at once, each of the others by itself. */
  async #answer(questions: readonly DnsQuestion[]): Promise<void> {
    let known: DnsAnswer[] | undefined = [];
    const asked = questions.map(async (question) => {
      const answer = await lookUp(this.#options.resolver, question);
      if (known) known.push(answer);
      else this.#say({ kind: 'answers', answers: [answer] });
    });
    await new Promise(setImmediate);
    const answers = known;
    known = undefined;
    if (answers.length > 0) this.#say({ kind: 'answers', answers });
    await Promise.all(asked);
  }

  #settle(id: number, outcome: CheckOutcome): void {
    this.#finish.get(id)?.(outcome);
    this.#finish.delete(id);
    if (this.load > 0) return;
    clearInterval(this.#watch);
    this.#watch = undefined;
    // An idle thread does not keep the program alive.
    this.#worker.unref();
    this.#idle = setTimeout(() => this.stop('idle'), this.#options.idle ?? 30_000).unref();
  }

  #say(message: ToThread, transfer: ArrayBuffer[] = []): void {
    this.#worker.postMessage(message, transfer);
  }
}

async function lookUp(resolver: DnsResolver, { id, name, type, about }: DnsQuestion): Promise<DnsAnswer> {
  try {
    return { id, records: await resolver.resolve(name, type, about) };
  } catch (error) {
    return { id, error: error instanceof DnsError ? error.code : 'ESERVFAIL' };
  }
}

function reasonOf(error: NodeJS.ErrnoException): string {
  return error.code === 'ERR_WORKER_OUT_OF_MEMORY' ? 'it takes too much memory to check' : error.message;
}
