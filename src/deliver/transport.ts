import type { Answer, Stage } from '../domain/outcome.ts';
import type { Transaction, Work } from './transaction.ts';

/** A way for mail to leave. It pulls transactions from the worker as it can take them. */
export interface Transport {
  /** How logs and the queue name it: `mail.example.org:25`. Never a password. */
  readonly destination: string;
  /** How many connections there are, or are being made. */
  readonly connections: number;
  /** Once, before anything else. */
  start(work: TransportWork): void;
  /** There are transactions waiting, about this many. */
  offer(waiting: number): void;
  /** Finishes what is under way, for at most 20 seconds, and takes nothing new. */
  close(): Promise<void>;
}

export interface TransportWork extends Work<Transaction> {
  /** The destination could not be reached, or wants no mail from us. */
  trouble(stage: Stage, answer: Answer): void;
  /** There may be room for one more connection: what waits now may be offered. */
  roomAgain(): void;
  /** A connection ended otherwise than in peace, after it had begun well; where the conversation was. */
  ended(stage: Stage, answer: Answer): void;
}
