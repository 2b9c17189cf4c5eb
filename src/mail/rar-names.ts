import { type ArchiveListing, mostNames, unopenedAmong } from './archive-names.ts';

/** The names in a RAR file of version 4 or 5, from the headers between the packed files ("RAR 5.0 archive format", "RAR 4.x technote"). */
export function listRar(bytes: Buffer): ArchiveListing {
  const found = { names: [] as string[], locked: false, hidden: false };
  const next = bytes[6] === 1 ? nextOfVersion5 : nextOfVersion4;
  let at: number | undefined = bytes[6] === 1 ? 8 : 7;
  try {
    while (at !== undefined && at < bytes.length) {
      const block = next(bytes, at);
      if (block.locked) found.locked = true;
      if (block.name !== undefined) found.names.push(block.name);
      found.hidden = found.names.length >= mostNames;
      at = block.next === undefined || block.next <= at || found.hidden ? undefined : block.next;
    }
  } catch (error) {
    // Cut off in the middle of a header.
    if (!(error instanceof RangeError)) throw error;
  }
  return { ...found, ...unopenedAmong(found.names) };
}

interface Block {
  readonly name?: string;
  readonly locked: boolean;
  /** Absent after the last one that can be read. */
  readonly next?: number;
}

function nextOfVersion4(bytes: Buffer, at: number): Block {
  const type = bytes.readUInt8(at + 2);
  const flags = bytes.readUInt16LE(at + 3);
  const isFile = type === 0x74;
  const packed = isFile || (flags & 0x8000) !== 0 ? bytes.readUInt32LE(at + 7) : 0;
  const next = at + bytes.readUInt16LE(at + 5) + packed;
  // The headers themselves are encrypted.
  if (type === 0x73 && (flags & 0x80) !== 0) return { locked: true };
  if (!isFile) return { locked: false, next };
  const start = at + 32 + ((flags & 0x100) !== 0 ? 8 : 0);
  const written = bytes.toString('latin1', start, start + Math.min(bytes.readUInt16LE(at + 26), 1024));
  // Behind a NUL the same again in Unicode.
  return { name: written.split('\0', 1)[0] ?? '', locked: (flags & 0x04) !== 0, next };
}

function nextOfVersion5(bytes: Buffer, at: number): Block {
  const read = reader(bytes, at + 4);
  const size = read.number();
  const start = read.at();
  const type = read.number();
  const flags = read.number();
  const extra = (flags & 1) !== 0 ? read.number() : 0;
  const data = (flags & 2) !== 0 ? read.number() : 0;
  const next = start + size + data;
  if (type === 4) return { locked: true };
  if (type !== 2) return { locked: false, next };
  const fileFlags = read.number();
  read.number(); // unpacked size
  read.number(); // attributes
  read.skip(((fileFlags & 2) !== 0 ? 4 : 0) + ((fileFlags & 4) !== 0 ? 4 : 0)); // time, checksum
  read.number(); // method
  read.number(); // system
  const length = read.number();
  const name = bytes.toString('utf8', read.at(), read.at() + Math.min(length, 1024));
  return { name, locked: extra > 0 && hasEncryption(bytes, start + size - extra, start + size), next };
}

/** Whether one of the records behind a file's header says that the file is encrypted: type 1. */
function hasEncryption(bytes: Buffer, from: number, to: number): boolean {
  for (let at = from; at < to; ) {
    const read = reader(bytes, at);
    const size = read.number();
    const start = read.at();
    if (read.number() === 1) return true;
    at = start + Math.max(size, 1);
  }
  return false;
}

/** RAR 5 writes numbers seven bits at a time, the lowest first. */
function reader(bytes: Buffer, start: number) {
  let at = start;
  return {
    at: () => at,
    skip: (length: number) => {
      at += length;
    },
    number: () => {
      let value = 0;
      for (let i = 0; i < 8; i++) {
        const byte = bytes.readUInt8(at++);
        value += (byte & 0x7f) * 2 ** (7 * i);
        if (byte < 0x80) break;
      }
      return value;
    },
  };
}
