import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseSearch, type SearchQuery } from '../../src/domain/search-query.ts';

const any = (...words: string[]) => ({ field: 'any' as const, words, exclude: false });

const cases: readonly (readonly [name: string, text: string, expected: Partial<SearchQuery>])[] = [
  ['words side by side are terms of their own', 'sand martin', { terms: [any('sand'), any('martin')] }],
  ['a phrase is one term', '"sand martin"', { terms: [any('sand', 'martin')] }],
  ['typographic quotes are quotes', '“sand martin”', { terms: [any('sand', 'martin')] }],
  ['a quote that never ends', '"sand martin', { terms: [any('sand', 'martin')] }],
  ['case and accents are folded', 'Café ÉTÉ', { terms: [any('cafe'), any('ete')] }],
  ['punctuation splits a word into a phrase', 'foo-bar', { terms: [any('foo', 'bar')] }],
  [
    'fields',
    'from:alice subject:nest body:egg s:x b:y nq:z',
    {
      terms: [
        { field: 'author', words: ['alice'], exclude: false },
        { field: 'subject', words: ['nest'], exclude: false },
        { field: 'body', words: ['egg'], exclude: false },
        { field: 'subject', words: ['x'], exclude: false },
        { field: 'body', words: ['y'], exclude: false },
        { field: 'own', words: ['z'], exclude: false },
      ],
    },
  ],
  [
    'an address after from:',
    'from:alice@example.com',
    { terms: [{ field: 'author', words: ['alice', 'example', 'com'], exclude: false }] },
  ],
  [
    'a phrase after an operator',
    'subject:"sand martin"',
    { terms: [{ field: 'subject', words: ['sand', 'martin'], exclude: false }] },
  ],
  ['a minus excludes', '-cat', { terms: [{ ...any('cat'), exclude: true }] }],
  [
    'a minus before an operator',
    '-from:bob',
    { terms: [{ field: 'author', words: ['bob'], exclude: true }] },
  ],
  ['operators in capitals', 'FROM:bob', { terms: [{ field: 'author', words: ['bob'], exclude: false }] }],
  ['has:attachment', 'has:attachment', { attachment: true, terms: [] }],
  ['-has:attachment', '-has:attachment', { attachment: false, terms: [] }],
  ['has: anything else is words', 'has:feathers', { terms: [any('has', 'feathers')] }],
  ['a list', 'list:birds', { lists: ['birds'], terms: [] }],
  ['two lists', 'list:birds list:Nests@Lists.example.org', { lists: ['birds', 'nests@lists.example.org'] }],
  ['a day', 'after:2024-05-31', { after: Date.UTC(2024, 4, 31), terms: [] }],
  ['a month', 'before:2024-05', { before: Date.UTC(2024, 4, 1) }],
  ['a year', 'before:2024', { before: Date.UTC(2024, 0, 1) }],
  ['slashes in a day', 'after:2024/5/1', { after: Date.UTC(2024, 4, 1) }],
  [
    'the narrower of two days',
    'after:2024 after:2023 before:2026 before:2027',
    {
      after: Date.UTC(2024, 0, 1),
      before: Date.UTC(2026, 0, 1),
    },
  ],
  ['a leap day', 'after:2024-02-29', { after: Date.UTC(2024, 1, 29) }],
  ['a web address is words', 'https://x.example/a', { terms: [any('https', 'x', 'example', 'a')] }],
  ['the syntax of FTS5 is words', 'NEAR(a b)', { terms: [any('near', 'a'), any('b')] }],
  ['a star alone is nothing', '*', { terms: [] }],
  ['a quote alone is nothing', '"', { terms: [] }],
  ['an empty query', '', { terms: [], lists: [], unclear: [] }],
  [
    'what other programs inherit is words',
    'constructor:x toString:y',
    {
      terms: [any('constructor', 'x'), any('tostring', 'y')],
    },
  ],
];

describe('a query', () => {
  test.each(cases)('%s', (_, text, expected) => {
    expect(parseSearch(text)).toMatchObject(expected);
  });

  test.each(['after:yesterday', 'before:2024-13', 'before:2024-04-31', 'after:2023-02-29'])(
    '%s is said to be unclear, and searched as words',
    (text) => {
      const query = parseSearch(text);
      expect(query.unclear).toHaveLength(1);
      expect(query.terms).toHaveLength(1);
      expect(query).not.toHaveProperty('after');
      expect(query).not.toHaveProperty('before');
    },
  );

  test.each<[text: string, said: RegExp, terms: string[][]]>([
    [
      'has:picture',
      /^has: takes only attachment, not "picture"; it was searched as words\.$/,
      [['has', 'picture']],
    ],
    ['-list:birds', /^-list: is no operator/, [['list', 'birds']]],
    [
      'filename:egg.jpg',
      /^filename: is no operator here; it was searched as words\.$/,
      [['filename', 'egg', 'jpg']],
    ],
    ['since:2024', /^since: is no operator here: after: is;/, [['since', '2024']]],
    ['From: alice', /^From: wants its word right behind it/, [['from'], ['alice']]],
    ['sand '.repeat(33), /^Only the first 32 words and phrases/, Array.from({ length: 32 }, () => ['sand'])],
    ['"'.padEnd(1001, '*'), /^Only the first 1000 characters/, []],
  ])('%s is searched as words, and said to be', (text, said, terms) => {
    const query = parseSearch(text);
    expect(query.unclear).toEqual([expect.stringMatching(said)]);
    expect(query.terms.map(({ words }) => words)).toEqual(terms);
    expect(query).not.toHaveProperty('left');
  });

  test.each(['http://birds.example', 'at 12:30', 'Foo::bar', 'has:attachment', 'ratio 3:4', 'eggs:'])(
    '%s is nothing to be said about',
    (text) => expect(parseSearch(text).unclear).toEqual([]),
  );

  test('any text is a query of plain, folded words', () => {
    const hostile = fc.oneof(
      fc.string({ unit: 'grapheme' }),
      fc
        .array(
          fc.constantFrom(
            '"',
            '-',
            ':',
            '*',
            '(',
            ')',
            'NEAR',
            'AND',
            'from:',
            'list:',
            ' ',
            'é',
            '鳥',
            '\ue000',
            '\0',
            'a',
          ),
        )
        .map((parts) => parts.join('')),
    );
    fc.assert(
      fc.property(hostile, (text) => {
        const query = parseSearch(text);
        expect(query.terms.length).toBeLessThanOrEqual(32);
        for (const { words } of query.terms) {
          expect(words.length).toBeGreaterThan(0);
          for (const word of words) expect(word).toMatch(/^[\p{L}\p{N}\p{M}]+$/u);
        }
      }),
    );
  });

  test('a long hostile query is read in linear time', () => {
    const begun = performance.now();
    for (const piece of ['"', '-', 'a:', 'from:"', '((', 'x'.repeat(50)]) parseSearch(piece.repeat(200_000));
    expect(performance.now() - begun).toBeLessThan(500);
  });
});
