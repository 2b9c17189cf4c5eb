import { isUtf8 } from 'node:buffer';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { pieceBytes } from './piece-bytes.ts';

/** One header field, in the order and with the very bytes it came in. */
export interface HeaderField {
  /** Lower case; '' for a line in the header block that is no field. */
  readonly name: string;
  /** Every byte of the field as a latin1 string: name, colon, folding and the final line end. */
  readonly raw: string;
  /** Unfolded (RFC 5322 §2.2.3) and trimmed, still bytes as latin1: `decodeHeader` (decode-header.ts) makes text of it. */
  readonly value: string;
}

export interface MailHead {
  readonly fields: readonly HeaderField[];
  /** Offset of the empty line: `raw.subarray(end)` is that line and the body. The message's length when there is none. */
  readonly end: number;
  /** Offset of the first byte of the body. */
  readonly bodyStart: number;
}

/** Why a message is refused at DATA for its form, as an SMTP reply. */
export interface HeadProblem {
  readonly code: 550 | 554;
  readonly enhanced: string;
  readonly why: string;
}

export const maxHeadBytes = 256 * 1024;
const maxHeadFields = 1000;
const maxHops = 30;

/** Fields of which two would let two programs read two different mails (RFC 5322 §3.6: at most one). */
const single = ['from', 'subject', 'date', 'message-id', 'to', 'cc', 'reply-to'] as const;

/**
 * Reads the header block: any bytes, never throws, in linear time. Accepts LF line ends. What exceeds `maxHeadBytes` or
 * `maxHeadFields` stays one unread field without a name, so that the fields' bytes always add up to the block.
 */
export function readHead(raw: Buffer): MailHead {
  const { end, bodyStart } = findEnd(raw);
  const readable = Math.min(end, maxHeadBytes);
  const text = raw.toString('latin1', 0, readable);
  const fields: HeaderField[] = [];
  let start = 0;
  while (start < readable && fields.length < maxHeadFields) {
    const next = endOfField(text, start);
    fields.push(readField(text.slice(start, next)));
    start = next;
  }
  if (start < end) fields.push({ name: '', raw: raw.toString('latin1', start, end), value: '' });
  return { fields, end, bodyStart };
}

/** The first field of that name (lower case). */
export function findField(head: Pick<MailHead, 'fields'>, name: string): HeaderField | undefined {
  return head.fields.find((field) => field.name === name);
}

/** Its unfolded value; '' when there is none. */
export function firstValue(head: Pick<MailHead, 'fields'>, name: string): string {
  return findField(head, name)?.value ?? '';
}

export function findFields(head: Pick<MailHead, 'fields'>, name: string): HeaderField[] {
  return head.fields.filter((field) => field.name === name);
}

/**
 * The reason to refuse this message at the SMTP stage, if there is one (email.md §4.1). Line ends must be CRLF everywhere:
 * a bare CR or LF is the stuff of SMTP smuggling (RFC 5321 §2.3.8).
 */
export function findHeadProblem(raw: Buffer, head: MailHead): HeadProblem | undefined {
  return findBlockProblem(head) ?? findByteProblem(raw) ?? findFieldProblem(head);
}

/** The same; the event loop goes on between the MiB of a large message. */
export async function findHeadProblemInTurns(raw: Buffer, head: MailHead): Promise<HeadProblem | undefined> {
  let problem = findBlockProblem(head);
  for (const find of byteProblems)
    for (let from = 0; from < raw.length && !problem; from += pieceBytes) {
      problem = find(raw, from, Math.min(from + pieceBytes, raw.length));
      await nextTurn();
    }
  return problem ?? findFieldProblem(head);
}

function findBlockProblem(head: MailHead): HeadProblem | undefined {
  if (head.end > maxHeadBytes)
    return malformed(`The header block is ${head.end} bytes; we take ${maxHeadBytes}.`);
  return head.fields.length > maxHeadFields
    ? malformed(`The header block has more than ${maxHeadFields} fields.`)
    : undefined;
}

/** The same for mail announced with SMTPUTF8: its header block is UTF-8, without overlong forms and other tricks (RFC 6532 §3.1). */
export function findUtf8Problem(raw: Buffer, head: MailHead): HeadProblem | undefined {
  return isUtf8(raw.subarray(0, head.end))
    ? undefined
    : malformed('The header block is not valid UTF-8, although the mail was announced with SMTPUTF8.');
}

