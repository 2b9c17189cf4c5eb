import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { expect, onTestFinished, test } from 'vitest';
import type { Actor } from '../../src/domain/actor.ts';
import type { Address } from '../../src/domain/address.ts';
import { emlTarget, maildirTarget, mboxTarget } from '../../src/mail/archive-target.ts';
import { readMbox } from '../../src/mail/mbox.ts';
import { mayRead } from '../../src/operations/archive/can-read.ts';
import { runExport } from '../../src/operations/archive/export-archive.ts';
import { runReindex } from '../../src/operations/archive/reindex.ts';
import { searchArchive } from '../../src/operations/archive/search-archive.ts';
import { showPost } from '../../src/operations/archive/show-post.ts';
import { setList } from '../../src/operations/lists/set-list.ts';
import { addMembers } from '../../src/operations/members/add-members.ts';
import type { Store } from '../../src/store/store.ts';
import { mailWithFile, openArchive, plainMail, type TestArchive } from '../support/archive.ts';
import { operator } from '../support/desk.ts';
import { eachStore } from '../support/stores.ts';

async function birds(store: Store): Promise<TestArchive> {
  const archive = await openArchive(store);
  await archive.makeList('birds');
  return archive;
}

const verified = (email: string): Actor => ({ kind: 'verified', email: email as Address });

test.each([
  ['public', [true, true, true, true]],
  ['members', [false, true, true, true]],
  ['owners', [false, false, false, true]],
  ['off', [false, false, false, false]],
] as const)('an archive that is %s', (archive, expected) => {
  const roles = [undefined, 'member', 'moderator', 'owner'] as const;
  const list = { settings: { archive } } as Parameters<typeof mayRead>[0];
  expect(roles.map((role) => mayRead(list, role))).toEqual(expected);
});

eachStore('a search gives what a page or a script shows, and a way to the next page', async (store) => {
  const archive = await birds(store);
  const dates = ['2024-01-01', '2024-01-02', '2024-01-03'];
  await archive.bring(
    'birds',
    ...dates.map((date, i) => plainMail({ id: `${i}@x`, date, text: `An owl, number ${i}.` })),
  );
  const first = await archive.desk.operate(searchArchive, { query: 'owl', limit: 2 });
  expect(first.posts.map((post) => post.snippet)).toEqual(['An owl, number 2.', 'An owl, number 1.']);
  expect(first.posts[0]).toEqual({
    id: 3,
    list: 'birds@lists.example.org',
    number: 3,
    subject: 'nests',
    author: 'alice@example.org',
    from: 'Alice <alice@example.org>',
    date: Date.UTC(2024, 0, 3),
    url: expect.stringMatching(/^https:\/\/lists\.example\.org\/birds\/m\/[A-Z2-7]{32}$/),
    snippet: 'An owl, number 2.',
  });
  const second = await archive.desk.operate(searchArchive, { query: 'owl', limit: 2, before: first.next });
  expect(second.posts.map((post) => post.date)).toEqual([Date.UTC(2024, 0, 1)]);
  expect(second).not.toHaveProperty('next');
});

eachStore(
  'list: and --list narrow a search; a list that is not there is said to be unclear',
  async (store) => {
    const archive = await birds(store);
    await archive.makeList('nests');
    await archive.bring('birds', plainMail({ subject: 'one' }));
    await archive.bring('nests', plainMail({ subject: 'two' }));
    const found = async (input: object) =>
      (await archive.desk.operate(searchArchive, input)).posts.map((post) => post.subject);
    expect(await found({ query: 'eggs list:birds' })).toEqual(['one']);
    expect(await found({ query: 'eggs', list: 'nests' })).toEqual(['two']);
    expect(await found({ query: 'eggs list:birds', list: 'nests' })).toEqual([]);
    expect(await found({ query: 'eggs list:birds list:nests@lists.example.org' })).toHaveLength(2);
    const lost = await archive.desk.operate(searchArchive, { query: 'eggs list:gulls' });
    expect(lost).toEqual({ posts: [], unclear: ['There is no list "gulls" here.'] });
  },
);

eachStore('nobody finds or sees what they may not read', async (store) => {
  const archive = await birds(store);
  await archive.bring('birds', plainMail());
  await archive.desk.operate(addMembers, { list: 'birds', members: [{ email: 'member@example.org' }] });
  const actors: Record<string, Actor> = {
    operator,
    owner: verified('owner@example.org'),
    member: verified('member@example.org'),
    stranger: verified('stranger@example.org'),
    claimed: { kind: 'claimed', email: 'owner@example.org' as Address },
    visitor: { kind: 'visitor', ip: '192.0.2.1' },
  };
  const mayRead: Record<string, readonly string[]> = {
    public: Object.keys(actors),
    members: ['operator', 'owner', 'member'],
    owners: ['operator', 'owner'],
    off: ['operator'],
  };
  const [{ id } = { id: 0 }] = await store.read((db) => db.selectFrom('posts').select('id').execute());
  for (const [setting, readers] of Object.entries(mayRead)) {
    await archive.desk.operate(setList, { list: 'birds', changes: { archive: setting } });
    for (const [name, actor] of Object.entries(actors)) {
      const may = readers.includes(name);
      const { posts } = await archive.desk.perform(searchArchive, actor, { query: 'eggs list:birds' });
      expect(posts.length > 0, `${name} searches, archive ${setting}`).toBe(may);
      const shown = archive.desk.perform(showPost, actor, { id });
      if (may) await expect(shown).resolves.toMatchObject({ id });
      else await expect(shown, `${name} looks, archive ${setting}`).rejects.toThrow('may not read');
    }
  }
});

