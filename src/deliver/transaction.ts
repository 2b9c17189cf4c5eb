import type { Answer, Stage } from '../domain/outcome.ts';
import type { CopyForm } from '../rewrite/plain-copy.ts';

/** A message as the wire wants it: every line ends in CRLF, dots are stuffed, and the end-of-data line is there. */
export interface WireMessage {
  readonly bytes: Buffer;
  /** The same, one character an octet, where it is small: it goes out in one string with what is around it, which is the cheapest way. */
  readonly text: string | undefined;
  /** It has octets over 127. */
  readonly eightBit: boolean;
  /** A next hop must offer SMTPUTF8 to get it (RFC 6532). */
  readonly utf8: boolean;
}

/** One mail to one next hop: a copy for one recipient, or one copy for up to a hundred. */
export interface Transaction {
  /** '' is the null sender. */
  readonly returnPath: string;
  /** At least one. */
  readonly recipients: readonly string[];
  /** Header fields of this copy alone, ASCII, lines ending in CRLF; goes before `message`. May be ''. */
  readonly personalHead: string;
  /** Shared by all copies of a mailing. */
  readonly message: WireMessage;
  /** What kind of server the message was made for. */
  readonly form: CopyForm;
}

/** The last word the next hop said about one recipient, and when. */
export interface RecipientAnswer {
  readonly stage: Stage;
  readonly answer: Answer;
}

/** Where a transport gets transactions, and where it says what became of them. */
export interface Work<T extends Transaction = Transaction> {
  /** The next transaction, claimed and made; undefined when there is none now. */
  next(): T | undefined;
  /** One answer a recipient, in their order. */
  settled(transaction: T, answers: readonly RecipientAnswer[]): void;
  /** The next hop takes less than it needs: it comes again in that form. */
  reshape(transaction: T, form: CopyForm): void;
  /** It was not sent, and that is not its fault. */
  returned(transaction: T): void;
}
