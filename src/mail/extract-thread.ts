import { parentPort, workerData } from 'node:worker_threads';
import { deflateRawSync } from 'node:zlib';
import { longestText, type Reading } from '../domain/reading.ts';
import { foldText } from '../domain/search-words.ts';
import { extract } from './extract.ts';
import { type MailHead, readHead } from './headers.ts';
import { splitQuotes } from './quotes.ts';
import { readFacts } from './read-facts.ts';
import type { ReadMail, ReadRequest, ReadResponse } from './read-mail.ts';

// The entry of a worker thread of extract-pool.ts: it reads mails, a batch at a time.
const port = parentPort;
const { hostname } = workerData as { readonly hostname: string };
const answer = (response: ReadResponse) => port?.postMessage(response);

port?.on('message', async ({ raws }: ReadRequest) => {
  const mails: ReadMail[] = [];
  for (const bytes of raws) mails.push(await readMail(asBuffer(bytes)));
  answer({ kind: 'mails', mails });
});
answer({ kind: 'ready' });

async function readMail(raw: Buffer): Promise<ReadMail> {
  const head = readHead(raw);
  return { facts: readFacts(raw, head, hostname), reading: await read(raw, head) };
}

async function read(raw: Buffer, head: MailHead): Promise<Reading> {
  try {
    const { text, attachments } = await extract(raw, head);
    const shown = text.slice(0, longestText);
    const { own, quoted } = splitQuotes(shown);
    const deflated = deflate(raw);
    return {
      kind: 'read',
      text: deflateRawSync(shown),
      own: foldText(own),
      quoted: foldText(quoted),
      attachments,
      ...(deflated && { deflated }),
    };
  } catch (error) {
    return { kind: 'unreadable', why: error instanceof Error ? error.message : String(error) };
  }
}

/** Undefined where it would not save a tenth. Large mail is mostly base64, of which a quick pass takes what there is. */
function deflate(raw: Buffer): Uint8Array | undefined {
  const deflated = deflateRawSync(raw, { level: raw.length > 1 << 20 ? 1 : 6 });
  return deflated.length <= raw.length * 0.9 ? deflated : undefined;
}

/** What crosses the threads arrives as a plain Uint8Array. */
function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
