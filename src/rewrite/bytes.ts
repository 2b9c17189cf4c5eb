import { decodeHeader } from '../mail/decode-header.ts';
import { newField, renderHead } from '../mail/edit-head.ts';
import { startOf } from '../mail/edit-leaf.ts';
import { encodeText } from '../mail/encode-header.ts';
import { type EncodedLeaf, encodeLeaves, openParts } from '../mail/encode-leaves.ts';
import { firstValue, type HeaderField, readHead } from '../mail/headers.ts';
import { hasLongLine, inspectLines, longestLine, mendLineEnds } from '../mail/line-ends.ts';
import { type MimePart, readMime } from '../mail/mime-tree.ts';
import { type Splice, splice } from '../mail/splice.ts';
import type { Change } from './change.ts';

/** A mail that SMTP can carry, and what was changed for that; without changes it is the same buffer. */
export interface Sendable {
  readonly raw: Buffer;
  readonly changes: readonly Change[];
}

/**
 * Bytes as SMTP carries them (email.md §5.9): every line ends in CRLF, and has at most 998 octets where it may be touched: header lines
 * are folded at white space, leaves are encoded; signed and encrypted parts stay as they are. One pass over a mail that is in order, which most are.
 */
export function makeSendable(raw: Buffer): Sendable {
  const facts = inspectLines(raw);
  if (!facts.bareEnds && facts.longest <= longestLine) return { raw, changes: [] };
  const mended = facts.bareEnds ? mendLineEnds(raw) : raw;
  const changes = facts.bareEnds ? [lineEnds] : [];
  if (!hasLongLine(mended)) return { raw: mended, changes };
  const short = shorten(mended);
  return { raw: short.raw, changes: [...changes, ...short.changes] };
}

const lineEnds: Change = { what: 'line ends', why: 'a CR or LF alone is not sent (RFC 5321 §2.3.8)' };
const whyShort = 'no line of a mail has more than 998 octets (RFC 5322 §2.1.1)';

/** The heads first: a leaf that is encoded then writes its own anew. */
function shorten(raw: Buffer): Sendable {
  const folded = openParts(readMime(raw, readHead(raw))).flatMap(({ part }) => foldHead(raw, part) ?? []);
  const narrow = splice(
    raw,
    folded.map(({ edit }) => edit),
  );
  const leaves = encodeLeaves(narrow, readMime(narrow, readHead(narrow)), hasLongLine);
  return {
    raw: splice(
      narrow,
      leaves.flatMap(({ splices }) => splices),
    ),
    changes: [...folded.flatMap(({ changes }) => changes), ...leaves.map((leaf) => toChange(leaf, whyShort))],
  };
}

/** What `rewrite explain` says of an encoded leaf. */
function toChange({ part, transfer }: EncodedLeaf, why: string): Change {
  const before = firstValue(part.head, 'content-transfer-encoding') || '7bit';
  return { what: `${part.type} part ${part.number}`, why, before, after: transfer };
}

interface FoldedHead {
  readonly edit: Splice;
  readonly changes: readonly Change[];
}

function foldHead(raw: Buffer, part: MimePart): FoldedHead | undefined {
  const { head } = part;
  const long = new Set(head.fields.filter((field) => foldField(field) !== field.raw));
  if (long.size === 0) return undefined;
  const start = startOf(raw, part);
  const fields = head.fields.map((field) => (long.has(field) ? { ...field, raw: foldField(field) } : field));
  const changes = [...long].map(({ name }) => ({ what: name || 'header', why: whyShort }));
  return { edit: { start, end: start + head.end, bytes: renderHead({ fields }) }, changes };
}

/**
 * Only its long lines, and only at their white space: a word is never parted, since it may be a boundary, an address or an id. In a
 * subject it is none of these: encoded words carry it (RFC 2047 §2).
 */
function foldField({ name, raw, value }: HeaderField): string {
  const lines = raw.split('\r\n').map(foldLine);
  const stillLong = lines.some((line) => line.split('\r\n').some(({ length }) => length > longestLine));
  return stillLong && name === 'subject'
    ? newField('Subject', encodeText(decodeHeader(value))).raw
    : lines.join('\r\n');
}

function foldLine(line: string): string {
  if (line.length <= longestLine) return line;
  const pieces: string[] = [];
  // A line of nothing but white space is obsolete (RFC 5322 §4.2), so no run of it may fill one.
  let rest = line.replace(/[ \t]{100,}/g, ' ').replace(/[ \t]+$/, '');
  while (rest.length > longestLine) {
    const at = foldingPlace(rest);
    if (at === -1) break;
    pieces.push(rest.slice(0, at));
    rest = rest.slice(at);
  }
  return [...pieces, rest].join('\r\n');
}

/** The last white space that leaves a line short enough, else the first at all; -1 where there is none. */
function foldingPlace(line: string): number {
  const last = line.slice(1, longestLine + 1).search(/[ \t][^ \t]*$/);
  if (last !== -1) return last + 1;
  const next = line.slice(longestLine).search(/[ \t]/);
  return next === -1 ? -1 : longestLine + next;
}
