import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, onTestFinished, test } from 'vitest';
import { archiveBytes } from '../../src/mail/archive-source.ts';
import { mboxEntry } from '../../src/mail/mbox.ts';
import { runImport } from '../../src/operations/archive/run-import.ts';
import { setList } from '../../src/operations/lists/set-list.ts';
import type { Store } from '../../src/store/store.ts';
import { openArchive, plainMail, type TestArchive } from '../support/archive.ts';
import { operator } from '../support/desk.ts';
import { eachStore, onEachEngine } from '../support/stores.ts';

const posts = (store: Store) =>
  store.read((db) => db.selectFrom('posts').selectAll().orderBy('number').execute());

async function birds(store: Store): Promise<TestArchive> {
  const archive = await openArchive(store);
  await archive.makeList('birds');
  return archive;
}

onEachEngine((engine) => {
  const inside = Buffer.from('From: a@example.org\r\nContent-Type: application/x\0y\r\n\r\nhi\r\n');
  test.each([
    ['References', plainMail({ references: ['a\0b@example.org'] })],
    ['In-Reply-To', plainMail({ headers: ['In-Reply-To: <a\0b@example.org>'] })],
    ['the Content-Type', plainMail({ headers: ['Content-Type: application/x\0y'] })],
    [
      'the Content-Type of an encoded message inside',
      plainMail({
        headers: ['Content-Type: message/rfc822', 'Content-Transfer-Encoding: base64'],
        text: inside.toString('base64'),
      }),
    ],
    ['an encoded Subject', plainMail({ subject: '=?utf-8?q?a=00b?=' })],
    ['the From', plainMail({ from: 'a\0b <a\0@example.org>' })],
    ['the text', plainMail({ text: 'a\0b' })],
  ])('a NUL in %s keeps no mail out', async (_, mail) => {
    const archive = await birds(await engine.freshStore());
    expect(await archive.bring('birds', mail)).toEqual({ imported: 1, already: 0, problems: [] });
  });
});

eachStore('mails become posts with numbers, times and the same permalinks as ever', async (store) => {
  const archive = await birds(store);
  const report = await archive.bring(
    'birds',
    plainMail({ id: 'a@example.org', date: '2019-01-02', subject: 'one' }),
    plainMail({ id: 'b@example.org', date: '2018-01-02', subject: 'two' }),
  );
  expect(report).toEqual({ imported: 2, already: 0, problems: [] });
  const at = archive.desk.now;
  expect(await posts(store)).toMatchObject([
    {
      number: 1,
      message_id: 'a@example.org',
      hash: 'VLYVDRJVOOCRBJ6AOIFVZO3QDPZE6UTF',
      received_at: Date.UTC(2019, 0, 2),
      imported_at: at,
      indexed_at: at,
    },
    {
      number: 2,
      message_id: 'b@example.org',
      sent_at: Date.UTC(2018, 0, 2),
      author_email: 'alice@example.org',
      author_name: 'Alice',
    },
  ]);
  expect(await store.read((db) => db.selectFrom('deliveries').select('id').execute())).toEqual([]);
  expect(await store.read((db) => db.selectFrom('mailings').select('id').execute())).toEqual([]);
});

eachStore('the same mails again change nothing', async (store) => {
  const archive = await birds(store);
  const mails = [plainMail({ id: 'a' }), plainMail({ id: '', text: 'no id' })];
  await archive.bring('birds', ...mails);
  const before = await posts(store);
  expect(await archive.bring('birds', ...mails, ...mails)).toEqual({ imported: 0, already: 4, problems: [] });
  expect(await posts(store)).toEqual(before);
});

eachStore('a mail without a Message-ID gets one made of its bytes', async (store) => {
  await (await birds(store)).bring('birds', plainMail({ id: '' }));
  expect((await posts(store))[0]?.message_id).toMatch(/^[0-9a-f]{40}@lists\.example\.org$/);
});

