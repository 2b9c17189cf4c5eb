import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Address } from '../../src/domain/address.ts';
import {
  fittingPatterns,
  foremostRule,
  type SenderAction,
  type SenderRule,
  senderActions,
} from '../../src/domain/sender-rule.ts';

let ids = 0;

/** `list hold *@example.org` */
function rule(text: string): SenderRule {
  const [where, action, pattern = ''] = text.split(' ');
  const kind = pattern.startsWith('/') ? 'pattern' : pattern.startsWith('*') ? 'domain' : 'address';
  return {
    id: ++ids,
    listId: where === 'site' ? null : 1,
    kind,
    pattern,
    action: action as SenderAction,
    createdBy: 'operator:cli',
    createdAt: 0,
  };
}

describe('the rule that counts', () => {
  const cases: readonly (readonly [string, readonly string[], string | undefined])[] = [
    ['none', [], undefined],
    ['the only one', ['list hold a@b.example.org'], 'list hold a@b.example.org'],
    [
      'a ban of the site before what a list allows',
      ['list allow a@b.example.org', 'site discard *@*.org'],
      'site discard *@*.org',
    ],
    [
      'a refusal of the site before what a list allows',
      ['list allow a@b.example.org', 'site reject /a/'],
      'site reject /a/',
    ],
    [
      'a ban of a list before what the site allows',
      ['site allow a@b.example.org', 'list discard /a/'],
      'list discard /a/',
    ],
    [
      'what a list allows before what the site holds',
      ['site hold a@b.example.org', 'list allow *@*.org'],
      'list allow *@*.org',
    ],
    [
      'an address before its domain',
      ['list discard *@b.example.org', 'list allow a@b.example.org'],
      'list allow a@b.example.org',
    ],
    [
      'a domain before the ones around it',
      ['list discard *@*.example.org', 'list allow *@b.example.org'],
      'list allow *@b.example.org',
    ],
    [
      'the nearer domain around before the wider',
      ['list discard *@*.org', 'list hold *@*.example.org'],
      'list hold *@*.example.org',
    ],
    ['a domain before a pattern', ['list discard /a/', 'list allow *@*.org'], 'list allow *@*.org'],
    [
      'of patterns the strictest',
      ['list allow /a/', 'list discard /b/', 'list reject /c/', 'list hold /d/'],
      'list discard /b/',
    ],
  ];

  test.each(cases)('%s', (_, texts, wanted) => {
    const asText = (found: SenderRule | undefined) =>
      found && `${found.listId === null ? 'site' : 'list'} ${found.action} ${found.pattern}`;
    expect(asText(foremostRule(texts.map(rule)))).toBe(wanted);
    expect(asText(foremostRule(texts.map(rule).toReversed()))).toBe(wanted);
  });

  test('whatever lists say, a ban of the site is one', () => {
    const text = fc
      .tuple(
        fc.constantFrom('site', 'list'),
        fc.constantFrom(...senderActions),
        fc.constantFrom('a@b.org', '*@b.org', '/x/'),
      )
      .map((words) => words.join(' '));
    fc.assert(
      fc.property(fc.array(text, { minLength: 1 }), (texts) => {
        const counts = foremostRule(texts.map(rule));
        const banned = texts.some((each) => /^site (reject|discard)/.test(each));
        expect(counts?.listId === null && (counts.action === 'reject' || counts.action === 'discard')).toBe(
          banned,
        );
      }),
    );
  });
});

test('the patterns that fit an author name the address, its domain, and all domains around it', () => {
  expect(fittingPatterns('a@b.example.org' as Address)).toEqual([
    'a@b.example.org',
    '*@b.example.org',
    '*@*.example.org',
    '*@*.org',
  ]);
});
