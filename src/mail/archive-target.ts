import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Writable } from 'node:stream';
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

/** A file `000123.eml` for each post, byte for byte as it was accepted. */
export async function emlTarget(folder: string): Promise<ArchiveTarget> {
  await mkdir(folder, { recursive: true });
  return {
    write: ({ number, raw }) => writeFile(join(folder, `${String(number).padStart(6, '0')}.eml`), raw),
  };
}

/** A Maildir, each message written to `tmp` and moved, so that a mail program sees only whole ones. Line ends become LF, as there is use. */
export async function maildirTarget(folder: string): Promise<ArchiveTarget> {
  for (const name of ['tmp', 'new', 'cur']) await mkdir(join(folder, name), { recursive: true });
  return {
    async write({ number, raw, receivedAt }) {
      const name = `${Math.floor(receivedAt / 1000)}.${number}.listwright`;
      const text = raw.toString('latin1').replace(/\r\n/g, '\n');
      await writeFile(join(folder, 'tmp', name), text, 'latin1');
      // `:2,S`: seen.
      await rename(join(folder, 'tmp', name), join(folder, 'cur', `${name}:2,S`));
    },
  };
}
