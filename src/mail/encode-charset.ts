import { isUtf8 } from 'node:buffer';
import { decodeOnly } from './charset.ts';

/**
 * Text into the character sets that mail is written in. The tables are those of the decoder, read backwards: what we write is what
 * everybody reads, and one library knows the sets.
 */

/** How bytes of a set may be put after, or between, others of it. */
export type CharsetKind = 'ascii' | 'utf-8' | 'single-byte' | 'double-byte' | 'iso-2022-jp';

/**
 * The kind of a set by the name that a Content-Type gives it, '' being ASCII (RFC 2045 §5.2). Undefined for one we do not know, or in
 * which ASCII text is not the same bytes everywhere (UTF-16, UTF-7, HZ, ISO-2022-KR).
 */
export function charsetKind(charset: string): CharsetKind | undefined {
  const name = plainName(charset);
  if (/^(|us-ascii|ascii|ansi_x3\.4-1968)$/.test(name)) return 'ascii';
  if (/^utf-?8$/.test(name)) return 'utf-8';
  if (/^(cs)?iso-?2022-?jp$/.test(name)) return 'iso-2022-jp';
  if (doubleByteNames.test(name)) return 'double-byte';
  return !unsafeNames.test(name) && isSingleByte(name) ? 'single-byte' : undefined;
}

/** The bytes of a text, beginning and ending in ASCII; undefined where the set lacks a character, or is of no kind above. */
export function encodeBytes(text: string, charset: string): Buffer | undefined {
  const kind = charsetKind(charset);
  if (kind === undefined) return undefined;
  if (isAscii(text)) return Buffer.from(text, 'latin1');
  switch (kind) {
    case 'ascii':
      return undefined;
    case 'utf-8':
      return Buffer.from(text);
    case 'iso-2022-jp':
      return encodeJapanese(text);
    default:
      return encodeByTable(text, tableOf(plainName(charset), kind));
  }
}

/** The same text in UTF-8; undefined where some of the bytes are no characters of their set. */
export function toUtf8(bytes: Buffer, charset: string): Buffer | undefined {
  const kind = charsetKind(charset);
  // What calls itself ASCII and is not may at least be UTF-8; nobody knows what else.
  if (kind === 'ascii' || kind === 'utf-8') return isUtf8(bytes) ? bytes : undefined;
  const text = kind && decodeOnly(bytes, plainName(charset));
  return text === undefined || text.includes('\ufffd') ? undefined : Buffer.from(text);
}

/** ISO-2022-JP: whether ASCII may follow these bytes, as RFC 1468 wants at the end of every line. */
export function endsInAscii(bytes: Buffer): boolean {
  const last = bytes.lastIndexOf(0x1b);
  return last === -1 || bytes.toString('latin1', last + 1, last + 3) === '(B';
}

export const asciiEscape = Buffer.from('\x1b(B', 'latin1');

export function isAscii(text: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the test is for characters outside ASCII
  return /^[\x00-\x7f]*$/.test(text);
}

const doubleByteNames =
  /^(gb2312|gb_2312-80|gbk|gb18030|cp936|ms936|big5|big5-hkscs|cp950|euc-kr|ks_c_5601-1987|cp949|euc-jp|shift[-_]jis|sjis|x-sjis|cp932|windows-31j|ms_kanji)$/;
/** Sets with states or wide characters that the test for one byte a character might be deceived by. */
const unsafeNames = /^(utf|ucs|cesu|unicode|iso-?2022|hz|jis|csiso2022|binary|base64|hex)/;
/** Those whose second byte is always over A0; the decoder knows larger sets under these names. */
const highPairs = /^(gb2312|gb_2312-80|euc-kr|ks_c_5601-1987)$/;
const japaneseEscape = Buffer.from('\x1b$B', 'latin1');

/** RFC 2231 §5: `utf-8*en`. */
function plainName(charset: string): string {
  return charset.split('*', 1)[0]?.trim().toLowerCase() ?? '';
}

/** Half of the upper half at least are characters: a name that the decoder does not know gives it nothing but replacements. */
function isSingleByte(name: string): boolean {
  return tableOf(name, 'single-byte').size >= 48;
}

type Table = ReadonlyMap<string, Buffer>;

/** The last few sets: the large ones take 20 ms to make. Names come from strangers, so the memory is bounded. */
const tables = new Map<string, Table>();
const mostTables = 20;

function tableOf(name: string, kind: CharsetKind): Table {
  const known = tables.get(name);
  if (known) return known;
  const table = new Map<string, Buffer>();
  const sequences = sequencesOf(name, kind);
  const texts = decodeEach(sequences, name, kind);
  for (const [i, bytes] of sequences.entries()) {
    const text = texts[i] ?? '';
    if ([...text].length === 1 && text > '\x9f' && text !== '\ufffd' && !table.has(text))
      table.set(text, bytes);
  }
  const [oldest] = tables.keys();
  if (oldest !== undefined && tables.size >= mostTables) tables.delete(oldest);
  tables.set(name, table);
  return table;
}

/** All in one go, a line each, which takes a third of the time: in no set is LF part of a character. */
function decodeEach(sequences: readonly Buffer[], name: string, kind: CharsetKind): string[] {
  const [before, after] =
    kind === 'iso-2022-jp'
      ? [japaneseEscape, Buffer.concat([asciiEscape, lineEnd])]
      : [Buffer.alloc(0), lineEnd];
  const lines = sequences.flatMap((bytes) => [before, bytes, after]);
  return decodeOnly(Buffer.concat(lines), name).split('\n');
}

const lineEnd = Buffer.from('\n');

/** Every sequence that may be a character outside ASCII. */
function sequencesOf(name: string, kind: CharsetKind): Buffer[] {
  if (kind === 'iso-2022-jp') return pairs([0x21, 0x7e], [0x21, 0x7e]);
  // ISO 8859 has control characters below A0: only browsers read windows-1252 there.
  const singles = range(/^(iso|l\d|latin)/.test(name) ? 0xa0 : 0x80, 0xff).map((byte) => Buffer.from([byte]));
  if (kind === 'single-byte') return singles;
  return highPairs.test(name)
    ? pairs([0xa1, 0xfe], [0xa1, 0xfe])
    : [...singles, ...pairs([0x81, 0xfe], [0x40, 0xfe])];
}

type Range = readonly [from: number, to: number];

function pairs(leads: Range, trails: Range): Buffer[] {
  return range(...leads).flatMap((lead) => range(...trails).map((trail) => Buffer.from([lead, trail])));
}

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, i) => from + i);
}

function encodeByTable(text: string, table: Table): Buffer | undefined {
  const out: Buffer[] = [];
  for (const character of text) {
    const bytes = isAscii(character) ? Buffer.from(character, 'latin1') : table.get(character);
    if (!bytes) return undefined;
    out.push(bytes);
  }
  return Buffer.concat(out);
}

/** The characters of JIS X 0208, each run of them between its escapes, so that every line ends in ASCII. */
function encodeJapanese(text: string): Buffer | undefined {
  const table = tableOf('iso-2022-jp', 'iso-2022-jp');
  const out: Buffer[] = [];
  let ascii = true;
  for (const character of text) {
    const plain = isAscii(character);
    if (plain !== ascii) out.push(plain ? asciiEscape : japaneseEscape);
    ascii = plain;
    const bytes = plain ? Buffer.from(character, 'latin1') : table.get(character);
    if (!bytes) return undefined;
    out.push(bytes);
  }
  return Buffer.concat(ascii ? out : [...out, asciiEscape]);
}
