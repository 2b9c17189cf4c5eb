import { mkdir, readdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Writable } from 'node:stream';
import { Refusal } from '../domain/refusal.ts';
import { mboxEntry } from './mbox.ts';

/** A post on its way out of the archive. */
export interface ExportedMail {
  readonly number: number;
  readonly raw: Buffer;
  /** Its author's address, for the mbox separator. */
  readonly from: string;
  /** Epoch milliseconds. */
  readonly receivedAt: number;
}

/** Where an archive is written to, one mail after the other. */
export interface ArchiveTarget {
  write(mail: ExportedMail): Promise<void>;
}

/** One mbox (mboxrd), as the stream takes it. */
export function mboxTarget(stream: Writable): ArchiveTarget {
  return {
    write: ({ raw, from, receivedAt }) =>
      new Promise((resolve, reject) => {
        stream.write(mboxEntry(raw, { from, at: receivedAt }), (error) =>
          error ? reject(error) : resolve(),
        );
      }),
  };
}

/** A file `000123.eml` for each post, byte for byte as it was accepted. Throws Refusal where the folder is there and holds anything. */
export async function emlTarget(folder: string): Promise<ArchiveTarget> {
  await makeEmptyFolder(folder);
  return {
    write: ({ number, raw }) => writeFile(join(folder, `${String(number).padStart(6, '0')}.eml`), raw, mine),
  };
}

const maildirFolders = ['tmp', 'new', 'cur'];

/**
 * A Maildir, each message written to `tmp` and moved, so that a mail program sees only whole ones. Line ends become LF, as there is use.
 * Throws Refusal where the folder holds more than a Maildir without mail.
 */
export async function maildirTarget(folder: string): Promise<ArchiveTarget> {
  await makeEmptyFolder(folder, maildirFolders);
  for (const name of maildirFolders) await makeEmptyFolder(join(folder, name));
  return {
    async write({ number, raw, receivedAt }) {
      const name = `${Math.floor(receivedAt / 1000)}.${number}.listwright`;
      const text = raw.toString('latin1').replace(/\r\n/g, '\n');
      await writeFile(join(folder, 'tmp', name), text, { ...mine, encoding: 'latin1' });
      // `:2,S`: seen.
      await rename(join(folder, 'tmp', name), join(folder, 'cur', `${name}:2,S`));
    },
  };
}

/** Posts of a list that not everybody may read; and nothing is written over. */
const mine = { mode: 0o600, flag: 'wx' } as const;

async function makeEmptyFolder(folder: string, allowed: readonly string[] = []): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const others = (await readdir(folder)).filter((name) => !allowed.includes(name));
  if (others.length > 0)
    throw new Refusal(
      'conflict',
      `${folder}: there is something in it already (${others[0]}), and nothing is written over: name a new or an empty folder.`,
    );
}