eachStore('the same Message-ID with another body gets -2, and so on', async (store) => {
  const archive = await birds(store);
  const mails = ['one', 'two', 'three'].map((text) => plainMail({ id: 'a', text }));
  expect(await archive.bring('birds', ...mails)).toMatchObject({ imported: 3 });
  expect((await posts(store)).map((post) => post.message_id)).toEqual(['a', 'a-2', 'a-3']);
  expect(await archive.bring('birds', ...mails.toReversed())).toMatchObject({ imported: 0, already: 3 });
  const many = Array.from({ length: 12 }, (_, i) => plainMail({ id: 'a', text: `more ${i}` }));
  expect(await archive.bring('birds', ...many)).toMatchObject({
    imported: 6,
    problems: expect.arrayContaining([
      { position: '11', why: 'there are 9 other messages with its Message-ID' },
    ]),
  });
});

eachStore('two lists share one stored body', async (store) => {
  const archive = await birds(store);
  await archive.makeList('nests');
  const mail = plainMail({ id: 'a' });
  await archive.bring('birds', mail);
  await archive.bring('nests', mail);
  expect(await store.read((db) => db.selectFrom('bodies').select('bytes').execute())).toEqual([
    { bytes: mail.length },
  ]);
  expect(await posts(store)).toHaveLength(2);
});

eachStore('odd old mail is taken as it is; what is no mail is a problem', async (store) => {
  const archive = await birds(store);
  const report = await archive.bring(
    'birds',
    plainMail({ from: 'alice at example.org (Alice)' }),
    plainMail({ from: 'nobody at all', headers: ['Date: never'] }),
    plainMail({ date: '2087-01-01' }),
    Buffer.from('\r\njust text\r\n'),
  );
  expect(report).toEqual({
    imported: 3,
    already: 0,
    problems: [{ position: '3', why: 'it has no header, so it is no mail' }],
  });
  expect(await posts(store)).toMatchObject([
    { author_email: 'alice@example.org', author_name: 'Alice' },
    { author_email: '', author_name: 'nobody at all' },
    { received_at: archive.desk.now, sent_at: Date.UTC(2087, 0, 1) },
  ]);
});

eachStore('a NUL in what old mail answers stops no import', async (store) => {
  const archive = await birds(store);
  const answers = ['In-Reply-To: <a\0b@example.org>', 'References: <one@example.org> <a\0b@example.org>'];
  const mails = answers.map((header, i) => plainMail({ id: `${i}@x`, headers: [header] }));
  expect(await archive.bring('birds', ...mails)).toEqual({ imported: 2, already: 0, problems: [] });
});

eachStore('a list that keeps no archive takes none', async (store) => {
  const archive = await birds(store);
  await archive.desk.operate(setList, { list: 'birds', changes: { archive: 'off' } });
  await expect(archive.bring('birds', plainMail())).rejects.toThrow('keeps no archive');
});

