import { isUtf8 } from 'node:buffer';
import addressparser from 'nodemailer/lib/addressparser';
import type { Address } from '../domain/address.ts';
import type { Author } from '../domain/incoming.ts';
import { readAddress } from './ascii-domain.ts';
import { decodeLatin1 } from './charset.ts';
import { decodeHeader } from './decode-header.ts';
import { findFields, type MailHead, trimBlank } from './headers.ts';

/** `problem` is a sentence that can be shown to the sender and to a moderator. */
export type AuthorReading =
  | { readonly author: Author; readonly problem?: undefined }
  | { readonly author?: undefined; readonly problem: string };

/** A From field is one mailbox: what is longer hides something. */
const maxAuthorLength = 2000;
/** About 400 recipients are read; the commas after them tell how many more there are. */
const maxMailboxListLength = 16 * 1024;

/**
 * Who wrote the mail: the one mailbox of the one From field, read so strictly that no other program can find another author in the
 * same bytes. Refuses groups, several mailboxes, source routes, quoted local parts, comments or white space in the address, and
 * obsolete folding: the forms that parsers have disagreed about (CVE-2026-121424, CVE-2026-125755 of mail libraries).
 */
export function readAuthor(head: Pick<MailHead, 'fields'>): AuthorReading {
  const from = findFields(head, 'from');
  const field = from[0];
  if (!field || from.length > 1) return refuse(`There are ${from.length} From fields.`);
  if (!/^from:/i.test(field.raw) || /\n[ \t]*\r?(\n|$)/.test(field.raw.slice(0, -1))) {
    return refuse('The From field uses obsolete white space.');
  }
  if (field.value.length > maxAuthorLength) return refuse('The From field is too long.');
  return readMailbox(field.value);
}

/**
 * The addresses that a From names which is not one readable author: what a member's odd program may have meant. Proves nothing, and is
 * nobody to answer.
 */
export function readNamed(head: Pick<MailHead, 'fields'>): readonly Address[] {
  const from = findFields(head, 'from');
  return from.flatMap(({ value }) => (value.length > maxAuthorLength ? [] : readMailboxes(value).addresses));
}

/**
 * The addresses in a To, Cc or similar value, and how many mailboxes it names. Tolerant: what cannot be read counts but has no
 * address. Reads the first 16 KiB; of the rest it only estimates how many there are.
 */
export function readMailboxes(value: string): {
  readonly addresses: readonly Address[];
  readonly count: number;
} {
  const mailboxes = addressparser(decodeLatin1(value.slice(0, maxMailboxListLength)), { flatten: true });
  const named = mailboxes.filter((mailbox) => mailbox.address !== '');
  const addresses = named.map((mailbox) => readAddress(mailbox.address)).filter((a) => a !== undefined);
  const unread = value.slice(maxMailboxListLength).split(',').length - 1;
  return { addresses, count: named.length + unread };
}

/** What stands between the quoted strings, comments and the address. */
type Piece =
  | { readonly kind: 'text' | 'quoted' | 'comment' | 'angle'; readonly text: string }
  | { readonly kind: 'broken'; readonly why: string };

function readMailbox(value: string): AuthorReading {
  if (hasControls(value)) return refuse('The From field holds control characters.');
  const pieces = splitPieces(value);
  const broken = pieces.find((piece) => piece.kind === 'broken');
  if (broken?.kind === 'broken') return refuse(broken.why);
  const angles = pieces.filter((piece) => piece.kind === 'angle');
  if (angles.length > 1) return refuse('The From field names several mailboxes.');
  return angles[0] ? readNameAddr(pieces) : readBareAddress(pieces);
}

/** `phrase <addr-spec>`; after the address only a comment. */
function readNameAddr(pieces: readonly Piece[]): AuthorReading {
  const at = pieces.findIndex((piece) => piece.kind === 'angle');
  const trailing = pieces.slice(at + 1).find((piece) => piece.kind !== 'comment');
  if (trailing) return refuse('Something follows the address in the From field.');
  const phrase = pieces.slice(0, at);
  for (const piece of phrase) {
    const why = piece.kind === 'text' ? findPhraseProblem(piece.text) : undefined;
    if (why) return refuse(why);
  }
  const address = pieces[at];
  return address?.kind === 'angle'
    ? withAddress(address.text, nameOf(phrase))
    : refuse('There is no address.');
}

/** `alice@example.com` or, as programs of the last century and cron write it, `alice@example.com (Alice Liddell)`. */
function readBareAddress(pieces: readonly Piece[]): AuthorReading {
  const [address, comment, ...more] = pieces;
  if (address?.kind === 'text' && address.text.includes(','))
    return refuse('The From field names several mailboxes.');
  if (address?.kind !== 'text' || more.length > 0 || (comment && comment.kind !== 'comment')) {
    return refuse('The From field is not one mailbox.');
  }
  return withAddress(trimBlank(address.text), comment?.kind === 'comment' ? decodeName(comment.text) : '');
}

