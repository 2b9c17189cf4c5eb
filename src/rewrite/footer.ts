import { editLeaf, type LeafPlace, offsetIn } from '../mail/edit-leaf.ts';
import {
  asciiEscape,
  type CharsetKind,
  charsetKind,
  encodeBytes,
  endsInAscii,
  isAscii,
  toUtf8,
} from '../mail/encode-charset.ts';
import { findFields, readHead } from '../mail/headers.ts';
import {
  encodeLike,
  encodeTransfer,
  insertInto,
  type LeafContent,
  readContent,
  type Transfer,
} from '../mail/leaf-content.ts';
import { readMime } from '../mail/mime-tree.ts';
import { type Splice, splice } from '../mail/splice.ts';
import type { Change } from './change.ts';
import { footerPlaces } from './footer-places.ts';
import { footerMarkup, footerPlace } from './html-footer.ts';

/** A mail with the footer, and what was changed for it; or the mail is left byte for byte as it is, and why, a clause. */
export type FooterResult =
  | { readonly kind: 'added'; readonly raw: Buffer; readonly changes: readonly Change[] }
  | { readonly kind: 'left'; readonly why: string };

/**
 * Puts a footer under the text of a mail, where its structure allows it (email.md §5.5). Only the bytes of the leaves that get it change,
 * and their Content-Type and Content-Transfer-Encoding where they must. `footer`: as `footerText` makes it, LF line ends. Linear in the
 * mail's bytes; never throws.
 */
export function addFooter(raw: Buffer, footer: string): FooterResult {
  const head = readHead(raw);
  // RFC 6376 §8.2: what is put under a part that was signed only in part would seem to be signed with it.
  const cut = findFields(head, 'dkim-signature').some(({ value }) => /(^|;)\s*l\s*=/.test(value));
  if (cut) return left('its author signed only the beginning of it (DKIM l=)');
  const places = footerPlaces(readMime(raw, head));
  switch (places.kind) {
    case 'none':
      return left(places.why);
    case 'part':
      return addPart(raw, places.place, footer);
    case 'leaves':
      return addToLeaves(raw, places.leaves, footer);
  }
}

function left(why: string): FooterResult {
  return { kind: 'left', why };
}

/** All of them or none: two forms of one text must not say different things. */
function addToLeaves(raw: Buffer, leaves: readonly LeafPlace[], footer: string): FooterResult {
  const edits: Splice[] = [];
  const changes: Change[] = [];
  for (const leaf of leaves) {
    const grown = leaf.part.type === 'text/html' ? growPage(leaf, footer) : growText(leaf, footer);
    if (typeof grown === 'string') return left(grown);
    if (grown === undefined) continue;
    const edit = editLeaf(raw, leaf, grown);
    if (typeof edit === 'string') return left(edit);
    edits.push(...edit);
    const { number, type } = leaf.part;
    changes.push({ what: `${type} part ${number}`, why: 'the list has a footer', after: footer });
  }
  if (edits.length === 0) return left('it ends with the footer already');
  return { kind: 'added', raw: splice(raw, edits), changes };
}

/** A leaf's new body; undefined where the footer is there already; or why it cannot have one, a clause. */
type Grown =
  | { readonly body: Buffer; readonly encoding?: Transfer; readonly charset?: string }
  | string
  | undefined;

interface OpenLeaf {
  readonly content: LeafContent;
  readonly charset: string;
  readonly kind: CharsetKind;
}

function openLeaf({ part }: LeafPlace): OpenLeaf | string {
  const charset = part.parameters.get('charset') ?? '';
  const kind = charsetKind(charset);
  if (kind === undefined) return 'its character set is not one that text can be added to';
  const content = readContent(part);
  if (content === undefined) return 'its transfer encoding is unknown or damaged';
  if (content.bytes.includes('-----BEGIN PGP ')) return 'it holds a text signed or encrypted with PGP';
  return { content, charset, kind };
}

function growText(place: LeafPlace, footer: string): Grown {
  const open = openLeaf(place);
  if (typeof open === 'string') return open;
  const { content, charset, kind } = open;
  const flowed = place.part.parameters.get('format')?.toLowerCase() === 'flowed';
  const lines = flowed ? footer.split('\n').map(stuff) : footer.split('\n');
  const added = encodeBytes(lines.join('\n'), charset);
  if (added && endsWith(content.bytes, added)) return undefined;
  if (added)
    return insertFitting(place, content, {
      at: content.bytes.length,
      added: under(content.bytes, added, kind),
    });
  const utf8 = toUtf8(content.bytes, charset);
  if (!utf8) return 'its text is not of the character set that it says';
  const text = Buffer.from(lines.join('\n'));
  if (endsWith(utf8, text)) return undefined;
  const transfer = content.transfer === '7bit' ? 'quoted-printable' : content.transfer;
  const bytes = Buffer.concat([utf8, under(utf8, text, 'utf-8')]);
  return { body: encodeLike(place.part.body, bytes, transfer), encoding: transfer, charset: 'utf-8' };
}

function growPage(place: LeafPlace, footer: string): Grown {
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
  return { body: encodeTransfer(body, 'quoted-printable'), encoding: 'quoted-printable' };
}

/** An empty line, then the footer; with the line ends of the text, and one at its end where the text has one. */
function under(text: Buffer, footer: Buffer, kind: CharsetKind): Buffer {
  const lineEnd = lineEndOf(text);
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

/** For a mail of files alone: an inline part of its own after the last one. */
function addPart(raw: Buffer, { part, boundaries }: LeafPlace, footer: string): FooterResult {
  const boundary = boundaries.at(-1) ?? '';
  const last = part.children.at(-1);
  if (!last) return left('its parts are not there');
  const ascii = isAscii(footer);
  const text = Buffer.from(footer.replaceAll('\n', '\r\n'));
  const lines = [
    '',
    `--${boundary}`,
    `Content-Type: text/plain; charset=${ascii ? 'us-ascii' : 'utf-8'}`,
    `Content-Transfer-Encoding: ${ascii ? '7bit' : 'quoted-printable'}`,
    'Content-Disposition: inline',
    '',
    encodeTransfer(text, ascii ? '7bit' : 'quoted-printable').toString('latin1'),
  ];
  const at = offsetIn(raw, last.body) + last.body.length;
  const end = at === raw.length ? `\r\n--${boundary}--\r\n` : '';
  const bytes = Buffer.from(lines.join('\r\n') + end, 'latin1');
  return {
    kind: 'added',
    raw: splice(raw, [{ start: at, end: at, bytes }]),
    changes: [
      { what: 'new text/plain part', why: 'the list has a footer, and the mail no text', after: footer },
    ],
  };
}
