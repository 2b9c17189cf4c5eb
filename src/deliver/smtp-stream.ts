import type { Socket } from 'node:net';
import type { Answer, Reply, Stage } from '../domain/outcome.ts';
import {
  answersOf,
  betterForm,
  canName,
  type Extensions,
  envelope,
  type Flight,
  isIntermediate,
  isRefusal,
  mailCommand,
  newFlight,
  passUnnameable,
  rcptCommand,
  unnameable,
} from './flight.ts';
import { createOrderedWriter, type OrderedWriter } from './ordered-writer.ts';
import { createReplyReader } from './reply-reader.ts';
import type { RecipientAnswer, Transaction, Work } from './transaction.ts';

export interface StreamOptions {
  /** Connected, greeted, secured and logged in; nobody else listens to its data. */
  readonly socket: Socket;
  readonly extensions: Extensions;
  readonly work: Work;
  /** How long an answer may take, in milliseconds; after the dot RFC 5321 §4.5.3.2.6 asks for 10 minutes. */
  readonly answerTimeout: number;
  /** How long an idle connection is kept, in milliseconds. */
  readonly idleTimeout: number;
  /** It takes no more than these. */
  readonly transactions: number;
  /** Once, at the end; `last` is absent when the connection ended in peace. */
  ended(stream: SmtpStream, last: RecipientAnswer | undefined): void;
}

/**
 * The stream of mail over one connection. Where the server takes pipelining (RFC 2920) each message travels with the next
 * envelope in one write, so a transaction costs one round trip; at most two are under way: one whose message awaits its answer,
 * and one of which only the envelope is out. Otherwise one command at a time.
 */
export class SmtpStream {
  /** Transactions that the server answered to the end, whatever the answer. */
  completed = 0;
  readonly #options: StreamOptions;
  readonly #reader = createReplyReader();
  readonly #out: OrderedWriter;
  #current: Flight | undefined;
  #upcoming: Flight | undefined;
  #begun = 0;
  #resetting = false;
  #closing = false;
  #over = false;

