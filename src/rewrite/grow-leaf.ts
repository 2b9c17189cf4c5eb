import type { LeafPlace } from '../mail/edit-leaf.ts';
import {
  asciiEscape,
  type CharsetKind,
  charsetKind,
  encodeBytes,
  endsInAscii,
  isAscii,
  toUtf8,
} from '../mail/encode-charset.ts';
import {
  encodeLike,
  insertInto,
  type LeafContent,
  readContent,
  type Transfer,
} from '../mail/leaf-content.ts';
import { footerMarkup, footerPlace } from './html-footer.ts';

/** A leaf's new body; undefined where the footer is there already; or why it cannot have one, a clause. */
export type Grown =
  | { readonly body: Buffer; readonly encoding?: Transfer; readonly charset?: string }
  | string
  | undefined;

/** With the footer as its last lines. */
export function growText(place: LeafPlace, footer: string): Grown {
  const open = openLeaf(place);
  if (typeof open === 'string') return open;
  const { content, charset, kind } = open;
  const flowed = place.part.parameters.get('format')?.toLowerCase() === 'flowed';
  const lines = flowed ? footer.split('\n').map(stuff) : footer.split('\n');
  const lineEnd = lineEndOf(content.bytes.includes(10) ? content.bytes : place.part.body);
  const added = encodeBytes(lines.join('\n'), charset);
  if (added && endsWith(content.bytes, added)) return undefined;
  if (added)
    return insertFitting(place, content, {
      at: content.bytes.length,
      added: under(content.bytes, added, { kind, lineEnd }),
    });
  const utf8 = toUtf8(content.bytes, charset);
  if (!utf8) return 'its text is not of the character set that it says';
  const text = Buffer.from(lines.join('\n'));
  if (endsWith(utf8, text)) return undefined;
  const transfer = content.transfer === '7bit' ? 'quoted-printable' : content.transfer;
  const bytes = Buffer.concat([utf8, under(utf8, text, { kind: 'utf-8', lineEnd })]);
  const body = encodeLike(place.part.body, bytes, transfer);
  return { body, charset: 'utf-8', ...(transfer !== content.transfer && { encoding: transfer }) };
}

/** With the footer as its last block. */
export function growPage(place: LeafPlace, footer: string): Grown {
  const open = openLeaf(place);
  if (typeof open === 'string') return open;
  const { content, kind } = open;
  const page = content.bytes.toString('latin1');
  const markup = footerMarkup(footer);
  const found = footerPlace(page);
  const before = content.bytes.subarray(0, found);
  if (endsWith(before, Buffer.from(markup))) return undefined;
  // Between two characters of two bytes there is no place for markup.
  if (kind === 'iso-2022-jp' && !endsInAscii(before))
    return 'its text does not end in ASCII, as its character set demands';
  return insertFitting(place, content, {
    at: found,
    added: Buffer.from(`${atLineStart(before) ? '' : '\r\n'}${markup}\r\n`),
  });
}

interface OpenLeaf {
  readonly content: LeafContent;
  readonly charset: string;
  readonly kind: CharsetKind;
}

/**
 * In octets, as they travel. Nobody reads to the end of more; to write it anew takes a dozen times its memory, and with some sets of
 * characters a second for each few megabytes.
 */
const longest = 4 << 20;

function openLeaf({ part }: LeafPlace): OpenLeaf | string {
  const charset = part.parameters.get('charset') ?? '';
  const kind = charsetKind(charset);
  if (kind === undefined) return 'its character set is not one that text can be added to';
  if (part.body.length > longest) return 'its text is too long';
  const content = readContent(part);
  if (content === undefined) return 'its transfer encoding is unknown or damaged';
  if (content.bytes.includes('-----BEGIN PGP ')) return 'it holds a text signed or encrypted with PGP';
  return { content, charset, kind };
}

/** The content with the footer in it, in the transfer encoding it came in, where that can hold it. */
function insertFitting(
  { part }: LeafPlace,
  content: LeafContent,
  addition: { readonly at: number; readonly added: Buffer },
): Grown {
  if (content.transfer !== '7bit' || isAscii(addition.added.toString('latin1'))) {
    return { body: insertInto(part.body, content, addition) };
  }
  const body = insertInto(part.body, { ...content, transfer: '8bit' }, addition);
  return { body: encodeLike(part.body, body, 'quoted-printable'), encoding: 'quoted-printable' };
}

/** An empty line, then the footer; with the line ends of the text, and one at its end where the text has one. */
function under(
  text: Buffer,
  footer: Buffer,
  { kind, lineEnd }: { readonly kind: CharsetKind; readonly lineEnd: string },
): Buffer {
  const ended = text.length === 0 || atLineStart(text);
  const gap = text.length === 0 || endsInEmptyLine(text) ? '' : ended ? '\n' : '\n\n';
  const lines = `${gap}${footer.toString('latin1')}${ended ? '\n' : ''}`.replaceAll('\n', lineEnd);
  const bytes = Buffer.from(lines, 'latin1');
  return kind === 'iso-2022-jp' && !endsInAscii(text) ? Buffer.concat([asciiEscape, bytes]) : bytes;
}

function lineEndOf(text: Buffer): '\r\n' | '\n' {
  const lf = text.indexOf(10);
  return lf !== -1 && text[lf - 1] !== 13 ? '\n' : '\r\n';
}

function endsInEmptyLine(text: Buffer): boolean {
  return /\n\r?\n$/.test(text.subarray(-3).toString('latin1'));
}

function atLineStart(text: Buffer): boolean {
  return text.at(-1) === 10;
}

/** As its last lines, whatever the line ends and blanks after it. */
function endsWith(text: Buffer, footer: Buffer): boolean {
  const tail = text
    .subarray(-(footer.length * 2 + 1000))
    .toString('latin1')
    .replaceAll('\r', '')
    .trimEnd();
  const wanted = footer.toString('latin1').replaceAll('\r', '').trimEnd();
  return tail === wanted || tail.endsWith(`\n${wanted}`);
}

/** RFC 3676 §4.4: a line that begins like this is stuffed; §4.2: one that ends in a blank would flow, but the separator may (§4.3). */
function stuff(line: string): string {
  if (line === '-- ') return line;
  return `${/^( |>|From )/.test(line) ? ' ' : ''}${line.trimEnd()}`;
}
