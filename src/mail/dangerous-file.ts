import { constants, gunzipSync } from 'node:zlib';
import type { AttachmentFact } from '../domain/checks.ts';
import { type Allowance, type ArchiveListing, endsAsZip, listTar, listZip } from './archive-names.ts';
import {
  type ArchiveFormat,
  type Content,
  contentHead,
  dangerOfCompound,
  readContent,
} from './dangerous-content.ts';
import { kindOfName, shorten } from './dangerous-name.ts';
import { listRar } from './rar-names.ts';

/** A file as it would be saved, whatever it is called. */
export interface SavedFile {
  /** How a sentence names it. */
  readonly called: string;
  /** Its name or type says that it is an archive, or compressed. */
  readonly saysArchive: boolean;
  /** At least `contentHead` bytes of its beginning, or all. */
  readonly head: Buffer;
  whole(): Buffer;
}

/** Why nobody should open a file, or nobody could look into it; neither where nothing speaks against it. */
export type Objection = Pick<AttachmentFact, 'danger' | 'closed'>;

/** What speaks against a file, by what it is and what it holds. */
export function objectionTo(file: SavedFile, allowance: Allowance): Objection {
  const content = readContent(file.head);
  const found = objectionByHead(file, { content, allowance });
  if (found.danger !== undefined || file.head.length === 0 || isZip(content)) return found;
  if (endsAsZip(file.whole())) {
    const inZip = objectionToListing(listZip(file.whole(), allowance), file.called);
    if (inZip.danger !== undefined || content.kind === 'other') return inZip;
  }
  const isUnderstood = content.kind === 'archive' || content.kind === 'gzip';
  return found.closed === undefined && file.saysArchive && !isUnderstood
    ? {
        closed: `${file.called} cannot be read as the archive that it says it is, so nobody could look into it`,
      }
    : found;
}

function isZip(content: Content): boolean {
  return content.kind === 'archive' && content.format === 'zip';
}

function objectionByHead(
  file: SavedFile,
  { content, allowance }: { readonly content: Content; readonly allowance: Allowance },
): Objection {
  const { called } = file;
  switch (content.kind) {
    case 'other':
      return {};
    case 'dangerous':
      return { danger: `${called} is ${content.danger}, whatever its name says` };
    case 'compound': {
      const danger = dangerOfCompound(file.whole());
      return danger ? { danger: `${called} is ${danger}` } : {};
    }
    case 'closed':
      return { closed: `${called} is ${content.format}, which nobody can look into` };
    case 'gzip':
      return objectionToGzip(file, allowance);
    case 'archive':
      return objectionToListing(list[content.format](file.whole(), allowance), called);
  }
}

const list: Readonly<Record<ArchiveFormat, (bytes: Buffer, allowance: Allowance) => ArchiveListing>> = {
  zip: listZip,
  rar: listRar,
  tar: listTar,
};

function objectionToListing({ names, locked, hidden, unopened }: ArchiveListing, called: string): Objection {
  for (const name of names) {
    const kind = kindOfName(name);
    if (kind) return { danger: `${called} holds ${kind}, ${shorten(name)}` };
  }
  if (hasMacros(names)) return { danger: `${called} is a document with macros` };
  if (locked) return { danger: `${called} is locked with a password, so nobody can see what it holds` };
  if (hidden) return { danger: `${called} holds more than can be looked into` };
  return unopened === undefined
    ? {}
    : { closed: `${called} holds another archive, "${shorten(unopened)}", which nobody could look into` };
}

/** Office documents are ZIP files: with VBA, Excel 4's macro sheets, or OpenDocument's scripts in them. */
function hasMacros(names: readonly string[]): boolean {
  return names.some(
    (name) =>
      /(^|\/)vbaProject\.bin$|^xl\/(?:intlM|m)acrosheets\//i.test(name) ||
      (names[0] === 'mimetype' && /^(Basic|Scripts)\/./.test(name)),
  );
}

/** What a gzip file holds, as far as its beginning tells: most are archives of text, far larger than they look. Of an archive the rest counts, too. */
function objectionToGzip({ called, whole }: SavedFile, allowance: Allowance): Objection {
  const { inner, isAll } = unpackBeginning(whole(), allowance);
  if (!inner) return { closed: `${called} cannot be unpacked, so nobody could look into it` };
  const content = readContent(inner.subarray(0, contentHead));
  switch (content.kind) {
    case 'dangerous':
      return { danger: `${called} holds ${content.danger}` };
    case 'closed':
      return { closed: `${called} holds ${content.format}, which nobody can look into` };
    case 'gzip':
      return { closed: `${called} is compressed twice, so nobody could look into it` };
    case 'archive': {
      const found = objectionToListing(list[content.format](inner, allowance), called);
      return found.danger !== undefined || isAll
        ? found
        : { closed: `${called} is larger than what is looked into` };
    }
    default:
      return {};
  }
}

/** Unpacked bytes of one gzip file that are looked at. */
const mostUnpacked = 1024 * 1024;
/** Packed bytes that come to no more than that, however well they are packed: deflate makes at most 1032 of one. */
const little = 1000;

interface Unpacked {
  /** Absent: it is broken, or unpacks to more than is left of the allowance. */
  readonly inner?: Buffer;
  readonly isAll: boolean;
}

/** A little first: it tells how much of the file unpacks to as much as we look at. */
function unpackBeginning(bytes: Buffer, allowance: Allowance): Unpacked {
  const first = unpack(bytes.subarray(0, little), allowance);
  if (!first || bytes.length <= little) return { ...(first && { inner: first }), isAll: true };
  const likely = Math.floor((0.8 * mostUnpacked * little) / Math.max(first.length, 1));
  const more = likely > little ? unpack(bytes.subarray(0, likely), allowance) : undefined;
  return more ? { inner: more, isAll: likely >= bytes.length } : { inner: first, isAll: false };
}

/** Undefined where it unpacks to more than is allowed, or is broken; that is paid for as well. */
function unpack(bytes: Buffer, allowance: Allowance): Buffer | undefined {
  const most = Math.min(mostUnpacked, allowance.left);
  if (most <= 0) return undefined;
  allowance.left -= most;
  try {
    // A cut file gives what it can.
    const inner = gunzipSync(bytes, { maxOutputLength: most, finishFlush: constants.Z_SYNC_FLUSH });
    allowance.left += most - inner.length;
    return inner;
  } catch {
    return undefined;
  }
}
