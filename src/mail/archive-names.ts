import { inflateRawSync } from 'node:zlib';
import { isArchiveInside } from './dangerous-name.ts';

/** What an archive says about its contents without being unpacked. */
export interface ArchiveListing {
  /** Paths as written. */
  readonly names: readonly string[];
  /** Some of it, or the list of names itself, is encrypted. */
  readonly locked: boolean;
  /** There is more than we look at: too many files, or an archive inside that cannot be unpacked within bounds. */
  readonly hidden: boolean;
  /** An archive among them whose own names nobody has read. */
  readonly unopened?: string;
}

/** Of a larger archive nobody knows what the rest is. */
export const mostNames = 10_000;
/** Bytes that archives inside others may still unpack to: one allowance for a whole mail, so that no number of bombs goes off. */
export interface Allowance {
  left: number;
}

/**
 * The names in a ZIP file and in the ZIP files inside it, one level deep. Both the headers before the files and the directory at the
 * end are read, wherever they stand: unpackers differ in which they believe (APPNOTE.TXT §4.3.7, §4.3.12).
 */
export function listZip(bytes: Buffer, allowance: Allowance): ArchiveListing {
  const found: Finds = { names: [], opened: new Set(), locked: false, hidden: false, allowance };
  readHeaders(bytes, found, 0);
  return { ...found, ...unopenedAmong(found.names, found.opened) };
}

/**
 * Whether a file is a ZIP file although it begins as something else: unpackers find the end of the directory from behind, and count its
 * offsets from wherever the archive starts (APPNOTE.TXT §4.3.16; self-extracting archives are such).
 */
export function endsAsZip(bytes: Buffer): boolean {
  const end = bytes.lastIndexOf(endOfDirectory);
  return end !== -1 && bytes.lastIndexOf(central.signature, end) !== -1;
}

const endOfDirectory = Buffer.from('PK\x05\x06');

/** The first archive among the names that is none of the opened ones. */
export function unopenedAmong(
  names: readonly string[],
  opened: ReadonlySet<string> = new Set(),
): Pick<ArchiveListing, 'unopened'> {
  const unopened = names.find((name) => isArchiveInside(name) && !opened.has(name));
  return unopened === undefined ? {} : { unopened };
}

interface Finds {
  readonly names: string[];
  /** ZIP files inside whose names are among them. */
  readonly opened: Set<string>;
  locked: boolean;
  hidden: boolean;
  readonly allowance: Allowance;
}

interface HeaderForm {
  readonly signature: Buffer;
  readonly flags: number;
  readonly nameLength: number;
  readonly name: number;
}
const local: HeaderForm = { signature: Buffer.from('PK\x03\x04'), flags: 6, nameLength: 26, name: 30 };
const central: HeaderForm = { signature: Buffer.from('PK\x01\x02'), flags: 8, nameLength: 28, name: 46 };

function readHeaders(bytes: Buffer, found: Finds, depth: number): void {
  for (const form of [local, central]) {
    let at = bytes.indexOf(form.signature);
    for (; at !== -1 && at + form.name <= bytes.length; at = bytes.indexOf(form.signature, at + 4)) {
      if (found.names.length >= mostNames) {
        found.hidden = true;
        return;
      }
      const name = readName(bytes, at, form);
      if (name === '') continue;
      found.names.push(name);
      if ((bytes.readUInt16LE(at + form.flags) & 1) === 1) found.locked = true;
      else if (form === local && depth === 0 && /\.(zip|jar)$/i.test(name))
        lookInside(bytes, found, { name, at });
    }
  }
}

/** Bit 11 says UTF-8; without it the name is in the code page of its maker, of which only ASCII matters here. */
function readName(bytes: Buffer, at: number, form: HeaderForm): string {
  const length = bytes.readUInt16LE(at + form.nameLength);
  const utf8 = (bytes.readUInt16LE(at + form.flags) & 0x800) !== 0;
  return bytes.toString(utf8 ? 'utf8' : 'latin1', at + form.name, at + form.name + Math.min(length, 1024));
}

/** Stored files lie open to the same scan; deflated ones are unpacked, as far as the allowance goes. */
function lookInside(
  bytes: Buffer,
  found: Finds,
  { name, at }: { readonly name: string; readonly at: number },
): void {
  const method = bytes.readUInt16LE(at + 8);
  found.opened.add(name);
  if (method === 0) return;
  const data = at + local.name + bytes.readUInt16LE(at + local.nameLength) + bytes.readUInt16LE(at + 28);
  try {
    if (method !== 8 || found.allowance.left <= 0) throw new RangeError('not to be unpacked');
    const inner = inflateRawSync(bytes.subarray(data), { maxOutputLength: found.allowance.left });
    found.allowance.left -= inner.length;
    readHeaders(inner, found, 1);
  } catch {
    // Broken, or larger than the allowance, which has then been spent.
    found.allowance.left = 0;
    found.hidden = true;
  }
}

/**
 * The names in a tar file (POSIX.1 ustar and pax; GNU): headers of 512 bytes, each before its file. A name of more than 100 characters
 * has its beginning in the same header, or stands whole in a header's file before it.
 */
export function listTar(bytes: Buffer): ArchiveListing {
  const names: string[] = [];
  let hidden = false;
  for (let at = 0; at + 512 <= bytes.length && !hidden; ) {
    const name = cString(bytes, at, 100);
    if (name === '' && bytes[at + 345] === 0) break;
    names.push(name);
    // Written in another way, it is a number that some read and some do not, and what follows is anywhere.
    const size = /^ *([0-7]{0,11})[ \0]*$/.exec(bytes.toString('latin1', at + 124, at + 136))?.[1];
    const bytesOfFile = Number.parseInt(size || '0', 8);
    names.push(...longNames(bytes, at, bytesOfFile));
    hidden = size === undefined || names.length >= mostNames;
    at += 512 + Math.ceil(bytesOfFile / 512) * 512;
  }
  return { names, locked: false, hidden, ...unopenedAmong(names) };
}

function longNames(bytes: Buffer, at: number, size: number): readonly string[] {
  const written = bytes.subarray(at + 512, at + 512 + Math.min(size, 4096));
  switch (String.fromCharCode(bytes[at + 156] ?? 0)) {
    case 'L':
      return [cString(written, 0, written.length)];
    case 'x':
      return [...written.toString('utf8').matchAll(/(?:^|\n)\d+ path=([^\n]*)/g)].map(
        (found) => found[1] ?? '',
      );
    default:
      return [];
  }
}

function cString(bytes: Buffer, start: number, length: number): string {
  const end = bytes.subarray(start, start + length).indexOf(0);
  return bytes.toString('latin1', start, start + (end === -1 ? length : end));
}
