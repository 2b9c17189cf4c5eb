import { inflateRawSync } from 'node:zlib';

/** What an archive says about its contents without being unpacked. */
export interface ArchiveListing {
  /** Paths as written. */
  readonly names: readonly string[];
  /** Some of it, or the list of names itself, is encrypted. */
  readonly locked: boolean;
  /** There is more than we look at: too many files, or an archive inside that cannot be unpacked within bounds. */
  readonly hidden: boolean;
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
  const found: Finds = { names: [], locked: false, hidden: false, allowance };
  readHeaders(bytes, found, 0);
  return found;
}

interface Finds {
  readonly names: string[];
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
      else if (form === local && depth === 0 && /\.(zip|jar)$/i.test(name)) lookInside(bytes, at, found);
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
function lookInside(bytes: Buffer, at: number, found: Finds): void {
  const method = bytes.readUInt16LE(at + 8);
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

/** The names in a tar file (POSIX.1 ustar): headers of 512 bytes, each before its file. */
export function listTar(bytes: Buffer): ArchiveListing {
  const names: string[] = [];
  for (let at = 0; at + 512 <= bytes.length && names.length < mostNames; ) {
    const name = cString(bytes, at, 100);
    if (name === '') break;
    names.push(name);
    const size = Number.parseInt(cString(bytes, at + 124, 12).trim() || '0', 8);
    if (!(size >= 0)) break;
    at += 512 + Math.ceil(size / 512) * 512;
  }
  return { names, locked: false, hidden: names.length >= mostNames };
}

function cString(bytes: Buffer, start: number, length: number): string {
  const end = bytes.subarray(start, start + length).indexOf(0);
  return bytes.toString('latin1', start, start + (end === -1 ? length : end));
}
