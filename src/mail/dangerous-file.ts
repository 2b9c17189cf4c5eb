import { constants, gunzipSync } from 'node:zlib';
import { type Allowance, type ArchiveListing, listTar, listZip } from './archive-names.ts';
import { type ArchiveFormat, contentHead, dangerOfCompound, readContent } from './dangerous-content.ts';
import { kindOfName, shorten } from './dangerous-name.ts';
import { listRar } from './rar-names.ts';

/** A file as it would be saved, whatever it is called. */
export interface SavedFile {
  /** How a sentence names it. */
  readonly called: string;
  /** At least `contentHead` bytes of its beginning, or all. */
  readonly head: Buffer;
  whole(): Buffer;
}

/** Why nobody should open it, as a clause, by what it is and what it holds; undefined where nothing speaks against it. */
export function dangerOfFile(file: SavedFile, allowance: Allowance): string | undefined {
  const { called } = file;
  const content = readContent(file.head);
  switch (content.kind) {
    case 'other':
      return undefined;
    case 'dangerous':
      return `${called} is ${content.danger}, whatever its name says`;
    case 'compound': {
      const danger = dangerOfCompound(file.whole());
      return danger && `${called} is ${danger}`;
    }
    case 'gzip':
      return dangerOfGzip(file, allowance);
    case 'archive':
      return dangerOfListing(list[content.format](file.whole(), allowance), called);
  }
}

const list: Readonly<Record<ArchiveFormat, (bytes: Buffer, allowance: Allowance) => ArchiveListing>> = {
  zip: listZip,
  rar: listRar,
  tar: listTar,
};

function dangerOfListing({ names, locked, hidden }: ArchiveListing, called: string): string | undefined {
  for (const name of names) {
    const kind = kindOfName(name);
    if (kind) return `${called} holds ${kind}, ${shorten(name)}`;
  }
  if (hasMacros(names)) return `${called} is a document with macros`;
  if (locked) return `${called} is locked with a password, so nobody can see what it holds`;
  return hidden ? `${called} holds more than can be looked into` : undefined;
}

/** Office documents are ZIP files: with VBA, Excel 4's macro sheets, or OpenDocument's scripts in them. */
function hasMacros(names: readonly string[]): boolean {
  return names.some(
    (name) =>
      /(^|\/)vbaProject\.bin$|^xl\/(?:intlM|m)acrosheets\//i.test(name) ||
      (names[0] === 'mimetype' && /^(Basic|Scripts)\/./.test(name)),
  );
}

/** What a gzip file holds, as far as its beginning tells: most are archives of text, far larger than they look. */
function dangerOfGzip({ called, whole }: SavedFile, allowance: Allowance): string | undefined {
  const inner = unpackBeginning(whole(), allowance);
  const content = readContent(inner.subarray(0, contentHead));
  if (content.kind === 'dangerous') return `${called} holds ${content.danger}`;
  return content.kind === 'archive'
    ? dangerOfListing(list[content.format](inner, allowance), called)
    : undefined;
}

/** Unpacked bytes of one gzip file that are looked at. */
const mostUnpacked = 1024 * 1024;

/** A little first: it tells how much of the file unpacks to as much as we look at. */
function unpackBeginning(bytes: Buffer, allowance: Allowance): Buffer {
  const little = 8 * 1024;
  const first = unpack(bytes.subarray(0, little), allowance);
  const likely = Math.floor((0.8 * mostUnpacked * little) / Math.max(first.length, 1));
  if (first.length === 0 || bytes.length <= little || likely <= little) return first;
  const more = unpack(bytes.subarray(0, likely), allowance);
  return more.length > first.length ? more : first;
}

/** Nothing where it unpacks to more than is allowed, or is broken; that is paid for as well. */
function unpack(bytes: Buffer, allowance: Allowance): Buffer {
  const most = Math.min(mostUnpacked, allowance.left);
  if (most <= 0) return Buffer.alloc(0);
  allowance.left -= most;
  try {
    // A cut file gives what it can.
    const inner = gunzipSync(bytes, { maxOutputLength: most, finishFlush: constants.Z_SYNC_FLUSH });
    allowance.left += most - inner.length;
    return inner;
  } catch {
    return Buffer.alloc(0);
  }
}