eachStore('without a list, a member searches their own lists and a stranger none', async (store) => {
  const archive = await birds(store);
  await archive.bring('birds', plainMail());
  const found = async (actor: Actor) =>
    (await archive.desk.perform(searchArchive, actor, { query: 'eggs' })).posts.length;
  expect(await found(verified('owner@example.org'))).toBe(1);
  expect(await found(verified('stranger@example.org'))).toBe(0);
  expect(await found({ kind: 'visitor', ip: '192.0.2.1' })).toBe(0);
});

eachStore('a post is shown with its text, attachments, thread and bytes', async (store) => {
  const archive = await birds(store);
  const raw = mailWithFile('counts.csv', {
    id: 'b@x',
    references: ['a@x'],
    subject: 'Re: nests',
    text: 'See below.',
    date: '2024-06-01',
  });
  await archive.bring(
    'birds',
    raw,
    plainMail({ id: 'c@x', references: ['lost@x', 'b@x'] }),
    plainMail({ id: 'a@x' }),
  );
  const shown = await archive.desk.operate(showPost, { id: 1 });
  expect(shown).toMatchObject({
    list: 'birds@lists.example.org',
    text: 'See below.',
    attachments: [{ part: '2', filename: 'counts.csv', contentType: 'text/csv', bytes: 5, embedded: false }],
    raw,
    indexError: null,
  });
  expect(shown.thread.map(({ id, depth }) => [id, depth])).toEqual([
    [3, 0],
    [1, 1],
    [2, 2],
  ]);
  await expect(archive.desk.operate(showPost, { id: 99 })).rejects.toThrow('There is no post 99');
});

eachStore('an mbox that was exported and read again is the same mail, byte for byte', async (store) => {
  const archive = await birds(store);
  const mails = Array.from({ length: 30 }, (_, i) =>
    plainMail({ id: `${i}@x`, text: `From here\r\n>From there ${i}` }),
  );
  await archive.bring('birds', ...mails);
  const stream = new PassThrough({ highWaterMark: 10 });
  const written = buffer(stream);
  const exported = await runExport(archive.desk.perform, {
    actor: operator,
    list: 'birds',
    target: mboxTarget(stream),
  });
  stream.end();
  expect(exported).toEqual({ posts: 30 });
  const back: Buffer[] = [];
  for await (const mail of readMbox(pieces(await written))) if (mail.kind === 'mail') back.push(mail.raw);
  expect(back).toEqual(mails);
});

async function* pieces(bytes: Buffer) {
  yield bytes;
}

eachStore('files: one a post with its very bytes, or a Maildir', async (store) => {
  const archive = await birds(store);
  const mails = [plainMail({ date: '2024-01-01' }), plainMail()];
  await archive.bring('birds', ...mails);
  const folder = mkdtempSync(join(tmpdir(), 'listwright-export-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const write = (target: Awaited<ReturnType<typeof emlTarget>>) =>
    runExport(archive.desk.perform, { actor: operator, list: 'birds', target });
  await write(await emlTarget(join(folder, 'eml')));
  expect(readdirSync(join(folder, 'eml'))).toEqual(['000001.eml', '000002.eml']);
  expect(readFileSync(join(folder, 'eml/000001.eml'))).toEqual(mails[0]);
  await write(await maildirTarget(join(folder, 'dir')));
  expect(readdirSync(join(folder, 'dir')).sort()).toEqual(['cur', 'new', 'tmp']);
  expect(readdirSync(join(folder, 'dir/cur'))).toContain('1704067200.1.listwright:2,S');
});

eachStore(
  'after a reindex everything is found as before, and numbers and threads are the same',
  async (store) => {
    const archive = await birds(store);
    await archive.makeList('nests');
    const mails = Array.from({ length: 120 }, (_, i) =>
      mailWithFile(`f${i}.csv`, {
        id: `${i}@x`,
        text: `egg ${i}`,
        ...(i % 6 > 0 && { references: [`${i - 1}@x`] }),
      }),
    );
    await archive.bring('birds', ...mails);
    await archive.bring('nests', plainMail({ text: 'egg of another list' }));
    const state = async () => {
      const found = await archive.desk.operate(searchArchive, { query: 'egg has:attachment', limit: 100 });
      const threads = await store.read((db) =>
        db.selectFrom('threads').select(['nodes', 'posts']).orderBy('posts').execute(),
      );
      const shown = await archive.desk.operate(showPost, { id: 42 });
      return { found, threads, attachments: shown.attachments, thread: shown.thread, text: shown.text };
    };
    const before = await state();
    expect(await runReindex(archive.desk.perform, { actor: operator, list: 'birds' })).toEqual({
      posts: 120,
    });
    expect(
      (await archive.desk.operate(searchArchive, { query: 'egg' })).posts.map((post) => post.list),
    ).toEqual(['nests@lists.example.org']);
    await archive.indexer.idle();
    expect(await state()).toEqual(before);
    expect(await runReindex(archive.desk.perform, { actor: operator })).toEqual({ posts: 121 });
    await archive.indexer.idle();
    expect(await state()).toEqual(before);
  },
);
