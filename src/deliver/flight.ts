import { isAsciiOnly } from '../domain/address.ts';
import type { Reply } from '../domain/outcome.ts';
import type { CopyForm } from '../rewrite/plain-copy.ts';
import type { RecipientAnswer, Transaction } from './transaction.ts';

/** What the next hop said it can do (EHLO). */
export interface Extensions {
  readonly pipelining: boolean;
  readonly eightBitMime: boolean;
  readonly size: boolean;
  readonly utf8: boolean;
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
  for (const recipient of flight.transaction.recipients) {
    if (canName(recipient, extensions)) text += rcptCommand(recipient);
  }
  return `${text}DATA\r\n`;
}

export function mailCommand({ transaction, size }: Flight, extensions: Extensions): string {
  const { returnPath, recipients, message } = transaction;
  // RFC 1870 §6.1, RFC 6152 §3. Without 8BITMIME what is left of 8 bits is sent as it is: the next hop copes, or says no.
  const declared = extensions.size ? ` SIZE=${size}` : '';
  const body = extensions.eightBitMime && message.eightBit ? ' BODY=8BITMIME' : '';
  // RFC 6531 §3.4
  const needed = message.utf8 || !recipients.every(isAsciiOnly);
  return `MAIL FROM:<${returnPath}>${declared}${body}${extensions.utf8 && needed ? ' SMTPUTF8' : ''}\r\n`;
}

/** The form in which that server wants the message; undefined where it suits as it is. */
export function betterForm(
  { message, form }: Transaction,
  { eightBitMime, utf8 }: Extensions,
): CopyForm | undefined {
  if (form !== 'seven-bit' && message.eightBit && !eightBitMime) return 'seven-bit';
  return form === 'full' && message.utf8 && !utf8 ? 'ascii-head' : undefined;
}

/** Whether that server can be told of the recipient at all. */
export function canName(recipient: string, { utf8 }: Extensions): boolean {
  return utf8 || isAsciiOnly(recipient);
}

/** What we answer ourselves for a recipient that the server cannot be told of (RFC 6531 §3.5). */
export const unnameable: Reply = {
  code: 550,
  text: '5.6.7 the next server takes no addresses outside ASCII (it does not offer SMTPUTF8)',
};

/** Those whose turn it would be, and who cannot be named, have their answer. Call it after each answer of the server. */
export function passUnnameable({ transaction, rcpt }: Flight, extensions: Extensions): void {
  const { recipients } = transaction;
  while (rcpt.length < recipients.length && !canName(recipients[rcpt.length] ?? '', extensions))
    rcpt.push(unnameable);
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

/** As latin1: what is written is octets. */
export function rcptCommand(recipient: string): string {
  const octets = isAsciiOnly(recipient) ? recipient : Buffer.from(recipient).toString('latin1');
  return `RCPT TO:<${octets}>\r\n`;
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
