import { describe, expect, test } from 'vitest';
import { addMembers } from '../../src/operations/members/add-members.ts';
import { openArchive, type TestArchive } from '../support/archive.ts';
import { deliverOne, type Sent, takeOutbox } from '../support/letterbox.ts';
import { onEachEngine, type TestEngine } from '../support/stores.ts';

/** A list with Bo, who has posted three times; all of it is indexed. */
async function withPosts(engine: TestEngine): Promise<TestArchive> {
  const archive = await openArchive(await engine.freshStore());
  await archive.makeList('birds');
  await archive.desk.operate(addMembers, { list: 'birds', members: [{ email: 'bo@example.org' }] });
  for (const [subject, text] of [
    ['Swifts', 'The swifts are back over the old mill.'],
    ['Owls', 'Three owls called all night.'],
    ['Gulls', 'Where do the gulls sleep?'],
  ] as const) {
    await deliverOne(archive.desk, { from: 'bo@example.org', to: 'birds@lists.example.org', subject, text });
  }
  await archive.indexer.idle();
  await takeOutbox(archive.desk);
  return archive;
}

async function ask(
  { desk }: TestArchive,
  text: string,
  headers: readonly string[] = [],
): Promise<readonly Sent[]> {
  await deliverOne(desk, { from: 'bo@example.org', to: 'birds-request@lists.example.org', text, headers });
  return takeOutbox(desk);
}

onEachEngine((engine) => {
  describe('the archive by mail', () => {
    test('answers each question of a mail', async () => {
      const archive = await withPosts(engine);
      const answers = await ask(archive, 'index\nget 1\nget 3\nsearch owls');
      expect(answers.map(({ subject }) => subject)).toEqual([
        'Birds: the newest posts',
        'Birds: 1',
        'Birds: 3',
        'Birds: owls',
      ]);
      expect(answers[1]?.text).toContain('The swifts are back over the old mill.');
      expect(answers[2]?.text).toContain('Where do the gulls sleep?');
      expect(answers[3]?.text).toContain('Owls');
    });

    test('mails several posts at once', async () => {
      const [answer, ...rest] = await ask(await withPosts(engine), 'get 1, 3 17');
      expect(rest).toEqual([]);
      expect(answer?.text).toMatch(/over the old mill.*do the gulls sleep.*17: there is no such post/s);
    });

    test('answers the same question once an hour', async () => {
      const archive = await withPosts(engine);
      expect(await ask(archive, 'get 1')).toHaveLength(1);
      expect(await ask(archive, 'get 1')).toEqual([]);
      expect(await ask(archive, 'get 2')).toHaveLength(1);
      archive.desk.now += 3_600_000;
      expect(await ask(archive, 'get 1')).toHaveLength(1);
    });

    test.each([
      ['a NUL after a number', 'get 1=00'],
      ['a NUL in a search', 'search ow=00ls'],
      ['no number and no hash', 'get ../../etc/passwd'],
    ])('answers %s that there is no such post', async (_, line) => {
      const archive = await withPosts(engine);
      const [answer] = await ask(archive, line, ['Content-Transfer-Encoding: quoted-printable']);
      expect(answer?.text).toMatch(/there is no such post|No post says this/);
    });

    test('repeats no more than 100 characters of a question in a subject', async () => {
      const archive = await withPosts(engine);
      const [answer] = await ask(archive, `search ${'owls '.repeat(30)}`);
      expect(answer?.subject.length).toBeLessThanOrEqual('Birds: '.length + 100);
    });
  });
});
