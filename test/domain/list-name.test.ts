import { describe, expect, test } from 'vitest';
import { baseNames, checkListName, derivedNames } from '../../src/domain/list-name.ts';

describe('a list may be called', () => {
  const names = [
    ['one letter', 'b'],
    ['a word', 'birds'],
    ['a digit', '7'],
    ['words with hyphens, dots and underscores', 'garden-birds.north_east'],
    ['40 characters', 'b'.repeat(40)],
    ['a word that ends like a suffix', 'blackmail'],
    ['self-help, which only reads as help after a plus', 'self-help'],
    ['a suffix alone', 'digest'],
    ['a word that starts like a prefix', 'ownership'],
    ['a reserved word with more', 'admins'],
  ] as const;
  test.each(names)('%s: %s', (_, name) => {
    expect(checkListName(name)).toBeUndefined();
  });
});

describe('a list cannot be called', () => {
  const names = [
    ['nothing', '', /cannot be a list's name/],
    ['41 characters', 'b'.repeat(41), /1 to 40/],
    ['capitals', 'Birds', /a-z/],
    ['a hyphen first', '-birds', /both ends/],
    ['a dot last', 'birds.', /both ends/],
    ['two dots', 'bi..rds', /no "\.\."/],
    ['a plus', 'bi+rds', /cannot be/],
    ['an equals sign', 'bi=rds', /cannot be/],
    ['a percent sign', 'bi%rds', /cannot be/],
    ['a slash', 'bi/rds', /cannot be/],
    ['an at', 'bi@rds', /cannot be/],
    ['a bang', 'bi!rds', /cannot be/],
    ['a space', 'bi rds', /cannot be/],
    ['another alphabet', 'vögel', /cannot be/],
    ['a line feed at the end', 'birds\n', /cannot be/],
    ['postmaster', 'postmaster', /reserved/],
    ['the command address', 'listserv', /reserved/],
    ['lists', 'lists', /reserved/],
    ['mailer-daemon', 'mailer-daemon', /reserved/],
    ['a segment of the web', 'moderation', /reserved/],
    ['a short segment of the web', 'u', /reserved/],
    ['an old archive path', 'pipermail', /reserved/],
    ['a file of every web server', 'robots.txt', /reserved/],
    ['a name with a known suffix', 'birds-owner', /list "birds".*--allow-suffix-name/],
    ['a name with an alias suffix', 'birds-unsubscribe', /list "birds"/],
    ['a name with a suffix of two words', 'birds-subscribe-digest', /list "birds"/],
    ['a name with a known prefix', 'owner-birds', /list "birds"/],
    ['a name of a list that is reserved anyway, with a suffix', 'web-admin', /list "web"/],
    ['a confirmation address', 'birds-confirm-0123456789abcde', /list "birds"/],
  ] as const;
  test.each(names)('%s: %s', (_, name, why) => {
    expect(checkListName(name)).toMatch(why);
  });
});

test('a list brought along from elsewhere may end in a suffix, but is not called a reserved name', () => {
  expect(checkListName('friends-owner', { allowSuffixName: true })).toBeUndefined();
  expect(checkListName('postmaster', { allowSuffixName: true })).toMatch(/reserved/);
});

test('the names a list needs for its own addresses are those that read as belonging to it', () => {
  const names = derivedNames('friends');
  expect(names).toEqual(
    expect.arrayContaining(['friends-owner', 'owner-friends', 'friends-subscribe-digest']),
  );
  expect(names).not.toContain('friends-help');
  for (const name of names) expect(baseNames(name), name).toContain('friends');
});
