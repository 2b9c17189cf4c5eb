import { createReadStream } from 'node:fs';
import { open, readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { type ArchivedMail, largestMail, readMbox } from './mbox.ts';

/**
 * Reads an archive of any usual kind: an mbox (also `.gz`), a Maildir, a single message, or a folder of such, in the order of
 * their names. What cannot be read becomes a `problem`; rejects when there is nothing at that path.
 */
export async function* readArchive(path: string): AsyncGenerator<ArchivedMail> {
  if (!(await stat(path)).isDirectory()) yield* readFileOf(path, '');
  else if (await isMaildir(path)) for (const folder of ['cur', 'new']) yield* readFolder(join(path, folder));
  else yield* readFolder(path);
}

/** What a reader of a progress bar wants: bytes on disk, counted before they are read. */
export async function archiveBytes(path: string): Promise<number> {
  const entry = await stat(path);
  if (!entry.isDirectory()) return entry.size;
  const sizes = (await readdir(path)).map((name) => archiveBytes(join(path, name)).catch(() => 0));
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}

async function isMaildir(path: string): Promise<boolean> {
  const names = await readdir(path);
  return names.includes('cur') && names.includes('new');
}

async function* readFolder(path: string): AsyncGenerator<ArchivedMail> {
  const names = (await readdir(path)).sort(byNumber.compare);
  for (const name of names) {
    if (name.startsWith('.')) continue;
    try {
      yield* readEntry(path, name);
    } catch (error) {
      // Gone, renamed by a mail program, a link to nowhere, not ours to read: the others are there all the same.
      yield { kind: 'problem', position: name, why: `it cannot be read: ${String(error)}` };
    }
  }
}

async function* readEntry(folder: string, name: string): AsyncGenerator<ArchivedMail> {
  const path = join(folder, name);
  const entry = await stat(path);
  if (entry.isDirectory()) yield* readArchive(path);
  // Whoever opens a pipe waits for a writer.
  else if (!entry.isFile())
    yield { kind: 'problem', position: name, why: 'it is neither a file nor a folder' };
  else yield* readFileOf(path, `${name}:`);
}

/** `2` before `10`, as list archives number their messages. */
const byNumber = new Intl.Collator('en', { numeric: true });

async function* readFileOf(path: string, prefix: string): AsyncGenerator<ArchivedMail> {
  const start = await firstBytes(path);
  const gzipped = start[0] === 0x1f && start[1] === 0x8b;
  if (!gzipped && !start.toString('latin1').startsWith('From ')) return yield await readMessage(path, prefix);
  try {
    for await (const mail of readMbox(gzipped ? gunzipped(path) : createReadStream(path))) {
      yield { ...mail, position: prefix + mail.position };
    }
  } catch (error) {
    yield {
      kind: 'problem',
      position: `${prefix}end`,
      why: `the file cannot be read to its end: ${String(error)}`,
    };
  }
}

function gunzipped(path: string): NodeJS.ReadableStream & AsyncIterable<Uint8Array> {
  // An error of either ends the iteration, which reports it.
  return pipeline(createReadStream(path), createGunzip(), () => {});
}

async function firstBytes(path: string): Promise<Buffer> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(5), 0, 5, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

async function readMessage(path: string, prefix: string): Promise<ArchivedMail> {
  const { size, mtimeMs } = await stat(path);
  const position = prefix === '' ? path : prefix.slice(0, -1);
  if (size > largestMail)
    return { kind: 'problem', position, why: `the message is larger than ${largestMail} bytes` };
  const text = (await readFile(path)).toString('latin1');
  const raw = Buffer.from(text.replace(/\r?\n/g, '\r\n'), 'latin1');
  return { kind: 'mail', position, raw, receivedAt: Math.floor(mtimeMs) };
}
