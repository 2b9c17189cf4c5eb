import type { Actor } from '../../domain/actor.ts';
import { Refusal } from '../../domain/refusal.ts';
import { readArchive } from '../../mail/archive-source.ts';
import type { ExtractPool } from '../../mail/extract-pool.ts';
import type { ArchivedMail } from '../../mail/mbox.ts';
import type { Perform } from '../perform.ts';
import { beginImport, type ImportReport, importBatch } from './import-archive.ts';
import type { ImportProblem } from './imported-post.ts';

export interface ImportParts {
  readonly perform: Perform;
  readonly pool: ExtractPool;
}

export interface ImportRequest {
  readonly actor: Actor;
  /** A list's address, or its local part. */
  readonly list: string;
  /** An mbox (also `.gz`), Maildir, message, or a folder of them. */
  readonly path: string;
  /** Called after each batch. */
  progress?(soFar: ImportProgress): void;
}

export interface ImportProgress {
  readonly imported: number;
  readonly already: number;
  readonly problems: number;
}

/** What is written at a time: a transaction stays below 50 ms. */
const batchLimit = { mails: 100, bytes: 512 * 1024 };

/** Imports an archive whole, however large, while a server may be running beside it; run again, it goes on where it stopped. */
export async function runImport(
  { perform, pool }: ImportParts,
  request: ImportRequest,
): Promise<ImportReport> {
  const { actor, list, path } = request;
  await perform(beginImport, actor, { list, source: path });
  const problems: ImportProblem[] = [];
  const total = { imported: 0, already: 0 };
  const write = async ({ mails, reading }: Reading) => {
    const read = await reading;
    const report = await perform(importBatch, actor, {
      list,
      mails: mails.map((mail, i) => ({ ...mail, ...read[i] })),
    });
    total.imported += report.imported;
    total.already += report.already;
    problems.push(...report.problems);
    request.progress?.({ ...total, problems: problems.length });
  };
  let ahead: Reading | undefined;
  for await (const mails of batches(openArchive(path), problems)) {
    // The threads read one batch while the one before is written.
    const next = { mails, reading: pool.read(mails.map((mail) => mail.raw)) };
    if (ahead) await write(ahead);
    ahead = next;
  }
  if (ahead) await write(ahead);
  return { ...total, problems };
}

type Mail = Extract<ArchivedMail, { kind: 'mail' }>;
interface Reading {
  readonly mails: readonly Mail[];
  readonly reading: ReturnType<ExtractPool['read']>;
}

async function* openArchive(path: string): AsyncGenerator<ArchivedMail> {
  try {
    yield* readArchive(path);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'ENOENT') throw new Refusal('not-found', `There is nothing at ${path}.`);
    if (code === 'EACCES') throw new Refusal('not-allowed', `${path} may not be read by this user.`);
    throw error;
  }
}

async function* batches(
  source: AsyncIterable<ArchivedMail>,
  problems: ImportProblem[],
): AsyncGenerator<readonly Mail[]> {
  let batch: Mail[] = [];
  let bytes = 0;
  for await (const mail of source) {
    if (mail.kind === 'problem') {
      problems.push({ position: mail.position, why: mail.why });
      continue;
    }
    if (
      batch.length >= batchLimit.mails ||
      (batch.length > 0 && bytes + mail.raw.length > batchLimit.bytes)
    ) {
      yield batch;
      batch = [];
      bytes = 0;
    }
    batch.push(mail);
    bytes += mail.raw.length;
  }
  if (batch.length > 0) yield batch;
}
