import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { loadConfig } from '../../src/config/load.ts';
import { toSite } from '../../src/config/to-site.ts';
import { copyDatabaseTo, restoreDatabase } from '../../src/move-database.ts';
import { openOperations } from '../../src/open-operations.ts';
import { takeComplaint } from '../../src/operations/bounces/take-complaint.ts';
import { confirm } from '../../src/operations/requests/confirm.ts';
import { openStore } from '../../src/store/open-store.ts';
import { settleDeliveries } from '../../src/store/settle.ts';
import { runCommandLine } from './command-line.ts';
import { createDesk, type Desk } from './desk.ts';
import { startDns, type TestDns } from './dns.ts';
import { deliverOne, type Letter, proved, takeOutbox, tokenIn } from './letterbox.ts';
import { testEnvironment } from './server.ts';
import { makeKey } from './signed-mail.ts';
import { sqlite, type WhenDone } from './stores.ts';

/** A small installation for command lines with `--json`, and what happens to it from outside. */

export const day = 86_400_000;
export const anna = makeKey('alice.example');
export const olga = 'olga@example.com';
export const bo = 'bo@example.net';
export const root = 'root@example.org';
export const birds = 'birds@lists.example.org';
/** Enough of them refuse a post for it to be the post's trouble. */
export const strict = Array.from({ length: 10 }, (_, i) => `m${i}@strict.example`);

/** What one command line printed with `--json`. */
export interface PrintedLine {
  readonly args: readonly string[];
  readonly document: unknown;
}

export interface Place {
  readonly printed: PrintedLine[];
  readonly desk: Desk;
  readonly dns: TestDns;
  readonly folder: string;
  /** Of the configuration, by their keys. */
  readonly settings: Readonly<Record<string, string>>;
  /** Its document. Throws where it does not end as it is expected to. */
  run(args: readonly string[], how?: How): Promise<unknown>;
  /** The same with other settings. */
  as(settings: Readonly<Record<string, string>>): Place;
  /** Writes one into the folder; its path. */
  file(name: string, content: string | Buffer): string;
}

interface How {
  /** 1 where it is done in part only, or finds something wrong. */
  readonly status?: 0 | 1;
  readonly stdin?: string;
}

export async function openPlace(whenDone: WhenDone): Promise<Place> {
  const folder = mkdtempSync(join(tmpdir(), 'listwright-json-'));
  whenDone(() => rmSync(folder, { recursive: true }));
  const dns = await startDns(
    {
      ...anna.zone,
      '_dmarc.alice.example': { TXT: ['v=DMARC1; p=reject'] },
      '_dmarc.silent.example': 'servfail',
    },
    whenDone,
  );
  const url = await sqlite.freshDatabase(whenDone);
  const settings = {
    data_dir: folder,
    'database.url': url,
    'delivery.transport': 'capture',
    'checks.spf_dkim_dmarc': 'true',
    'checks.dns_servers': dns.address,
  };
  const store = await openStore(url, { dataDir: folder, schema: 'leave' });
  whenDone(() => store.close());
  const desk = createDesk(store, toSite(loadConfig({ env: testEnvironment(settings), cwd: folder }).config));
  // The command line has the clock of the world.
  desk.now = Date.now() - 10 * day;
  return placeWith({ printed: [], desk, dns, folder, settings });
}

function placeWith(ground: Pick<Place, 'printed' | 'desk' | 'dns' | 'folder' | 'settings'>): Place {
  const { printed, folder, settings } = ground;
  return {
    ...ground,
    async run(args, { status = 0, stdin = '' } = {}) {
      const done = await runCommandLine([...args, '--json'], {
        env: testEnvironment(settings),
        stdin,
        cwd: folder,
        openOperations: (loaded, how) => openOperations(loaded, { ...how, stdout: new PassThrough() }),
        databases: { restore: restoreDatabase, copyTo: copyDatabaseTo },
      });
      if (done.status !== status || done.stdout === '')
        throw new Error(`“${args.join(' ')}” ended with ${done.status}: ${done.stdout}${done.stderr}`);
      const document: unknown = JSON.parse(done.stdout);
      printed.push({ args, document });
      return document;
    },
    as: (others) => placeWith({ ...ground, settings: { ...settings, ...others } }),
    file(name, content) {
      const path = join(folder, name);
      writeFileSync(path, content);
      return path;
    },
  };
}

export const post = (letter: Partial<Letter> = {}): Letter => ({
  from: olga,
  to: birds,
  subject: 'Nests',
  text: 'Two eggs.',
  checks: proved,
  ...letter,
});

/** Its id, as a word of a command line. */
export async function hold({ desk }: Place, letter: Partial<Letter>): Promise<string> {
  const result = await deliverOne(desk, post(letter));
  if (result.kind !== 'held') throw new Error(`it is not held: ${JSON.stringify(result)}`);
  return `${result.id}`;
}

export async function joinByPage({ desk }: Place, email: string): Promise<void> {
  await deliverOne(desk, { from: email, to: 'birds-join@lists.example.org' });
  const token = tokenIn((await takeOutbox(desk)).at(-1));
  await desk.perform(confirm, { kind: 'holder', of: 'confirmation', ip: '192.0.2.9' }, { token });
  await takeOutbox(desk);
}

/** As the mail of a provider does that passes on what its user pressed. */
export async function complain(desk: Desk, email: string): Promise<void> {
  const member = await desk.store.read((db) =>
    db
      .selectFrom('memberships')
      .innerJoin('addresses', 'addresses.id', 'memberships.address_id')
      .select('memberships.id')
      .where('addresses.email', '=', email)
      .executeTakeFirstOrThrow(),
  );
  await desk.operate(takeComplaint, { membershipId: member.id, bodyId: 1, type: 'abuse' });
}

/** As the worker does after an attempt that was in vain. */
export async function putOff(
  desk: Desk,
  id: string,
  said: { readonly code: number | null; readonly reply: string; readonly unanswered: boolean },
): Promise<void> {
  await desk.store.write(async (tx) => {
    await tx.updateTable('deliveries').set({ state: 'claimed' }).where('id', '=', Number(id)).execute();
    const nextAt = desk.now + 3_600_000;
    await settleDeliveries(tx, [{ kind: 'deferred', id: Number(id), nextAt, ...said }], desk.now);
  });
}
