import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { createCapture } from '../../src/deliver/capture.ts';
import { openOutbox } from '../../src/deliver/outbox.ts';
import { createWorker } from '../../src/deliver/worker.ts';
import { silentLog } from '../../src/domain/log.ts';
import {
  addMembers,
  deliveryRows,
  keys,
  makeList,
  postTo,
  quickRetry,
  site,
  start,
} from '../support/outbox.ts';
import { eachStore } from '../support/stores.ts';

function freshFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'listwright-outbox-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

const raw = (subject: string) => Buffer.from(`Subject: ${subject}\r\n\r\nHello.\r\n`);

test('captured mail is listed newest first, page by page, and read again byte for byte', async () => {
  const outbox = openOutbox(freshFolder());
  for (let i = 0; i < 5; i++)
    await outbox.append({
      at: start + i,
      returnPath: '',
      recipients: [`r${i}@example.net`],
      raw: raw(`mail ${i}`),
    });
  const page = await outbox.list(2);
  expect(page.map(({ subject }) => subject)).toEqual(['mail 4', 'mail 3']);
  const older = await outbox.list(10, page[1]?.id);
  expect(older.map(({ subject }) => subject)).toEqual(['mail 2', 'mail 1', 'mail 0']);
  const mail = await outbox.read(older[2]?.id ?? '');
  expect(mail?.raw).toEqual(raw('mail 0'));
  expect(mail?.recipients).toEqual(['r0@example.net']);
});

test('a subject and a From are shown decoded', async () => {
  const outbox = openOutbox(freshFolder());
  const mail = await outbox.append({
    at: start,
    returnPath: '',
    recipients: [],
    raw: Buffer.concat([
      Buffer.from('From: =?utf-8?q?J=C3=B6?= <jo@a.example>\r\n'),
      raw('=?utf-8?q?V=C3=B6gel?='),
    ]),
  });
  expect([mail.from, mail.subject]).toEqual(['Jö <jo@a.example>', 'Vögel']);
});

test('mail that an earlier version captured has no From', async () => {
  const folder = freshFolder();
  const { id } = await openOutbox(folder).append({
    at: start,
    returnPath: '',
    recipients: [],
    raw: raw('x'),
  });
  const file = join(folder, `${id}.json`);
  const { from: _, ...earlier } = JSON.parse(readFileSync(file, 'utf8'));
  writeFileSync(file, JSON.stringify(earlier));
  expect(await openOutbox(folder).list(1)).toEqual([{ ...earlier, from: '' }]);
});

test.each(['nothing', '../../etc/passwd', '00000000000001-000001', ''])('there is no mail %j', async (id) => {
  expect(await openOutbox(freshFolder()).read(id)).toBeUndefined();
});

test('the thousand newest are kept, across restarts', async () => {
  const folder = freshFolder();
  const first = openOutbox(folder);
  for (let i = 0; i < 1_000; i++)
    await first.append({ at: start + i, returnPath: '', recipients: [], raw: raw(`${i}`) });
  await openOutbox(folder).append({ at: start + 5_000, returnPath: '', recipients: [], raw: raw('last') });
  const all = await first.list(2_000);
  expect(all).toHaveLength(1_000);
  expect([all[0]?.subject, all.at(-1)?.subject]).toEqual(['last', '1']);
});

eachStore(
  'with the capture transport every copy ends in the outbox as its member would get it',
  async (store) => {
    const outbox = openOutbox(freshFolder());
    const list = await store.write((tx) => makeList(tx, 'birds'));
    await addMembers(store, list, 3);
    await store.write((tx) => postTo(tx, { list, body: '.hidden\r\nend\r\n' }));
    const worker = createWorker({
      store,
      way: { kind: 'one', transport: createCapture({ outbox, now: () => start }) },
      keys,
      site,
      settings: { retry: quickRetry, personalize: 'auto', signs: false, seals: false },
      log: silentLog,
      now: () => start,
      random: () => 0.5,
    });
    await worker.idle();
    await worker.close();
    const mails = await outbox.list(10);
    expect(mails.flatMap(({ recipients }) => recipients).sort()).toEqual(
      [0, 1, 2].map((i) => `sub00000${i}@example.net`),
    );
    const mail = await outbox.read(mails[0]?.id ?? '');
    expect(mail?.raw.toString()).toMatch(/^List-Unsubscribe: [\s\S]*\r\n\r\n\.hidden\r\nend\r\n$/);
    expect((await deliveryRows(store)).map(({ state }) => state)).toEqual(['sent', 'sent', 'sent']);
  },
);
