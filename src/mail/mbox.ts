import { GrowingBuffer } from './growing-buffer.ts';
import { readDate } from './read-date.ts';

/** One message of an archive file. */
export type ArchivedMail =
  | {
      readonly kind: 'mail';
      /** For people: a byte offset, a file's name. */
      readonly position: string;
      /** CRLF line ends. */
      readonly raw: Buffer;
      /** When it was received, as the archive itself tells: epoch milliseconds. */
      readonly receivedAt?: number;
    }
  | { readonly kind: 'problem'; readonly position: string; readonly why: string };

/** Larger messages are reported and passed over, in bytes. */
export const largestMail = 64 * 1024 * 1024;

/**
 * Reads an mbox as it streams by, holding one message at a time. Many programs leave `From ` at the start of a line unescaped, so a
 * line ends a message only when it has a date and the next one looks like a header field (email.md §10.1); a Content-Length is
 * believed where it leads to such a line or to the end. `>From ` is unquoted once (mboxrd), bare LF becomes CRLF.
 */
export async function* readMbox(source: AsyncIterable<Uint8Array>): AsyncGenerator<ArchivedMail> {
  const buffer = new GrowingBuffer(source);
  await buffer.want(1);
  if (!(await isSeparator(buffer, 0))) {
    if (buffer.length > 0)
      yield { kind: 'problem', position: '0', why: 'the file does not begin like an mbox' };
    return;
  }
  while (buffer.length > 0) {
    const position = String(buffer.passed);
    const line = await lineEnd(buffer, 0);
    const receivedAt = readDate(buffer.text(0, line));
    buffer.drop(line);
    const end = await findEnd(buffer);
    if (end === undefined || end > largestMail) {
      buffer.drop(end ?? 0);
      yield { kind: 'problem', position, why: `the message is larger than ${largestMail} bytes` };
    } else {
      const raw = toMail(buffer.head(end));
      buffer.drop(end);
      yield { kind: 'mail', position, raw, ...(receivedAt !== undefined && { receivedAt }) };
    }
  }
}

/** The bytes of one message as an mbox entry (mboxrd, LF line ends, an empty line after it). `at` in epoch milliseconds. */
export function mboxEntry(raw: Buffer, { from, at }: { readonly from: string; readonly at: number }): Buffer {
  const text = raw
    .toString('latin1')
    .replace(/\r\n/g, '\n')
    .replace(/^(>*From )/gm, '>$1');
  const sender = /^[\x21-\x7e]+$/.test(from) ? from : 'MAILER-DAEMON';
  const end = text.endsWith('\n') ? '\n' : '\n\n';
  return Buffer.from(`From ${sender} ${asctime(at)}\n${text}${end}`, 'latin1');
}

/** `Thu Sep 12 19:28:23 2024`, in UTC: what a separator line has after the sender. */
function asctime(at: number): string {
  const [day, date, month, year, time] = new Date(at).toUTCString().replace(',', '').split(' ');
  return `${day} ${month} ${date?.replace(/^0/, ' ')} ${time} ${year}`;
}

/** Where the message at the buffer's start ends; undefined when it is too large to be held, and then it has been dropped. */
async function findEnd(buffer: GrowingBuffer): Promise<number | undefined> {
  const promised = await promisedEnd(buffer);
  if (promised !== undefined) return promised;
  for (let at = 0; ; ) {
    const found = buffer.indexOf('\nFrom ', at);
    if (found < 0) {
      at = Math.max(0, buffer.length - 6);
      if (buffer.length > largestMail) return dropMail(buffer);
      if (!(await buffer.want(buffer.length + 1))) return buffer.length;
    } else if (await isSeparator(buffer, found + 1)) return found + 1;
    else at = found + 1;
  }
}

/** Passes over a message that is too large. */
async function dropMail(buffer: GrowingBuffer): Promise<undefined> {
  for (;;) {
    const found = buffer.indexOf('\nFrom ', 0);
    if (found >= 0 && (await isSeparator(buffer, found + 1))) {
      buffer.drop(found + 1);
      return undefined;
    }
    buffer.drop(found >= 0 ? found + 1 : Math.max(0, buffer.length - 6));
    if (buffer.ended && found < 0) {
      buffer.drop(buffer.length);
      return undefined;
    }
    await buffer.want(buffer.length + 1);
  }
}

/**
 * The end that a Content-Length names, where a separator or the end of the file is. One that leads further is no length of this message: whoever
 * believes it takes all that follows for its text, and any author may write the field.
 */
async function promisedEnd(buffer: GrowingBuffer): Promise<number | undefined> {
  const head = await headEnd(buffer);
  const length = head && /^content-length:[ \t]*(\d{1,9})[ \t]*\r?$/im.exec(buffer.text(0, head))?.[1];
  if (!length) return undefined;
  let end = head + Number(length);
  if (end > largestMail) return undefined;
  await buffer.want(end + 2);
  // The length is of the body; an empty line may follow it.
  while (end < buffer.length && isLineEnd(buffer.at(end))) end++;
  const atLineStart = buffer.at(end - 1) === 10;
  if (end >= buffer.length && buffer.ended) return end === buffer.length ? end : undefined;
  return atLineStart && (await isSeparator(buffer, end)) ? end : undefined;
}

const longestHead = 256 * 1024;

/** Where the body begins; undefined when there is no empty line in the first 256 KiB. */
async function headEnd(buffer: GrowingBuffer): Promise<number | undefined> {
  for (let at = 0; ; ) {
    // The one no further than the other, nor than what is read of a head: a wrong Content-Length has brought the whole file in.
    const near = Math.min(buffer.length, longestHead);
    const lf = buffer.indexOf('\n\n', at, near);
    const crlf = buffer.indexOf('\n\r\n', at, lf < 0 ? near : lf + 1);
    if (crlf >= 0) return crlf + 3;
    if (lf >= 0) return lf + 2;
    at = Math.max(0, buffer.length - 3);
    if (buffer.length > longestHead || !(await buffer.want(buffer.length + 1))) return undefined;
  }
}

function isLineEnd(byte: number | undefined): boolean {
  return byte === 10 || byte === 13;
}

/** In any order: a month, a time of day, a year. Not `readDate`: many programs write the beginning of 1970 where they know none. */
const dated =
  /^(?=.*\b(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec))(?=.*\d{1,2}:\d\d)(?=.*\b(?:19|20)?\d\d\b)/i;

/** `From ` with a date, and below it something like a header field. */
async function isSeparator(buffer: GrowingBuffer, at: number): Promise<boolean> {
  const end = await lineEnd(buffer, at);
  const line = buffer.text(at, end);
  if (!/^From \S/.test(line) || !dated.test(line)) return false;
  const next = await lineEnd(buffer, end);
  return /^(?:[\x21-\x39\x3b-\x7e]+[ \t]*:|>From \S)/.test(buffer.text(end, next));
}

/** Past the end of the line that begins at `at`; of a long line, past its first 1000 bytes. */
async function lineEnd(buffer: GrowingBuffer, at: number): Promise<number> {
  await buffer.want(at + 1000);
  const found = buffer.indexOf('\n', at);
  return Math.min(found < 0 ? buffer.length : found + 1, at + 1000);
}

/** Unquotes and ends lines as mail does; the empty line before the next separator is not the message's. */
function toMail(bytes: Buffer): Buffer {
  const text = bytes
    .toString('latin1')
    .replace(/\r?\n\r?\n$/, '\n')
    .replace(/^>(>*From )/gm, '$1');
  return Buffer.from(text.replace(/\r?\n/g, '\r\n'), 'latin1');
}
