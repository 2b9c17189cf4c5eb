import { describe, expect, test } from 'vitest';
import type { Actor } from '../../src/domain/actor.ts';
import type { Address } from '../../src/domain/address.ts';
import { lockThread, unlockThread } from '../../src/operations/archive/lock-thread.ts';
import { runReindex } from '../../src/operations/archive/reindex.ts';
import { searchArchive } from '../../src/operations/archive/search-archive.ts';
import { setList } from '../../src/operations/lists/set-list.ts';
import { openArchive, plainMail, type TestArchive } from '../support/archive.ts';
import { operator } from '../support/desk.ts';
import { deliverOne } from '../support/letterbox.ts';
import { onEachEngine, type TestEngine } from '../support/stores.ts';

/** The list `birds` with a conversation of two posts, `a` and `b`, and a post `c` of its own. */
async function birds(engine: TestEngine): Promise<TestArchive> {
  const archive = await openArchive(await engine.freshStore());
  await archive.makeList('birds');
  await archive.desk.operate(setList, { list: 'birds', changes: { post: 'anyone' } });
  await archive.bring(
    'birds',
    plainMail({ id: 'a@x', subject: 'Eggs' }),
    plainMail({ id: 'b@x', subject: 'Re: Eggs', references: ['a@x'] }),
    plainMail({ id: 'c@x', subject: 'Nests' }),
  );
  return archive;
}

async function idOf(archive: TestArchive, subject: string): Promise<number> {
  const { posts } = await archive.desk.operate(searchArchive, { query: `subject:${subject}`, limit: 100 });
  const post = posts.find((each) => each.subject === subject);
  if (!post) throw new Error(`no post ${subject}`);
  return post.id;
}

/** What becomes of an answer. */
async function answer(archive: TestArchive, ...headers: string[]): Promise<string> {
  const { desk } = archive;
  const result = await deliverOne(desk, {
    from: 'bob@example.net',
    to: 'birds@lists.example.org',
    subject: 'Re: Eggs',
    text: 'Three!',
    headers,
  });
  return result.kind === 'held' ? result.note : result.kind;
}

onEachEngine((engine) => {
  describe('a closed conversation', () => {
    test('holds answers to any of its posts until it is opened again', async () => {
      const archive = await birds(engine);
      const id = await idOf(archive, 'Eggs');
      expect(await archive.desk.operate(lockThread, { id })).toEqual({
        listId: 1,
        list: 'birds@lists.example.org',
        subject: 'Eggs',
        posts: 2,
        changed: true,
      });
      expect(await answer(archive, 'In-Reply-To: <b@x>')).toMatch(
        /^held .*a moderator has closed the conversation it answers/,
      );
      expect(await answer(archive, 'References: <a@x> <unknown@x>')).toMatch(/^held/);
      expect(await answer(archive, 'In-Reply-To: <c@x>')).toBe('accepted');
      expect(await answer(archive)).toBe('accepted');
      expect((await archive.desk.operate(lockThread, { id })).changed).toBe(false);
      expect((await archive.desk.operate(unlockThread, { id })).changed).toBe(true);
      expect(await answer(archive, 'In-Reply-To: <b@x>')).toBe('accepted');
    });

    test('says nothing to another list', async () => {
      const archive = await birds(engine);
      await archive.makeList('fish');
      await archive.bring('fish', plainMail({ id: 'a@x', subject: 'Fish' }));
      await archive.desk.operate(lockThread, { id: await idOf(archive, 'Fish') });
      expect(await answer(archive, 'In-Reply-To: <a@x>')).toBe('accepted');
    });

    test.each([
      ['the closed one is the smaller', 'Nests'],
      ['the closed one is the larger', 'Eggs'],
    ])('stays closed when it turns out to be part of another: %s', async (_, subject) => {
      const archive = await birds(engine);
      await archive.desk.operate(lockThread, { id: await idOf(archive, subject) });
      await archive.bring('birds', plainMail({ id: 'd@x', references: ['a@x', 'c@x'] }));
      expect(await answer(archive, 'In-Reply-To: <a@x>')).toMatch(/^held/);
      expect(await answer(archive, 'In-Reply-To: <c@x>')).toMatch(/^held/);
    });

    test('stays closed, and as it was, when the archive is read again', async () => {
      const archive = await birds(engine);
      await archive.desk.operate(lockThread, { id: await idOf(archive, 'Eggs') });
      const threads = () =>
        archive.desk.store.read((db) =>
          db
            .selectFrom('threads')
            .select(['nodes', 'posts', 'last_at', 'locked_at'])
            .orderBy('posts')
            .execute(),
        );
      const before = await threads();
      await runReindex(archive.desk.perform, { actor: operator });
      await archive.indexer.idle();
      expect(await threads()).toEqual(before);
      expect(await answer(archive, 'In-Reply-To: <b@x>')).toMatch(/^held/);
    });

    test('is a moderator’s, once their address is proved', async () => {
      const archive = await birds(engine);
      const id = await idOf(archive, 'Eggs');
      const as = (kind: 'verified' | 'claimed', email: string): Actor => ({ kind, email: email as Address });
      const { perform } = archive.desk;
      await expect(perform(lockThread, as('claimed', 'owner@example.org'), { id })).rejects.toThrow(/Only/);
      await expect(perform(lockThread, as('verified', 'bob@example.net'), { id })).rejects.toThrow(/Only/);
      await perform(lockThread, as('verified', 'owner@example.org'), { id });
      await expect(perform(unlockThread, as('verified', 'bob@example.net'), { id })).rejects.toThrow(/Only/);
    });

    test('has to exist', async () => {
      const archive = await birds(engine);
      await expect(archive.desk.operate(lockThread, { id: 999 })).rejects.toThrow('There is no post 999.');
    });
  });
});
