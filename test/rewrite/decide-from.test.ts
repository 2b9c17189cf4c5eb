import { describe, expect, test } from 'vitest';
import type { Author } from '../../src/domain/incoming.ts';
import { decideFrom, type FromQuestion, mayRewriteFrom } from '../../src/rewrite/decide-from.ts';

const by = (email: string): Author => ({ email: email as Author['email'], name: 'Alice' });
const question = (facts: Partial<FromQuestion>): FromQuestion => ({
  mode: 'auto',
  author: by('alice@example.com'),
  proved: false,
  policy: 'reject',
  listAddress: 'birds@lists.example.org',
  ownDomains: ['lists.example.org'],
  strictDomains: ['gmail.com'],
  ...facts,
});
const signature = (provesAuthor: boolean, survives: boolean) => ({
  domain: 'example.com',
  provesAuthor,
  survives,
});
const lost = [signature(true, false)];
const holds = [signature(true, true)];

describe('the From of an outgoing copy', () => {
  test.each<[string, Partial<FromQuestion>, ReturnType<typeof signature>[], string]>([
    ['stays where the domain asks for nothing', { policy: 'none' }, lost, 'author'],
    ['stays where the signature still holds', {}, holds, 'author'],
    ['is rewritten where it does not', {}, lost, 'rewritten'],
    ['is rewritten where there was none', {}, [], 'rewritten'],
    [
      'is rewritten where it did not hold on arrival, though it is untouched',
      {},
      [signature(false, true)],
      'rewritten',
    ],
    ['stays where one of several holds', {}, [...lost, signature(false, true), ...holds], 'author'],
    ['is rewritten for p=quarantine', { policy: 'quarantine' }, lost, 'rewritten'],
    ['is rewritten where DNS did not say', { policy: 'unknown' }, lost, 'rewritten'],
    ['stays where DNS did not say and the signature holds', { policy: 'unknown' }, holds, 'author'],
    [
      'of a strict domain is rewritten although it asks for nothing',
      { author: by('a@gmail.com'), policy: 'none' },
      lost,
      'rewritten',
    ],
    [
      'of a strict domain stays with its signature',
      { author: by('a@gmail.com'), policy: 'none' },
      holds,
      'author',
    ],
    [
      'of a domain that we sign for stays where it is proved',
      { author: by('a@lists.example.org'), proved: true },
      [],
      'author',
    ],
    [
      'of a domain that we sign for is rewritten where it is not, whatever the domain asks for',
      { author: by('a@lists.example.org'), policy: 'none' },
      [],
      'rewritten',
    ],
    [
      'the same stays with dmarc=never, and is not signed then',
      { author: by('a@lists.example.org'), policy: 'none', mode: 'never' },
      [],
      'author',
    ],
    ['stays with dmarc=never', { mode: 'never' }, lost, 'author'],
    ['is rewritten with dmarc=always', { mode: 'always', policy: 'none' }, holds, 'rewritten'],
    [
      'of a domain that we sign for stays with dmarc=always, too',
      { mode: 'always', author: by('a@lists.example.org'), proved: true },
      holds,
      'author',
    ],
    [
      'is the list’s own address, whatever the setting',
      { mode: 'always', author: by('birds@lists.example.org') },
      lost,
      'author',
    ],
    ['is wrapped with dmarc=wrap', { mode: 'wrap' }, lost, 'wrapped'],
    ['is not wrapped where it need not be', { mode: 'wrap' }, holds, 'author'],
    [
      'is rewritten where somebody forced it',
      { mode: 'never', policy: 'none', forced: 'edited' },
      holds,
      'rewritten',
    ],
    ['is not wrapped where somebody forced it', { mode: 'wrap', forced: 'edited' }, holds, 'rewritten'],
    [
      'that nobody can read stays as it is',
      { mode: 'always', author: undefined, forced: 'edited' },
      lost,
      'author',
    ],
  ])('%s', (_, facts, signatures, from) => {
    expect(decideFrom(question(facts), () => signatures).from).toBe(from);
  });

  test('asks about signatures only where they matter', () => {
    const asked = () => {
      throw new Error('asked');
    };
    for (const facts of [
      { policy: 'none' },
      { mode: 'never' },
      { mode: 'always' },
      { forced: 'edited' },
    ] as const)
      expect(() => decideFrom(question(facts), asked)).not.toThrow();
  });
});

test.each<[string, Partial<FromQuestion>, boolean]>([
  ['a domain that asks for nothing', { policy: 'none' }, false],
  ['a domain that wants forgeries refused', {}, true],
  ['a domain of which nobody knows', { policy: 'unknown' }, true],
  ['a strict domain', { author: by('a@gmail.com'), policy: 'none' }, true],
  ['a domain that we sign for', { author: by('a@lists.example.org'), proved: true }, false],
  ['the same, where nobody has proved it', { author: by('a@lists.example.org'), policy: 'none' }, true],
  ['a list that rewrites nobody', { mode: 'never' }, false],
  ['a list that rewrites everybody', { mode: 'always', policy: 'none' }, true],
  ['a list that wraps', { mode: 'wrap' }, true],
  ['an edited post', { policy: 'none', forced: 'edited' }, true],
  ['no author', { author: undefined }, false],
])('whether an author may come to need an alias: %s', (_, facts, expected) => {
  expect(mayRewriteFrom(question(facts))).toBe(expected);
});
