import type { Log } from '../domain/log.ts';
import { type Answer, describeAnswer } from '../domain/outcome.ts';
import { connect } from './connect.ts';
import { describeSmarthost, type SmarthostAddress } from './smarthost-url.ts';
import { SmtpStream } from './smtp-stream.ts';
import type { Transport, TransportWork } from './transport.ts';

export interface SmarthostOptions {
  readonly to: SmarthostAddress;
  /** Our name in EHLO. */
  readonly hostname: string;
  /** Most connections at the same time. */
  readonly connections: number;
  readonly log: Log;
  readonly timeouts?: Partial<SmarthostTimeouts>;
}

/** All in milliseconds. */
export interface SmarthostTimeouts {
  /** Everything up to the login. */
  readonly connect: number;
  /** Any answer; RFC 5321 §4.5.3.2.6 asks for 10 minutes after the dot. */
  readonly answer: number;
  /** How long an idle connection is kept. */
  readonly idle: number;
  /** How long close() waits for what is under way. */
  readonly close: number;
  /** How long fewer connections are opened after the server did not take one more. */
  readonly fewer: number;
}

const standardTimeouts: SmarthostTimeouts = {
  connect: 30_000,
  answer: 10 * 60_000,
  idle: 10_000,
  close: 20_000,
  fewer: 60_000,
};

/** Everything goes to one mail server, over a few kept connections. */
export function createSmarthost(options: SmarthostOptions): Transport {
  const pool = new ConnectionPool(options, { ...standardTimeouts, ...options.timeouts });
  return {
    destination: describeSmarthost(options.to),
    start: (work) => pool.start(work),
    offer: (waiting) => pool.offer(waiting),
    close: () => pool.close(),
  };
}

class ConnectionPool {
  readonly #options: SmarthostOptions;
  readonly #timeouts: SmarthostTimeouts;
  readonly #streams = new Set<SmtpStream>();
  #work: TransportWork | undefined;
  readonly #giveUpConnecting = new AbortController();
  #connecting = 0;
  #limit: number;
  #limitTimer: NodeJS.Timeout | undefined;
  #closed: (() => void) | undefined;

  constructor(options: SmarthostOptions, timeouts: SmarthostTimeouts) {
    this.#options = options;
    this.#timeouts = timeouts;
    this.#limit = options.connections;
  }

  start(work: TransportWork): void {
    this.#work = work;
  }

  /** Idle connections first; what they cannot take deserves new ones. */
  offer(waiting: number): void {
    if (this.#closed || !this.#work) return;
    let left = waiting;
    for (const stream of this.#streams) {
      if (left <= 0) return;
      if (!stream.idle) continue;
      stream.wake();
      left -= 1;
    }
    const room = this.#limit - this.#streams.size - this.#connecting;
    for (let open = Math.min(room, left - this.#connecting); open > 0; open--) void this.#open(this.#work);
  }

  async close(): Promise<void> {
    clearTimeout(this.#limitTimer);
    const finished = new Promise<void>((resolve) => {
      this.#closed = resolve;
    });
    for (const stream of this.#streams) stream.close();
    this.#giveUpConnecting.abort();
    this.#checkClosed();
    const timer = setTimeout(() => {
      for (const stream of this.#streams) stream.destroy();
    }, this.#timeouts.close);
    await finished;
    clearTimeout(timer);
  }

  async #open(work: TransportWork): Promise<void> {
    const { to, hostname } = this.#options;
    this.#connecting += 1;
    const result = await connect({
      to,
      hostname,
      timeout: this.#timeouts.connect,
      signal: this.#giveUpConnecting.signal,
    });
    this.#connecting -= 1;
    if (result.kind === 'refused') {
      if (this.#streams.size > 0) this.#useFewer(result.answer);
      else if (!this.#closed) work.trouble(result.stage, result.answer);
    } else if (this.#closed) result.socket.destroy();
    else this.#stream(work, result);
    this.#checkClosed();
  }

  #stream(work: TransportWork, { socket, extensions }: Extract<Connected, { kind: 'connected' }>): void {
    let over = false;
    const ended = (which: SmtpStream, answer: Answer | undefined) => {
      over = true;
      this.#streams.delete(which);
      // One that got something done and then closed is simply opened anew: servers limit messages a connection.
      if (answer && which.completed === 0 && !this.#closed) work.trouble('connect', answer);
      this.#checkClosed();
    };
    const stream = new SmtpStream({
      socket,
      extensions,
      work,
      answerTimeout: this.#timeouts.answer,
      idleTimeout: this.#timeouts.idle,
      ended,
    });
    if (!over) this.#streams.add(stream);
  }

  #useFewer(answer: Answer): void {
    const { log } = this.#options;
    this.#limit = Math.max(1, this.#streams.size);
    log.info(
      { connections: this.#limit, answer: describeAnswer(answer) },
      'The next hop takes no more connections than these.',
    );
    clearTimeout(this.#limitTimer);
    this.#limitTimer = setTimeout(() => {
      this.#limit = this.#options.connections;
    }, this.#timeouts.fewer).unref();
  }

  #checkClosed(): void {
    if (this.#closed && this.#streams.size === 0 && this.#connecting === 0) this.#closed();
  }
}

type Connected = Awaited<ReturnType<typeof connect>>;
