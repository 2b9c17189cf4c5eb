import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseSetting } from '../../src/domain/setting-value.ts';
import { readWords, wordsOf } from '../../src/domain/setting-words.ts';

describe('robots', () => {
  it.each([
    ['nothing', '', ''],
    ['an address, in any case', 'CI@Example.ORG', 'ci@example.org'],
    ['a domain', 'builds.example.org', 'builds.example.org'],
    ['a domain as it is written for sender rules', '*@example.org', 'example.org'],
    ['a domain with its at', '@example.org', 'example.org'],
    ['several, however they are separated', 'a@x.org ,b@x.org;  y.org', 'a@x.org, b@x.org, y.org'],
    ['the same twice', 'y.org, Y.org', 'y.org'],
  ])('%s', (_, text, value) => {
    expect(parseSetting('robots', text)).toEqual({ kind: 'value', value });
  });

  it.each([
    ['one label', 'localhost'],
    ['two ats', 'a@b@c.org'],
    ['a name', '"CI" <ci@x.org>'],
    ['a pattern', '/ci/'],
  ])('not %s', (_, text) => {
    expect(parseSetting('robots', text)).toMatchObject({ kind: 'wrong' });
  });
});

describe('parent lists', () => {
  it.each([
    ['as it stands in the header', '<Parent.Lists.example.org>', 'parent.lists.example.org'],
    ['without brackets', 'parent.lists.example.org', 'parent.lists.example.org'],
    ['one that is no domain (RFC 2919 §3)', 'list.1a2b.localhost', 'list.1a2b.localhost'],
  ])('%s', (_, text, value) => {
    expect(parseSetting('parent_lists', text)).toEqual({ kind: 'value', value });
  });

  it('not one word without a dot', () => {
    expect(parseSetting('parent_lists', 'birds')).toMatchObject({ kind: 'wrong' });
  });
});

it('what is read reads back as itself', () => {
  fc.assert(
    fc.property(fc.string(), fc.constantFrom('sender', 'list-id'), (text, kind) => {
      const value = readWords(text, kind);
      if (value === undefined) return;
      expect(readWords(value, kind)).toBe(value);
      expect(wordsOf(value).join(', ')).toBe(value);
    }),
  );
});
