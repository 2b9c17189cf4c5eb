import { describe, expect, test } from 'vitest';
import type { List } from '../../src/domain/list.ts';
import { footerText } from '../../src/rewrite/footer-text.ts';
import { plainList, plainSite } from '../support/plain.ts';
import { standardFooter } from './golden-footers.ts';

describe('the text of a footer', () => {
  test.each<[string, Partial<List['settings']>, string | undefined]>([
    ['none', {}, undefined],
    [
      'ours',
      { footer: 'standard' },
      '-- \nBirds of the north, a mailing list: birds@lists.example.org\nSettings and leaving: https://lists.example.org/birds/leave',
    ],
    [
      'ours, with where the publisher is',
      { footer: 'standard', postal_address: 'Nest 1\nBirdville' },
      `${standardFooter}\nNest 1\nBirdville`,
    ],
    [
      'one of the owner, with values',
      { footer: '{list}: {page} {nothing} {address}  ' },
      'Birds of the north: https://lists.example.org/birds/ {nothing} birds@lists.example.org',
    ],
    [
      'a value that looks like another one',
      { footer: '{postal_address}', postal_address: '{leave}' },
      '{leave}',
    ],
    ['what turns a terminal is gone', { footer: 'a\u001b[31m\r\nb' }, 'a [31m\nb'],
  ])('%s', (_, settings, expected) => {
    expect(footerText(plainList(settings), plainSite)).toBe(expected);
  });

  test('no line is too long for a mail', () => {
    const text =
      footerText(plainList({ footer: `${'word '.repeat(300)}\n${'w'.repeat(2000)}` }), plainSite) ?? '';
    expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThanOrEqual(400);
    expect(text.replace(/\s/g, '')).toBe(`${'word'.repeat(300)}${'w'.repeat(2000)}`);
  });
});
