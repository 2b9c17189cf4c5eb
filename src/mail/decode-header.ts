import { decodeBytes, decodeLatin1 } from './charset.ts';

/**
 * A header value as text to show: RFC 2047 words and raw UTF-8 decoded, control and text-direction characters removed, white
 * space kept as single spaces. Never throws; what cannot be decoded stays as it is written.
 */
export function decodeHeader(value: string): string {
  return tidyText(decodeWritten(value));
}

/** The same with everything left in, for those who look for tricks. */
export function decodeWritten(value: string): string {
  return value.includes('=?') ? decodeWords(value) : decodeLatin1(value);
}

/** Without what could turn a line, a terminal or the direction of writing. */
export function tidyText(text: string): string {
  return text
    .replace(/[\s\u2028\u2029]+/g, ' ')
    .replace(/[\p{Cc}\p{Cs}\u202a-\u202e\u2066-\u2069]/gu, '')
    .trim();
}

/** A charset and the bytes of one or more neighbouring words of it, which may share a character between them. */
interface Run {
  readonly charset: string;
  readonly bytes: Buffer[];
}

function decodeWords(value: string): string {
  const out: string[] = [];
  let run: Run | undefined;
  let end = 0;
  const flush = () => {
    if (run) out.push(decodeBytes(Buffer.concat(run.bytes), run.charset));
    run = undefined;
  };
  // Each of the three parts ends at the next question mark, so a hostile value is read once, not once for each start.
  for (const word of value.matchAll(/=\?([^?\s]+)\?([BbQq])\?([^?]*)\?=/g)) {
    const between = value.slice(end, word.index);
    const charset = (word[1] ?? '').toLowerCase();
    const bytes = decodeWord(word[2] ?? '', word[3] ?? '');
    // RFC 2047 §6.2: white space between two encoded words is not part of the text.
    const adjacent = end > 0 && between.trim() === '';
    if (!(adjacent && run?.charset === charset)) flush();
    if (!adjacent) out.push(decodeLatin1(between));
    run = run ?? { charset, bytes: [] };
    run.bytes.push(bytes);
    end = word.index + word[0].length;
  }
  flush();
  out.push(decodeLatin1(value.slice(end)));
  return out.join('');
}

function decodeWord(encoding: string, text: string): Buffer {
  if (encoding === 'B' || encoding === 'b') return Buffer.from(text, 'base64');
  const bytes = text
    .replace(/_/g, ' ')
    .replace(/=([0-9A-Fa-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return Buffer.from(bytes, 'latin1');
}
