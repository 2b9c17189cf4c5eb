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
  const message = Buffer.concat(parts);
  const { clean, complete, eightBit } = inspect(message);
  const body = clean ? message : mend(message);
  const bytes = Buffer.concat([body, ...(complete ? [] : [crlf]), endOfData]);
  const text = bytes.length <= longestText ? bytes.toString('latin1') : undefined;
  return { bytes, text, eightBit, utf8 };
}

/** Bytes of memory that it takes. */
export function memoryOf({ bytes, text }: WireMessage): number {
  return bytes.length + (text?.length ?? 0);
}

/** The message as a reader gets it: what DATA added is taken off again. */
export function fromWireMessage({ bytes }: Pick<WireMessage, 'bytes'>): Buffer {
  const message = Buffer.alloc(bytes.length);
  let length = 0;
  let lineStart = true;
  for (const byte of bytes.subarray(0, bytes.length - endOfData.length)) {
    if (!lineStart || byte !== dot) message[length++] = byte;
    lineStart = byte === LF;
  }
  return message.subarray(0, length);
}

/** `clean`: nothing to mend inside; `complete`: its last line has an end. */
function inspect(message: Buffer): { clean: boolean; complete: boolean; eightBit: boolean } {
  let clean = true;
  let bits = 0;
  let previous = LF;
  // By index: for…of over a Buffer is several times slower, and this runs for each post.
  for (let i = 0; i < message.length; i++) {
    const byte = message[i] ?? 0;
    bits |= byte;
    if ((byte === LF) !== (previous === CR)) clean = false;
    if (byte === dot && previous === LF) clean = false;
    previous = byte;
  }
  if (previous === CR) clean = false;
  return { clean, complete: previous === LF || previous === CR, eightBit: bits > 127 };
}

/** With exactly CRLF at the end of each line, and the dots doubled. */
function mend(message: Buffer): Buffer {
  // Each octet becomes two at most.
  const mended = Buffer.alloc(message.length * 2);
  let length = 0;
  let lineStart = true;
  for (let i = 0; i < message.length; i++) {
    const byte = message[i] ?? 0;
    if (byte === CR || byte === LF) {
      if (byte === CR && message[i + 1] === LF) i += 1;
      mended[length++] = CR;
      mended[length++] = LF;
      lineStart = true;
    } else {
      if (lineStart && byte === dot) mended[length++] = dot;
      mended[length++] = byte;
      lineStart = false;
    }
  }
  return mended.subarray(0, length);
}