function findFieldProblem(head: MailHead): HeadProblem | undefined {
  for (const name of single) {
    const count = findFields(head, name).length;
    if (count > 1) return malformed(`There are ${count} ${name} fields; RFC 5322 allows one.`);
  }
  if (!findField(head, 'from')?.value.includes('@')) {
    return malformed('There is no From field with an address (RFC 5322 section 3.6.2).');
  }
  const hops = findFields(head, 'received').length;
  // RFC 5321 §6.3 detects loops by counting Received fields; RFC 3463 X.4.6 is "routing loop detected".
  if (hops > maxHops) return { code: 554, enhanced: '5.4.6', why: `Too many hops (${hops}): a mail loop?` };
  return undefined;
}

/** NUL, LF without CR and CR without LF, anywhere in the message. */
function findByteProblem(raw: Buffer): HeadProblem | undefined {
  return findNul(raw, 0, raw.length) ?? findBareLf(raw, 0, raw.length) ?? findBareCr(raw, 0, raw.length);
}

/** Each looks at the octets from `from` to before `to`. */
const byteProblems = [findNul, findBareLf, findBareCr];

function findNul(raw: Buffer, from: number, to: number): HeadProblem | undefined {
  return raw.subarray(from, to).includes(0)
    ? malformed('The message contains a NUL byte (RFC 5322 section 4).')
    : undefined;
}

function findBareLf(raw: Buffer, from: number, to: number): HeadProblem | undefined {
  for (let lf = nextByte(raw, LF, from); lf !== -1 && lf < to; lf = nextByte(raw, LF, lf + 1)) {
    if (raw[lf - 1] !== CR) return badLineEnd('LF without CR');
  }
  return undefined;
}

function findBareCr(raw: Buffer, from: number, to: number): HeadProblem | undefined {
  for (let cr = nextByte(raw, CR, from); cr !== -1 && cr < to; cr = nextByte(raw, CR, cr + 1)) {
    if (raw[cr + 1] !== LF) return badLineEnd('CR without LF');
  }
  return undefined;
}

const LF = 10;
const CR = 13;

/** A call of indexOf costs as much as a dozen bytes: a large mail of empty lines would take half a second. */
function nextByte(raw: Buffer, byte: number, from: number): number {
  const near = Math.min(from + 16, raw.length);
  for (let at = from; at < near; at++) if (raw[at] === byte) return at;
  return raw.indexOf(byte, near);
}

function malformed(why: string): HeadProblem {
  return { code: 550, enhanced: '5.6.0', why }; // RFC 3463 X.6.0: other or undefined media error
}

/** 5.5.2 is the syntax error of the dialogue (RFC 3463), and what Postfix answers (`smtpd_forbid_bare_newline = reject`). */
function badLineEnd(what: string): HeadProblem {
  return { code: 550, enhanced: '5.5.2', why: `The message contains ${what} (RFC 5321 section 2.3.8).` };
}

function findEnd(raw: Buffer): { end: number; bodyStart: number } {
  for (let start = 0; start < raw.length; ) {
    if (raw[start] === 10) return { end: start, bodyStart: start + 1 };
    if (raw[start] === 13 && raw[start + 1] === 10) return { end: start, bodyStart: start + 2 };
    const lf = raw.indexOf(10, start);
    if (lf === -1) break;
    start = lf + 1;
  }
  return { end: raw.length, bodyStart: raw.length };
}

/** After the line end that no white space follows. */
function endOfField(text: string, start: number): number {
  for (let lf = text.indexOf('\n', start); lf !== -1; lf = text.indexOf('\n', lf + 1)) {
    const next = text[lf + 1];
    if (next !== ' ' && next !== '\t') return lf + 1;
  }
  return text.length;
}

/** White space before the colon is obsolete but read by everybody (RFC 5322 §4.5), so we read it too. */
function readField(raw: string): HeaderField {
  const colon = raw.indexOf(':');
  const name = colon > 0 && !isBlank(raw.charCodeAt(0)) ? trimBlank(raw.slice(0, colon)) : '';
  if (!/^[\x21-\x7e]+$/.test(name)) return { name: '', raw, value: '' };
  return { name: name.toLowerCase(), raw, value: unfold(raw.slice(colon + 1)) };
}

function unfold(text: string): string {
  const line = text.replaceAll('\r\n', '');
  return trimBlank(line.includes('\n') ? line.replaceAll('\n', '') : line);
}

/** Not `trim()`: it takes U+00A0, which here is a byte of a UTF-8 character, and a `+$` pattern is quadratic. */
export function trimBlank(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && isBlank(text.charCodeAt(start))) start++;
  while (end > start && isBlank(text.charCodeAt(end - 1))) end--;
  return text.slice(start, end);
}

function isBlank(code: number): boolean {
  return code === 32 || code === 9 || code === 13 || code === 10;
}
