import type { Log } from '../domain/log.ts';
import { type Answer, describeAnswer } from '../domain/outcome.ts';
import type { Connected } from './connect.ts';
import type { ConnectionSlots, SlotHolder } from './connection-slots.ts';
import { SmtpStream } from './smtp-stream.ts';
import type { RecipientAnswer } from './transaction.ts';
import type { Transport, TransportWork } from './transport.ts';

export interface PoolOptions {
  readonly destination: string;
  /** Opens a connection; never rejects. */
  connect(signal: AbortSignal): Promise<Connected>;
  /** Most connections at the same time, as things are now. */
  connections(): number;
  /** Transactions over one connection, then it is closed; absent: any number. */
  readonly transactions?: number;
  /** Shared with other destinations. */
  readonly slots?: ConnectionSlots;
  readonly log: Log;
  readonly timeouts: PoolTimeouts;
}

/** All in milliseconds. */
export interface PoolTimeouts {
  /** Any answer; RFC 5321 §4.5.3.2.6 asks for 10 minutes after the dot. */
  readonly answer: number;
  /** How long an idle connection is kept. */
  readonly idle: number;
  /** How long close() waits for what is under way. */
  readonly close: number;
  /** How long fewer connections are opened after the server did not take one more. */
  readonly fewer: number;
}

/** A few kept connections to one destination. */
export function createConnectionPool(options: PoolOptions): Transport {
  return new ConnectionPool(options);
}

class ConnectionPool implements Transport, SlotHolder {
  readonly destination: string;
  readonly #options: PoolOptions;
  readonly #streams = new Set<SmtpStream>();
  #work: TransportWork | undefined;
  readonly #giveUpConnecting = new AbortController();
  #connecting = 0;
  /** What the server took when it did not take one more. */
  #limit = Number.POSITIVE_INFINITY;
  #limitTimer: NodeJS.Timeout | undefined;
  #closed: (() => void) | undefined;

  constructor(options: PoolOptions) {
    this.#options = options;
    this.destination = options.destination;
  }

  get connections(): number {
    return this.#streams.size + this.#connecting;
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
    const room = Math.min(this.#limit, this.#options.connections()) - this.connections;
    for (let open = Math.min(room, left - this.#connecting); open > 0; open--) {
      if (!this.#mayOpen()) return;
      void this.#open(this.#work);
    }
  }

  roomAgain(): void {
    if (!this.#closed) this.#work?.roomAgain();
  }

  endIdle(): boolean {
    for (const stream of this.#streams) {
      if (!stream.idle) continue;
      stream.close();
      return true;
    }
    return false;
  }

  async close(): Promise<void> {
    clearTimeout(this.#limitTimer);
    this.#options.slots?.forget(this);
    const finished = new Promise<void>((resolve) => {
      this.#closed = resolve;
    });
    for (const stream of this.#streams) stream.close();
    this.#giveUpConnecting.abort();
    this.#checkClosed();
    const timer = setTimeout(() => {
      for (const stream of this.#streams) stream.destroy();
    }, this.#options.timeouts.close);
    await finished;
    clearTimeout(timer);
  }

  #mayOpen(): boolean {
    const { slots } = this.#options;
    return !slots || slots.take(this, this.connections === 0);
  }

  async #open(work: TransportWork): Promise<void> {
    this.#connecting += 1;
    const result = await this.#options.connect(this.#giveUpConnecting.signal);
    this.#connecting -= 1;
    if (result.kind === 'refused') {
      if (this.#streams.size > 0) this.#useFewer(result.answer);
      else if (!this.#closed) work.trouble(result.stage, result.answer);
    } else if (this.#closed) result.socket.destroy();
    else this.#stream(work, result);
    if (result.kind === 'refused' || this.#closed) this.#options.slots?.giveBack();
    this.#checkClosed();
  }

  #stream(work: TransportWork, { socket, extensions }: Extract<Connected, { kind: 'connected' }>): void {
    const { timeouts, transactions, slots } = this.#options;
    let over = false;
    const ended = (which: SmtpStream, last: RecipientAnswer | undefined) => {
      over = true;
      this.#streams.delete(which);
      slots?.giveBack();
      // Otherwise it is simply opened anew.
      if (last && !this.#closed) work.ended(last.stage, last.answer);
      this.#checkClosed();
    };
    const stream = new SmtpStream({
      socket,
      extensions,
      work,
      answerTimeout: timeouts.answer,
      idleTimeout: timeouts.idle,
      transactions: transactions ?? Number.POSITIVE_INFINITY,
      ended,
    });
    if (!over) this.#streams.add(stream);
  }

  #useFewer(answer: Answer): void {
    const { log, destination, timeouts } = this.#options;
    this.#limit = Math.max(1, this.#streams.size);
    log.info(
      { destination, connections: this.#limit, answer: describeAnswer(answer) },
      'The next hop takes no more connections than these.',
    );
    clearTimeout(this.#limitTimer);
    this.#limitTimer = setTimeout(() => {
      this.#limit = Number.POSITIVE_INFINITY;
    }, timeouts.fewer).unref();
  }

  #checkClosed(): void {
    if (this.#closed && this.connections === 0) this.#closed();
  }
}