  constructor(options: StreamOptions) {
    this.#options = options;
    const { socket } = options;
    this.#out = createOrderedWriter(socket);
    socket.on('data', (chunk) => this.#read(chunk));
    socket.on('timeout', () => this.#timedOut());
    socket.on('error', (error) => this.#lost(error.message));
    socket.on('close', () => this.#lost('the connection was closed'));
    this.#begin();
  }

  get idle(): boolean {
    return !this.#current && !this.#upcoming && !this.#over;
  }

  /** There may be work: an idle stream takes some. */
  wake(): void {
    if (this.idle && !this.#closing) this.#begin();
  }

  /** Takes no more work; says QUIT when what is under way has been answered. */
  close(): void {
    this.#closing = true;
    if (this.idle) this.#quit();
  }

  /** Now, without waiting for anything. */
  destroy(): void {
    this.#options.socket.destroy();
    const upcoming = this.#upcoming;
    this.#upcoming = undefined;
    this.#lost('the connection was closed here');
    if (upcoming) this.#options.work.returned(upcoming.transaction);
  }

  /** Starts the next envelope, or rests. `afterFailure`: the server still remembers a transaction that came to nothing. */
  #begin(afterFailure = false): void {
    const flight = this.#pull();
    if (flight) this.#start(flight, afterFailure);
    else if (this.#closing) this.#quit();
    else {
      this.#options.socket.setTimeout(this.#options.idleTimeout);
      if (afterFailure) this.#reset();
    }
  }

  #start(flight: Flight, afterFailure: boolean): void {
    const { socket, answerTimeout, extensions } = this.#options;
    this.#upcoming = flight;
    socket.setTimeout(answerTimeout);
    if (extensions.pipelining) {
      this.#resetting ||= afterFailure;
      this.#out.write((afterFailure ? 'RSET\r\n' : '') + envelope(flight, extensions));
    } else if (afterFailure) this.#reset();
    else if (!this.#resetting) this.#nextCommand(flight);
  }

  /** The next transaction that this server can be given; the others have their answer, or come again in another form. */
  #pull(): Flight | undefined {
    const { work, extensions } = this.#options;
    for (let transaction = this.#next(); transaction; transaction = this.#next()) {
      const { recipients } = transaction;
      if (!recipients.some((recipient) => canName(recipient, extensions))) {
        const answer: RecipientAnswer = { stage: 'rcpt', answer: { kind: 'reply', reply: unnameable } };
        work.settled(
          transaction,
          recipients.map(() => answer),
        );
        continue;
      }
      const form = betterForm(transaction, extensions);
      if (!form) return newFlight(transaction);
      work.reshape(transaction, form);
    }
    return undefined;
  }

  #next(): Transaction | undefined {
    const transaction = this.#closing ? undefined : this.#options.work.next();
    if (!transaction) return undefined;
    this.#begun += 1;
    if (this.#begun >= this.#options.transactions) this.#closing = true;
    return transaction;
  }

  #reset(): void {
    this.#resetting = true;
    this.#out.write('RSET\r\n');
  }

  /** Without pipelining: the one command that follows from what was answered. */
  #nextCommand(flight: Flight): void {
    const { extensions } = this.#options;
    const { recipients } = flight.transaction;
    if (!flight.mail) this.#out.write(mailCommand(flight, extensions));
    else if (isRefusal(flight.mail)) this.#giveUp(flight);
    else if (flight.rcpt.length < recipients.length)
      this.#out.write(rcptCommand(recipients[flight.rcpt.length] ?? ''));
    else if (flight.rcpt.every(isRefusal)) this.#giveUp(flight);
    else this.#out.write('DATA\r\n');
  }

  #read(chunk: Buffer): void {
    const problem = this.#reader.take(chunk, (reply) => {
      if (!this.#over) this.#answer(reply);
    });
    if (problem && !this.#over) this.#fail({ kind: 'lost', why: problem });
  }

  #answer(reply: Reply): void {
    if (reply.code === 421) this.#serverCloses(reply);
    else if (this.#current) this.#messageAnswered(this.#current, reply);
    else if (this.#resetting) this.#resetAnswered();
    else if (this.#upcoming) this.#envelopeAnswered(this.#upcoming, reply);
    // The server speaks unasked: there is nothing to expect of it any more.
    else this.#fail(undefined);
  }

  #resetAnswered(): void {
    this.#resetting = false;
    if (this.#upcoming && !this.#options.extensions.pipelining) this.#nextCommand(this.#upcoming);
  }

  #envelopeAnswered(flight: Flight, reply: Reply): void {
    const commandsLeft = !flight.mail || flight.rcpt.length < flight.transaction.recipients.length;
    if (!commandsLeft) this.#dataAnswered(flight, reply);
    else if (isIntermediate(reply)) this.#failAt(reply);
    else {
      if (flight.mail) flight.rcpt.push(reply);
      else flight.mail = reply;
      passUnnameable(flight, this.#options.extensions);
      if (!this.#options.extensions.pipelining) this.#nextCommand(flight);
    }
  }

  #dataAnswered(flight: Flight, reply: Reply): void {
    if (reply.code === 354) this.#sendMessage(flight);
    else if (isRefusal(reply)) this.#giveUp(flight, reply);
    else this.#failAt(reply);
  }

  #sendMessage(flight: Flight): void {
    const { socket, extensions } = this.#options;
    flight.empty = isRefusal(flight.mail) || flight.rcpt.every(isRefusal);
    this.#current = flight;
    this.#upcoming = extensions.pipelining ? this.#pull() : undefined;
    const next = this.#upcoming ? envelope(this.#upcoming, extensions) : '';
    const { personalHead, message } = flight.transaction;
    const flushed = (error?: Error | null) => {
      flight.flushed = !error;
    };
    if (flight.empty) this.#out.write(`.\r\n${next}`);
    else if (message.text !== undefined) this.#out.write(personalHead + message.text + next, flushed);
    else {
      socket.cork();
      if (personalHead !== '') this.#out.write(personalHead);
      this.#out.write(message.bytes, flushed);
      if (next !== '') this.#out.write(next);
      socket.uncork();
    }
  }

  #messageAnswered(flight: Flight, reply: Reply): void {
    if (isIntermediate(reply)) this.#failAt(reply);
    else {
      this.#current = undefined;
      this.#settle(flight, { stage: 'dot', answer: { kind: 'reply', reply } });
      if (!this.#upcoming) this.#begin();
    }
  }

  /** The transaction ended before its message was asked for: refused by everyone, or at DATA. */
  #giveUp(flight: Flight, data?: Reply): void {
    // Not idle meanwhile: whoever is told may offer more at once, and the server still remembers this one.
    this.#settle(flight, {
      stage: 'data',
      answer: data ? { kind: 'reply', reply: data } : { kind: 'lost', why: '' },
    });
    this.#upcoming = undefined;
    this.#begin(true);
  }

  #settle(flight: Flight, last: RecipientAnswer): void {
    this.completed += 1;
    this.#options.work.settled(flight.transaction, answersOf(flight, last));
  }

  /** RFC 5321 §3.8: 421 announces the end of the connection, whatever it answers. */
  #serverCloses(reply: Reply): void {
    const answer: Answer | undefined = this.idle ? undefined : { kind: 'reply', reply };
    if (this.#current && answer) {
      const flight = this.#current;
      this.#current = undefined;
      this.#settle(flight, { stage: 'dot', answer });
    }
    this.#fail(answer);
  }

  #timedOut(): void {
    if (this.idle) this.#quit();
    else this.#fail({ kind: 'lost', why: 'no answer in time' });
  }

  #lost(why: string): void {
    if (this.#over) return;
    this.#fail(this.idle ? undefined : { kind: 'lost', why });
  }

  #quit(): void {
    this.#closing = true;
    const { socket } = this.#options;
    socket.setTimeout(quitTimeout);
    this.#out.end('QUIT\r\n');
    this.#finish(undefined);
  }

  /** An answer that makes no sense here: who knows which command it belongs to. */
  #failAt(reply: Reply): void {
    this.#fail({ kind: 'lost', why: `an answer out of place: ${reply.code} ${reply.text}`.trimEnd() });
  }

  #fail(answer: Answer | undefined): void {
    this.#options.socket.destroy();
    this.#finish(answer);
  }

  /** Hands back what was under way: sent whole → unanswered; in the middle → lost at data; only the envelope → see below. */
  #finish(answer: Answer | undefined): void {
    if (this.#over) return;
    this.#over = true;
    const { work, ended } = this.#options;
    const flight = this.#current ?? this.#upcoming;
    const last = flight && answer && { stage: this.#stageOf(flight), answer };
    // First: for what is handed back a connection is opened at once, if this one is not counted any more.
    ended(this, last);
    if (this.#current) {
      const lost: Answer =
        answer?.kind === 'lost' ? answer : { kind: 'lost', why: 'the connection was closed' };
      work.settled(
        this.#current.transaction,
        answersOf(this.#current, { stage: this.#stageOf(this.#current), answer: lost }),
      );
    }
    if (!this.#upcoming) return;
    // Servers limit what they take over one connection. But the first that one gets is answered for what it is.
    if (!last || this.#current || this.completed > 0) work.returned(this.#upcoming.transaction);
    else work.settled(this.#upcoming.transaction, answersOf(this.#upcoming, last));
  }

  #stageOf(flight: Flight): Stage {
    if (flight === this.#current) return flight.flushed ? 'dot' : 'data';
    if (!flight.mail) return 'mail';
    return flight.rcpt.length < flight.transaction.recipients.length ? 'rcpt' : 'data';
  }
}

/** How long a server may take to close after QUIT, in milliseconds. */
const quitTimeout = 5_000;
