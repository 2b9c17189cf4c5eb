import { onTestFinished } from 'vitest';
import { createIndexer, type Indexer } from '../../src/deliver/indexer.ts';
import { silentLog } from '../../src/domain/log.ts';
import { createExtractPool, type ExtractPool } from '../../src/mail/extract-pool.ts';
import { type ImportReport, importBatch } from '../../src/operations/archive/import-archive.ts';
import { createList } from '../../src/operations/lists/create-list.ts';
import type { Store } from '../../src/store/store.ts';
import { createDesk, type Desk, testSite } from './desk.ts';

/** Operations, lists and worker threads for tests of the archive. */
export interface TestArchive {
  readonly desk: Desk;
  readonly pool: ExtractPool;
  readonly indexer: Indexer;
  makeList(name: string): Promise<number>;
  /** Brings mails in as an import does. */
  bring(list: string, ...mails: readonly Buffer[]): Promise<ImportReport>;
}

export async function openArchive(store: Store): Promise<TestArchive> {
  const desk = createDesk(store);
  const pool = createExtractPool({ hostname: testSite.hostname });
  const indexer = createIndexer({ store, pool, log: silentLog, now: () => desk.now });
  onTestFinished(async () => {
    await indexer.close();
    await pool.close();
  });
  return {
    desk,
    pool,
    indexer,
    makeList: async (name) =>
      (
        await desk.operate(createList, {
          address: `${name}@lists.example.org`,
          owners: ['owner@example.org'],
        })
      ).listId,
    async bring(list, ...raws) {
      const read = await pool.read(raws);
      const mails = read.map((mail, i) => ({ ...mail, raw: raws[i], position: String(i) }));
      return desk.operate(importBatch, { list, mails });
    },
  };
}

export interface MailInput {
  readonly id?: string;
  readonly from?: string;
  readonly subject?: string;
  /** ISO 8601. */
  readonly date?: string;
  readonly references?: readonly string[];
  readonly headers?: readonly string[];
  readonly text?: string;
}

let lastId = 0;

/** A plain mail with CRLF line ends. */
export function plainMail(input: MailInput = {}): Buffer {
  const id = input.id ?? `m${++lastId}@example.org`;
  const lines = [
    `From: ${input.from ?? 'Alice <alice@example.org>'}`,
    `Subject: ${input.subject ?? 'nests'}`,
    `Date: ${new Date(input.date ?? '2024-05-31T12:00:00Z').toUTCString()}`,
    ...(id === '' ? [] : [`Message-ID: <${id}>`]),
    ...(input.references ? [`References: ${input.references.map((name) => `<${name}>`).join(' ')}`] : []),
    ...(input.headers ?? ['Content-Type: text/plain; charset=utf-8']),
    '',
    input.text ?? 'Two eggs.',
    '',
  ];
  return Buffer.from(lines.join('\r\n'));
}

/** The same with a file attached. */
export function mailWithFile(filename: string, input: MailInput = {}): Buffer {
  const text = [
    '--x',
    'Content-Type: text/plain; charset=utf-8',
    '',
    input.text ?? 'See the file.',
    '--x',
    `Content-Type: text/csv; name="${filename}"`,
    `Content-Disposition: attachment; filename="${filename}"`,
    '',
    '1,2,3',
    '--x--',
  ].join('\r\n');
  return plainMail({ ...input, headers: ['Content-Type: multipart/mixed; boundary=x'], text });
}
