import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { decodeHeader } from '../mail/decode-header.ts';
import { firstValue, readHead } from '../mail/headers.ts';

/** A mail that was captured instead of sent. */
export interface CapturedMail {
  /** In the order of capture, sortable as text. */
  readonly id: string;
  /** Epoch milliseconds. */
  readonly at: number;
  /** '' is the null sender. */
  readonly returnPath: string;
  readonly recipients: readonly string[];
  /** The From and Subject of its head, decoded; '' where it has none. */
  readonly from: string;
  readonly subject: string;
}

/** Captured mail as files, the newest thousand: for trial mode and the demo. Another process may read while this one writes. */
export interface Outbox {
  append(
    mail: Omit<CapturedMail, 'id' | 'from' | 'subject'> & { readonly raw: Buffer },
  ): Promise<CapturedMail>;
  /** Newest first, older than the id `before` where one is given. */
  list(limit: number, before?: string): Promise<CapturedMail[]>;
  /** undefined when there is no such mail (any more). */
  read(id: string): Promise<(CapturedMail & { readonly raw: Buffer }) | undefined>;
}

const mostKept = 1_000;
const idPattern = /^\d{14}-\d{6}$/;

/** Two files a mail: `ID.eml` as the recipient would get it, and `ID.json` with its envelope, written last. */
export function openOutbox(folder: string): Outbox {
  let known: Promise<string[]> | undefined;
  let count = 0;

  async function ids(): Promise<string[]> {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const files = await readdir(folder);
    return files
      .filter((file) => file.endsWith('.json') && idPattern.test(file.slice(0, -5)))
      .map((file) => file.slice(0, -5))
      .sort();
  }

  async function forgetOldest(kept: string[]): Promise<void> {
    for (const id of kept.splice(0, Math.max(0, kept.length - mostKept))) {
      await rm(join(folder, `${id}.json`), { force: true });
      await rm(join(folder, `${id}.eml`), { force: true });
    }
  }

  async function describe(id: string): Promise<CapturedMail | undefined> {
    if (!idPattern.test(id)) return undefined;
    try {
      // One that an earlier version captured has no From.
      return { from: '', ...JSON.parse(await readFile(join(folder, `${id}.json`), 'utf8')) } as CapturedMail;
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
  }

  return {
    async append({ at, returnPath, recipients, raw }) {
      known ??= ids().catch((error: unknown) => {
        known = undefined;
        throw error;
      });
      const kept = await known;
      count = (count + 1) % 1_000_000;
      const id = `${String(at).padStart(14, '0')}-${String(count).padStart(6, '0')}`;
      const mail: CapturedMail = { id, at, returnPath, recipients, ...namesOf(raw) };
      await writeFile(join(folder, `${id}.eml`), raw, { mode: 0o600 });
      // Renamed into place: whoever lists the folder sees a whole mail or none.
      const draft = join(folder, `${id}.draft`);
      await writeFile(draft, JSON.stringify(mail), { mode: 0o600 });
      await rename(draft, join(folder, `${id}.json`));
      kept.push(id);
      await forgetOldest(kept);
      return mail;
    },
    async list(limit, before) {
      const older = (await ids()).filter((id) => before === undefined || id < before);
      const mails = await Promise.all(older.reverse().slice(0, limit).map(describe));
      return mails.filter((mail) => mail !== undefined);
    },
    async read(id) {
      const mail = await describe(id);
      if (!mail) return undefined;
      try {
        return { ...mail, raw: await readFile(join(folder, `${id}.eml`)) };
      } catch (error) {
        if (isMissing(error)) return undefined;
        throw error;
      }
    },
  };
}

function namesOf(raw: Buffer): Pick<CapturedMail, 'from' | 'subject'> {
  const head = readHead(raw);
  return { from: decodeHeader(firstValue(head, 'from')), subject: decodeHeader(firstValue(head, 'subject')) };
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
