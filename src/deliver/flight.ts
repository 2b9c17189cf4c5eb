import type { Reply } from '../domain/outcome.ts';
import type { RecipientAnswer, Transaction } from './transaction.ts';

/** What the next hop said it can do (EHLO). */
export interface Extensions {
  readonly pipelining: boolean;
  readonly eightBitMime: boolean;
  readonly size: boolean;
}

/** A transaction on its way: what was answered so far, in the order of the commands. */
export interface Flight {
  readonly transaction: Transaction;
  readonly size: number;
  mail: Reply | undefined;
  readonly rcpt: Reply[];
  /** All of the message has left this process, the final dot included. */
  flushed: boolean;
  /** Nobody was accepted, yet the server asked for data: an empty message ends the transaction (RFC 2920 §3.1). */
  empty: boolean;
}

/** All commands up to DATA. */
export function envelope(flight: Flight, extensions: Extensions): string {
  let text = mailCommand(flight, extensions);
  for (const recipient of flight.transaction.recipients) text += rcptCommand(recipient);
  return `${text}DATA\r\n`;
}

export function mailCommand({ transaction, size }: Flight, extensions: Extensions): string {
  // RFC 1870 §6.1, RFC 6152 §3. Without 8BITMIME the octets are sent as they are: the next hop copes, or says no.
  const declared = extensions.size ? ` SIZE=${size}` : '';
  const body = extensions.eightBitMime && transaction.message.eightBit ? ' BODY=8BITMIME' : '';
  return `MAIL FROM:<${transaction.returnPath}>${declared}${body}\r\n`;
}

export function newFlight(transaction: Transaction): Flight {
  return {
    transaction,
    // RFC 1870 §6.1 wants an estimate: the stuffed dots are too much, which is allowed.
    size: transaction.personalHead.length + transaction.message.bytes.length,
    mail: undefined,
    rcpt: [],
    flushed: false,
    empty: false,
  };
}

export function rcptCommand(recipient: string): string {
  return `RCPT TO:<${recipient}>\r\n`;
}

export function isRefusal(reply: Reply | undefined): boolean {
  return !reply || reply.code >= 400;
}

export function isIntermediate(reply: Reply): boolean {
  return reply.code >= 300 && reply.code < 400;
}

/** Each recipient's last word: of MAIL where that was refused, else of its own RCPT where refused, else of the message. */
export function answersOf(flight: Flight, last: RecipientAnswer): RecipientAnswer[] {
  const { mail, rcpt, transaction } = flight;
  if (mail && isRefusal(mail)) {
    const refused: RecipientAnswer = { stage: 'mail', answer: { kind: 'reply', reply: mail } };
    return transaction.recipients.map(() => refused);
  }
  return transaction.recipients.map((_, index) => {
    const reply = rcpt[index];
    return reply && isRefusal(reply) ? { stage: 'rcpt', answer: { kind: 'reply', reply } } : last;
  });
}
