import { isUtf8 } from 'node:buffer';
import { createRequire } from 'node:module';
import type charsets from 'libmime/lib/charset.js';

const require = createRequire(import.meta.url);
let loaded: typeof charsets | undefined;

/** Loaded when a mail first needs it: its tables take 8 MB in each thread that has them, and most mail is UTF-8. */
function decodeIn(bytes: Buffer, charset: string): string {
  loaded ??= require('libmime/lib/charset.js') as typeof charsets;
  return loaded.decode(bytes, charset);
}

/**
 * Text of bytes in a named character set. An unknown or absent name, and bytes that are no UTF-8 although they claim to be
 * ASCII or UTF-8, read as UTF-8 when they are and else as windows-1252: what mail without a label mostly is. Never throws.
 */
export function decodeBytes(bytes: Buffer, charset = ''): string {
  const name = charset.split('*', 1)[0]?.trim().toLowerCase() ?? ''; // RFC 2231 §5: `utf-8*en`
  if (!/^(|us-ascii|ascii|utf-?8|7bit|8bit|unknown.*|x-unknown|default|binary)$/.test(name)) {
    const decoded = decodeNamed(bytes, name);
    if (decoded !== undefined) return decoded;
  }
  return isUtf8(bytes) ? bytes.toString('utf8') : decodeIn(bytes, 'windows-1252');
}

/** Header bytes held as a latin1 string: raw UTF-8 (RFC 6532) where it is valid, else windows-1252. */
export function decodeLatin1(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the test is for bytes outside ASCII
  return /^[\x00-\x7f]*$/.test(text) ? text : decodeBytes(Buffer.from(text, 'latin1'));
}

/** By the set of that name and no other: what is no character of it is a replacement character. */
export function decodeOnly(bytes: Buffer, name: string): string {
  try {
    return decodeIn(bytes, name);
  } catch {
    return '\ufffd';
  }
}

/** libmime falls back to UTF-8 for names it does not know; replacement characters tell that the guess was wrong. */
function decodeNamed(bytes: Buffer, name: string): string | undefined {
  try {
    const text = decodeIn(bytes, name);
    return text.includes('\ufffd') && !/^(utf|ucs|gb|big5|euc|iso-2022|shift|ks_c)/.test(name)
      ? undefined
      : text;
  } catch {
    return undefined;
  }
}
