import type { WireMessage } from './transaction.ts';

const CR = 13;
const LF = 10;
const dot = 46;
const crlf = Buffer.from('\r\n');
const endOfData = Buffer.from('.\r\n');
const stuffing = Buffer.from('.');

/**
 * Makes a message ready for DATA, once for all its copies: bare CR and bare LF become CRLF, so that nobody downstream sees another
 * end of data than we do (SMTP smuggling; email.md §5.9), a dot at the start of a line is doubled (RFC 5321 §4.5.2), and `.` ends it.
 */
export function toWireMessage(parts: readonly Buffer[]): WireMessage {
  const message = Buffer.concat(parts);
  const nextLine = lineReader(message);
  const pieces: Buffer[] = [];
  let kept = 0;
  for (let start = 0; start < message.length; ) {
    if (message[start] === dot) {
      pieces.push(message.subarray(kept, start), stuffing);
      kept = start;
    }
    const line = nextLine(start);
    if (!line.clean) {
      pieces.push(message.subarray(kept, line.end), crlf);
      kept = line.next;
    }
    start = line.next;
  }
  pieces.push(message.subarray(kept), endOfData);
  return { bytes: Buffer.concat(pieces), eightBit: hasEightBit(message) };
}

interface Line {
  /** Where its text ends and where the next line begins. */
  readonly end: number;
  readonly next: number;
  /** Exactly CRLF lies between. */
  readonly clean: boolean;
}

/** Each byte is looked at once for CR and once for LF, also in mail that has only one of them. */
function lineReader(message: Buffer): (start: number) => Line {
  const nextCr = forwardSearch(message, CR);
  const nextLf = forwardSearch(message, LF);
  return (start) => {
    const cr = nextCr(start);
    const lf = nextLf(start);
    if (cr + 1 === lf) return { end: cr, next: lf + 1, clean: true };
    const end = Math.min(cr, lf);
    return { end, next: Math.min(end + 1, message.length), clean: false };
  };
}

/** The first place of `byte` at or after a start that never goes back; the message's length when there is none. */
function forwardSearch(message: Buffer, byte: number): (start: number) => number {
  let found = -1;
  return (start) => {
    if (found >= start) return found;
    const at = message.indexOf(byte, start);
    found = at < 0 ? message.length : at;
    return found;
  };
}

/** Four bytes at a time: mail of some megabytes is looked through in about a millisecond. */
function hasEightBit(message: Buffer): boolean {
  const lead = Math.min((4 - (message.byteOffset % 4)) % 4, message.length);
  const words = Math.floor((message.length - lead) / 4);
  for (const word of new Uint32Array(message.buffer, message.byteOffset + lead, words)) {
    if (word & 0x80808080) return true;
  }
  const isHigh = (byte: number) => byte > 127;
  return message.subarray(0, lead).some(isHigh) || message.subarray(lead + words * 4).some(isHigh);
}

/** The message as a reader gets it: what DATA added is taken off again. */
export function fromWireMessage({ bytes }: WireMessage): Buffer {
  const message = bytes.subarray(0, bytes.length - endOfData.length);
  const pieces: Buffer[] = [];
  let kept = 0;
  for (let start = 0; start < message.length; ) {
    if (message[start] === dot) {
      pieces.push(message.subarray(kept, start));
      kept = start + 1;
    }
    const end = message.indexOf(LF, start);
    start = end < 0 ? message.length : end + 1;
  }
  return Buffer.concat([...pieces, message.subarray(kept)]);
}
