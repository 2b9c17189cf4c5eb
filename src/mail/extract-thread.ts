import { parentPort, workerData } from 'node:worker_threads';
import { deflateRawSync } from 'node:zlib';
import type { Reading } from '../domain/reading.ts';
import { foldText } from '../domain/search-words.ts';
import { extract } from './extract.ts';
import { type MailHead, readHead } from './headers.ts';
import { splitQuotes } from './quotes.ts';
import { readFacts } from './read-facts.ts';
import type { ReadMail, ReadRequest, ReadResponse } from './read-mail.ts';
import { discard } from './thread-bytes.ts';

// The entry of a worker thread of extract-pool.ts: it reads mails, a batch at a time.
const port = parentPort;
const { hostname } = workerData as { readonly hostname: string };
const answer = (response: ReadResponse) => port?.postMessage(response);

port?.on('message', (request: ReadRequest) => {
  answer({ kind: 'mails', mails: unpacked(request).map(readMail) });
  discard(request.bytes);
});
answer({ kind: 'ready' });

function readMail(raw: Buffer): ReadMail {
  const head = readHead(raw);
  return { facts: readFacts(raw, head, hostname), reading: read(raw, head) };
}

function read(raw: Buffer, head: MailHead): Reading {
  try {
    const { text, attachments } = extract(raw, head);
    const { own, quoted } = splitQuotes(text);
    const deflated = deflate(raw);
    return {
      kind: 'read',
      text: deflateRawSync(text),
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

function unpacked({ bytes, lengths }: ReadRequest): Buffer[] {
  let at = bytes.byteOffset;
  return lengths.map((length) => {
    const raw = Buffer.from(bytes.buffer, at, length);
    at += length;
    return raw;
  });
}
