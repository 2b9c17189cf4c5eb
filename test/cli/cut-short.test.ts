import { expect, test } from 'vitest';
import { cutShort } from '../../src/cli/cut-short.ts';

test.each([
  ['what is short enough stays', 'full', 4, 'full'],
  ['what is longer says so', 'longer', 4, 'lon…'],
  ['a character beyond the first plane counts once', '🐦🐦🐦', 3, '🐦🐦🐦'],
  ['and is never cut in two', '🐦🐦🐦', 2, '🐦…'],
])('%s', (_, text, most, expected) => {
  expect(cutShort(text, most)).toBe(expected);
});
