import { describe, expect, test } from 'vitest';
import { parseSearch } from '../../src/domain/search-query.ts';
import { type SearchHit, searchPosts } from '../../src/store/search.ts';
import { mailWithFile, openArchive, plainMail, type TestArchive } from '../support/archive.ts';
import { onEachEngine } from '../support/stores.ts';

const searches: readonly (readonly [query: string, found: string[]])[] = [
  ['sand', ['second', 'third', 'first']],
  ['sand martin', ['second', 'first']],
  ['"sand martin"', ['first']],
  ['subject:sand', ['third']],
  ['s:sand', ['third']],
  ['body:sand', ['second', 'first']],
  ['owl', ['second', 'third']],
  ['body:owl', ['second']],
  ['nq:owl', []],
  ['from:owl', ['third']],
  ['from:bob@gulls.example', ['third']],
  ['from:gulls', ['third']],
  ['owls', ['fourth']],
  ['has:attachment', ['fourth']],
  ['-has:attachment sand', ['second', 'third', 'first']],
  ['sand -martin', ['third']],
  ['-sand', ['sixth', 'fifth', 'fourth']],
  ['-sand -elan', ['sixth', 'fourth']],
  ['sand -"sand martin"', ['second', 'third']],
  ['SAND', ['second', 'third', 'first']],
  ['elan', ['fifth']],
  ['ÉLAN', ['fifth']],
  ['cafe', ['fifth']],
  ['strasse', []],
  ['straße', ['fifth']],
  ['東京', ['fifth']],
  ['鳥', ['fifth']],
  ['京東', []],
  ['alice@example.net', ['sixth']],
  ['https://nest.example/a', ['sixth']],
  ['after:2024-05', ['sixth', 'fifth']],
  ['before:2024-02', ['first']],
  ['after:2024-02-10 before:2024-03-10', ['third']],
  ['after:2024-03-10 before:2024-03-11 sand', ['second']],
  ['nothing', ['third']],
  ['river nothing', []],
  ['"bank second"', []],
  ['', ['sixth', 'fifth', 'fourth', 'second', 'third', 'first']],
];

const hostile = [
  '"',
  '""',
  '*',
  'sand*',
  '^sand',
  'NEAR(sand martin)',
  'sand AND',
  'OR',
  'NOT',
  '(sand',
  'sand)',
  '{subject}: sand',
  'subject:',
  '-',
  '--',
  "sand' or 1=1 --",
  "'sand':*",
  'sand & !martin',
  'sand <-> martin',
  '\\',
  '\0',
  'post_words:sand',
  '\ue000post',
  '\ue000list1',
  'a:b:c:d',
  '!!!',
  '-"',
  'from:"',
  '"sand martin',
  'x'.repeat(1000),
  'a '.repeat(500),
  '"'.repeat(1000),
  '-a '.repeat(300),
  '𝕊and',
  'ﬁ',
  '🐦',
];

onEachEngine((engine) => {
  async function filled(): Promise<TestArchive & { birds: number; nests: number }> {
    const archive = await openArchive(await engine.freshStore());
    const birds = await archive.makeList('birds');
    const nests = await archive.makeList('nests');
    await archive.bring(
      'birds',
      plainMail({ subject: 'first', date: '2024-01-10', text: 'A sand martin at the river bank.' }),
      plainMail({
        subject: 'second',
        date: '2024-03-10',
        text: 'Sand, and a martin on it.\r\n> an owl was here',
      }),
      plainMail({
        subject: 'third: sand',
        date: '2024-02-10',
        from: 'Bob Owl <bob@gulls.example>',
        text: 'Nothing.',
      }),
      mailWithFile('owls-2024.csv', { subject: 'fourth', date: '2024-04-10', text: 'The counts.' }),
    );
    await archive.bring(
      'nests',
      plainMail({
        subject: 'fifth',
        date: '2024-05-10',
        text: 'Élan vital in 東京の鳥, Straße, naïve café.',
      }),
      plainMail({
        subject: 'sixth',
        date: '2024-06-10',
        text: 'Call alice@example.net, see https://nest.example/a?b=c',
      }),
    );
    return { ...archive, birds, nests };
  }

  async function find(
    archive: TestArchive,
    query: string,
    more: { listIds?: number[]; before?: number; limit?: number } = {},
  ): Promise<SearchHit[]> {
    const { store } = archive.desk;
    const { fullText } = store.capabilities;
    return store.read((db) => searchPosts(db, fullText, { query: parseSearch(query), limit: 25, ...more }));
  }

  const subjects = (hits: readonly SearchHit[]) => hits.map((hit) => hit.subject.replace(/:.*/, ''));

  describe('a search', () => {
    test('finds what it says, newest first', async () => {
      const archive = await filled();
      for (const [query, found] of searches) {
        expect.soft(subjects(await find(archive, query)), query).toEqual(found);
      }
    });

    test('is confined to lists', async () => {
      const archive = await filled();
      expect(subjects(await find(archive, '', { listIds: [archive.nests] }))).toEqual(['sixth', 'fifth']);
      expect(subjects(await find(archive, 'sand', { listIds: [archive.nests] }))).toEqual([]);
      expect(subjects(await find(archive, 'sand', { listIds: [archive.nests, archive.birds] }))).toHaveLength(
        3,
      );
      expect(await find(archive, 'sand', { listIds: [] })).toEqual([]);
      expect(await find(archive, '', { listIds: [] })).toEqual([]);
    });

    test('goes on from page to page without a gap or a repeat', async () => {
      const archive = await filled();
      const all = await find(archive, '');
      const paged: SearchHit[] = [];
      for (let page = await find(archive, '', { limit: 2 }); page.length > 0; ) {
        paged.push(...page);
        page = await find(archive, '', { limit: 2, before: page.at(-1)?.key ?? 0 });
      }
      expect(paged).toEqual(all);
    });

    test('gives what a result shows', async () => {
      const [hit] = await find(await filled(), 'from:bob');
      expect(hit).toMatchObject({
        number: 3,
        subject: 'third: sand',
        authorName: 'Bob Owl',
        authorEmail: 'bob@gulls.example',
        sentAt: Date.UTC(2024, 1, 10),
        text: 'Nothing.\n',
      });
    });

    test('does not fail on what looks like syntax', async () => {
      const archive = await filled();
      for (const query of hostile) await expect(find(archive, query), query).resolves.toBeDefined();
    });

    test('is answered with nothing that only our own marks would match', async () => {
      const archive = await filled();
      expect(await find(archive, '\ue000post')).toHaveLength(await countOf(archive, 'post'));
      expect(await find(archive, `\ue000list${archive.birds}`)).toHaveLength(0);
    });

    async function countOf(archive: TestArchive, word: string) {
      return (await find(archive, word)).length;
    }
  });
});