onEachEngine((engine) => {
  /** An mbox of mails that answer each other, in the folder of this test. */
  function files() {
    const folder = mkdtempSync(join(tmpdir(), 'listwright-import-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const mails = Array.from({ length: 230 }, (_, i) =>
      plainMail({
        id: `m${i}@x`,
        subject: `post ${i}`,
        text: `From here\r\nnumber ${i}`,
        ...(i % 10 > 0 && { references: [`m${i - 1}@x`] }),
      }),
    );
    const mbox = Buffer.concat(mails.map((mail) => mboxEntry(mail, { from: 'alice@example.org', at: 0 })));
    return { folder, mails, mbox };
  }

  test('an mbox, compressed or not, a Maildir, and a folder of messages all come in whole', async () => {
    const archive = await birds(await engine.freshStore());
    const { folder, mails, mbox } = files();
    writeFileSync(join(folder, 'birds.mbox'), mbox);
    writeFileSync(join(folder, 'birds.mbox.gz'), gzipSync(mbox));
    for (const name of ['Maildir', 'Maildir/cur', 'Maildir/new', 'Maildir/tmp', 'eml'])
      mkdirSync(join(folder, name));
    for (const [i, mail] of mails.entries()) {
      writeFileSync(join(folder, 'Maildir/cur', `${i}.x:2,S`), mail.toString().replaceAll('\r\n', '\n'));
      writeFileSync(join(folder, 'eml', `${i}.eml`), mail);
    }
    const { perform, store } = archive.desk;
    const bring = (path: string) =>
      runImport(
        { perform, pool: archive.pool },
        { actor: operator, list: 'birds', path: join(folder, path) },
      );
    expect(await bring('eml')).toEqual({ imported: 230, already: 0, problems: [] });
    for (const path of ['birds.mbox', 'birds.mbox.gz', 'Maildir', '']) {
      expect(await bring(path), path).toMatchObject({ imported: 0, problems: [] });
    }
    expect((await posts(store)).map((post) => post.message_id)).toEqual(mails.map((_, i) => `m${i}@x`));
    expect(await store.read((db) => db.selectFrom('threads').select('posts').execute())).toEqual(
      Array.from({ length: 23 }, () => ({ posts: 10 })),
    );
  });

  test('an import that was stopped goes on where it was, and tells how far it is', async () => {
    const archive = await birds(await engine.freshStore());
    const { folder, mbox } = files();
    const path = join(folder, 'birds.mbox');
    writeFileSync(path, mbox);
    const { perform, store } = archive.desk;
    const start = (progress: () => void) =>
      runImport({ perform, pool: archive.pool }, { actor: operator, list: 'birds', path, progress });
    await expect(
      start(() => {
        throw new Error('the power is gone');
      }),
    ).rejects.toThrow('the power is gone');
    const before = (await posts(store)).length;
    expect(before).toBeGreaterThan(0);
    expect(before).toBeLessThan(230);
    let steps = 0;
    expect(await start(() => void steps++)).toMatchObject({ imported: 230 - before, already: before });
    expect(steps).toBeGreaterThan(1);
    expect((await posts(store)).map((post) => post.number)).toEqual(
      Array.from({ length: 230 }, (_, i) => i + 1),
    );
  });

  test.each([
    ['nothing there', 'nowhere', 'There is nothing at'],
    ['something else than mail', 'notes.txt', ''],
    ['a compressed file that was cut', 'cut.gz', ''],
  ])('%s', async (_, name, refusal) => {
    const archive = await birds(await engine.freshStore());
    const { folder, mbox } = files();
    writeFileSync(join(folder, 'notes.txt'), '\nHello\n');
    writeFileSync(join(folder, 'cut.gz'), gzipSync(mbox).subarray(0, 1000));
    const { perform } = archive.desk;
    const running = runImport(
      { perform, pool: archive.pool },
      { actor: operator, list: 'birds', path: join(folder, name) },
    );
    if (refusal) await expect(running).rejects.toThrow(refusal);
    else expect((await running).problems).toHaveLength(1);
  });

  test('what a folder lends to nobody is told, and the others come in', async () => {
    const archive = await birds(await engine.freshStore());
    const { folder, mails } = files();
    const path = join(folder, 'eml');
    mkdirSync(path);
    for (const [i, mail] of mails.slice(0, 3).entries()) writeFileSync(join(path, `${i}.eml`), mail);
    symlinkSync('/nowhere', join(path, '1a.eml'));
    const server = createServer().listen(join(path, '2a.eml'));
    onTestFinished(() => void server.close());
    const { perform } = archive.desk;
    const report = await runImport({ perform, pool: archive.pool }, { actor: operator, list: 'birds', path });
    expect(report).toMatchObject({
      imported: 3,
      problems: [
        { position: '1a.eml', why: expect.stringContaining('ENOENT') },
        { position: '2a.eml', why: 'it is neither a file nor a folder' },
      ],
    });
    expect(await archiveBytes(path)).toBeGreaterThan(0);
  });
});