function withAddress(text: string, name: string): AuthorReading {
  const at = text.lastIndexOf('@');
  if (at < 1) return refuse('The From field holds no address.');
  if (/[ \t]/.test(text)) return refuse('There is white space inside the address.');
  const local = text.slice(0, at);
  if (local.startsWith('@') || text.includes(':')) return refuse('The address has a source route.');
  if (local.includes('"')) return refuse('The address has a quoted local part.');
  // RFC 2047 §5: never inside an addr-spec; a program that decodes first would read another address.
  if (local.includes('=?') && text.includes('?=')) return refuse('The address holds an encoded word.');
  const bytes = Buffer.from(text, 'latin1');
  // Never a guess at another character set: two programs would guess differently.
  if (!isUtf8(bytes)) return refuse('The address is not valid UTF-8.');
  const email = readAddress(bytes.toString('utf8'));
  return email === undefined ? refuse('The address cannot be read.') : { author: { email, name } };
}

/** Atoms, dots and encoded words; 8-bit characters in any of them (RFC 6532). */
function findPhraseProblem(text: string): string | undefined {
  if (text.includes(',')) return 'The From field names several mailboxes.';
  if (/[:;]/.test(text)) return 'The From field holds a group.';
  if (text.includes('@')) return 'The name in the From field holds an unquoted address.';
  return text.includes('\\') ? 'The name in the From field holds an unquoted backslash.' : undefined;
}

function nameOf(phrase: readonly Piece[]): string {
  const parts = phrase.map((piece) => {
    if (piece.kind === 'comment') return `(${piece.text})`;
    return piece.kind === 'broken' ? '' : piece.text;
  });
  return decodeName(parts.join(' '));
}

function decodeName(text: string): string {
  return decodeHeader(text).slice(0, 200);
}

/** One pass; the pieces' inner text without its delimiters, escapes of quoted strings undone. */
function splitPieces(value: string): Piece[] {
  const pieces: Piece[] = [];
  for (let at = 0; at < value.length; ) {
    const character = value[at];
    const read =
      character === '"'
        ? readQuoted(value, at)
        : character === '('
          ? readComment(value, at)
          : character === '<'
            ? readAngle(value, at)
            : readText(value, at);
    if (read.piece) pieces.push(read.piece);
    if (read.piece?.kind === 'broken') return pieces;
    at = read.next;
  }
  return pieces;
}

interface Read {
  readonly piece?: Piece;
  readonly next: number;
}

function readText(value: string, start: number): Read {
  let next = start;
  while (next < value.length && !'"(<'.includes(value[next] ?? '')) next++;
  const text = value.slice(start, next);
  if (/[)>]/.test(text)) return broken('There is a bracket too many in the From field.');
  return trimBlank(text) === '' ? { next } : { piece: { kind: 'text', text }, next };
}

function readQuoted(value: string, start: number): Read {
  let text = '';
  for (let i = start + 1; i < value.length; i++) {
    const character = value[i] ?? '';
    if (character === '"') return { piece: { kind: 'quoted', text }, next: i + 1 };
    text += character === '\\' ? (value[++i] ?? '') : character;
  }
  return broken('A quotation mark in the From field is never closed.');
}

/** Without nesting, escapes or anything that could be taken for an address. */
function readComment(value: string, start: number): Read {
  const end = value.indexOf(')', start);
  if (end === -1) return broken('A comment in the From field is never closed.');
  const text = value.slice(start + 1, end);
  if (/[(\\<>@"]/.test(text)) return broken('The From field holds an odd comment.');
  return { piece: { kind: 'comment', text }, next: end + 1 };
}

function readAngle(value: string, start: number): Read {
  const end = value.indexOf('>', start);
  if (end === -1) return broken('The address in the From field is never closed.');
  const text = value.slice(start + 1, end);
  if (/[<(,;\\"]/.test(text)) {
    return broken(
      text.includes('"')
        ? 'The address has a quoted local part.'
        : 'There is a comment or another mark inside the address.',
    );
  }
  return { piece: { kind: 'angle', text }, next: end + 1 };
}

function broken(why: string): Read {
  return { piece: { kind: 'broken', why }, next: Number.POSITIVE_INFINITY };
}

/** ASCII control characters but the tab; bytes from 0x80 on belong to UTF-8. */
function hasControls(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if ((code < 32 && code !== 9) || code === 127) return true;
  }
  return false;
}

function refuse(problem: string): AuthorReading {
  return { problem };
}
