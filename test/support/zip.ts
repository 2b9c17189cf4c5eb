import { crc32, deflateRawSync } from 'node:zlib';

export interface ZipEntry {
  readonly name: string;
  readonly content?: Buffer;
  /** Default: deflated. */
  readonly stored?: boolean;
  readonly encrypted?: boolean;
  /** What the directory at the end calls it, where that differs. */
  readonly directoryName?: string;
}

/** A ZIP file (APPNOTE.TXT §4.3), as honest or as crooked as the entries say. */
export function zip(entries: readonly ZipEntry[]): Buffer {
  const files: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const entry of entries) {
    const { head, data } = fileOf(entry);
    files.push(head, data);
    directory.push(directoryEntry(entry, data.length, offset));
    offset += head.length + data.length;
  }
  const list = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(entries.length, 8);
  end.writeUInt16LE(entries.length, 10);
  end.writeUInt32LE(list.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...files, list, end]);
}

function fileOf(entry: ZipEntry): { head: Buffer; data: Buffer } {
  const content = entry.content ?? Buffer.from('x');
  const data = entry.stored ? content : deflateRawSync(content);
  const name = Buffer.from(entry.name);
  const head = Buffer.alloc(30);
  head.writeUInt32LE(0x04034b50, 0);
  head.writeUInt16LE(20, 4);
  head.writeUInt16LE(flagsOf(entry), 6);
  head.writeUInt16LE(entry.stored ? 0 : 8, 8);
  head.writeUInt32LE(crc32(content), 14);
  head.writeUInt32LE(data.length, 18);
  head.writeUInt32LE(content.length, 22);
  head.writeUInt16LE(name.length, 26);
  return { head: Buffer.concat([head, name]), data };
}

function directoryEntry(entry: ZipEntry, size: number, offset: number): Buffer {
  const name = Buffer.from(entry.directoryName ?? entry.name);
  const head = Buffer.alloc(46);
  head.writeUInt32LE(0x02014b50, 0);
  head.writeUInt16LE(flagsOf(entry), 8);
  head.writeUInt16LE(entry.stored ? 0 : 8, 10);
  head.writeUInt32LE(size, 20);
  head.writeUInt16LE(name.length, 28);
  head.writeUInt32LE(offset, 42);
  return Buffer.concat([head, name]);
}

/** Bit 11: the name is UTF-8. */
function flagsOf({ encrypted }: ZipEntry): number {
  return 0x800 | (encrypted ? 1 : 0);
}
