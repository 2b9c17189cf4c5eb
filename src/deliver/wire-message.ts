import { setImmediate as nextTurn } from 'node:timers/promises';
import { pieceBytes } from '../mail/piece-bytes.ts';
import { discard } from '../mail/thread-bytes.ts';
import type { WireMessage } from './transaction.ts';

const CR = 13;
const LF = 10;
const dot = 46;
const crlf = Buffer.from('\r\n');
const endOfData = Buffer.from('.\r\n');
/** Node writes a string of up to 16 KiB from the stack; the personal head and the next envelope come with it. */
const longestText = 14 * 1024;

/**
 * Makes a message ready for DATA, once for all its copies: bare CR and bare LF become CRLF, so that nobody downstream sees another
 * end of data than we do (SMTP smuggling; email.md §5.9), a dot at the start of a line is doubled (RFC 5321 §4.5.2), and `.` ends it.
 * `utf8`: it goes only where SMTPUTF8 is offered.
 */
export function toWireMessage(parts: readonly Buffer[], utf8 = false): WireMessage {
  const message = join(parts);
  return finish(message, [...piecesOf(message)], utf8);
}

/** The same; the event loop goes on between the pieces of a large message. */
export async function toWireMessageInTurns(parts: readonly Buffer[], utf8: boolean): Promise<WireMessage> {
  const message = join(parts);
  const pieces: Piece[] = [];
  for (const piece of piecesOf(message)) {
    pieces.push(piece);
    if (message.length > pieceBytes) await nextTurn();
  }
  return finish(message, pieces, utf8);
}

/** Bytes of memory that it takes. */
export function memoryOf({ bytes, text }: WireMessage): number {
  return bytes.length + (text?.length ?? 0);
}

/** The message as a reader gets it: what DATA added is taken off again. The event loop goes on between the pieces of a large one. */
export async function fromWireMessage({ bytes }: Pick<WireMessage, 'bytes'>): Promise<Buffer> {
  const target = Buffer.allocUnsafe(bytes.length);
  const end = bytes.length - endOfData.length;
  let length = 0;
  for (let from = 0; from < end; from += pieceBytes) {
    if (from > 0) await nextTurn();
    length = takeOff(bytes, { from, to: Math.min(from + pieceBytes, end) }, { target, length });
  }
  return target.subarray(0, length);
}

/** Writes on behind what is there, without the dots that were put at the start of lines; the new length. */
function takeOff(
  bytes: Buffer,
  { from, to }: { readonly from: number; readonly to: number },
  { target, length }: { readonly target: Buffer; readonly length: number },
): number {
  let at = length;
  let previous = bytes[from - 1] ?? LF;
  for (let i = from; i < to; i++) {
    const byte = bytes[i] ?? 0;
    if (byte !== dot || previous !== LF) target[at++] = byte;
    previous = byte;
  }
  return at;
}

interface Piece {
  /** As they are sent. */
  readonly bytes: Buffer;
  readonly eightBit: boolean;
  /** They are those of the message. */
  readonly clean: boolean;
}

/** What may have to stand behind a message. */
const longestEnd = crlf.length + endOfData.length;

/** With room behind it for its end, so that one that is as it should be, which most are, is not copied again. */
function join(parts: readonly Buffer[]): Buffer {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  const block = Buffer.allocUnsafe(length + longestEnd);
  let at = 0;
  for (const part of parts) at += part.copy(block, at);
  return block.subarray(0, length);
}

function* piecesOf(message: Buffer): Generator<Piece> {
  for (let from = 0; from < message.length; from += pieceBytes)
    yield inspect(message, from, Math.min(from + pieceBytes, message.length));
}

function finish(message: Buffer, pieces: readonly Piece[], utf8: boolean): WireMessage {
  const last = message.at(-1) ?? LF;
  const end = last === LF || last === CR ? endOfData : Buffer.concat([crlf, endOfData]);
  const bytes = pieces.every(({ clean }) => clean) ? endedInPlace(message, end) : joined(pieces, end);
  const text = bytes.length <= longestText ? bytes.toString('latin1') : undefined;
  return { bytes, text, eightBit: pieces.some(({ eightBit }) => eightBit), utf8 };
}

function endedInPlace({ buffer, byteOffset, length }: Buffer, end: Buffer): Buffer {
  const ended = Buffer.from(buffer, byteOffset, length + end.length);
  end.copy(ended, length);
  return ended;
}

function joined(pieces: readonly Piece[], end: Buffer): Buffer {
  const whole = Buffer.concat([...pieces.map(({ bytes }) => bytes), end]);
  for (const { bytes } of pieces) discard(bytes);
  return whole;
}

/** What it depends on is what stands beside the piece, not the pieces before. */
function inspect(message: Buffer, from: number, to: number): Piece {
  let clean = true;
  let bits = 0;
  let previous = message[from - 1] ?? LF;
  // By index: for…of over a Buffer is several times slower, and this runs for each post.
  for (let i = from; i < to; i++) {
    const byte = message[i] ?? 0;
    bits |= byte;
    if ((byte === LF) !== (previous === CR)) clean = false;
    if (byte === dot && previous === LF) clean = false;
    previous = byte;
  }
  if (previous === CR && message[to] !== LF) clean = false;
  const bytes = clean ? message.subarray(from, to) : mend(message, from, to);
  return { bytes, eightBit: bits > 127, clean };
}

/** With exactly CRLF at the end of each line, and the dots doubled. */
function mend(message: Buffer, from: number, to: number): Buffer {
  // Each octet becomes two at most.
  const mended = Buffer.allocUnsafe((to - from) * 2);
  let length = 0;
  let previous = message[from - 1] ?? LF;
  for (let i = from; i < to; i++) {
    const byte = message[i] ?? 0;
    if (byte === LF && previous === CR) {
      mended[length++] = LF;
    } else if (byte === LF) {
      mended[length++] = CR;
      mended[length++] = LF;
    } else {
      if (byte === dot && (previous === LF || previous === CR)) mended[length++] = dot;
      mended[length++] = byte;
      if (byte === CR && message[i + 1] !== LF) mended[length++] = LF;
    }
    previous = byte;
  }
  return mended.subarray(0, length);
}
