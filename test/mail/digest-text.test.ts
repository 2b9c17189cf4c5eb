import { describe, expect, test } from 'vitest';
import { holdsDigest } from '../../src/mail/digest-text.ts';

const line = '-'.repeat(30);

describe('a whole digest in a text', () => {
  test.each([
    ['quoted', `I agree.\n\n> Today's Topics:\n>   1. Nests\n> ${line}\n> Message: 1`],
    ['below', `I agree.\r\n\r\nToday's Topics:\r\n   1. Nests\r\n${line}\r\nMessage: 1\r\n`],
    ['of LISTSERV', `Yes\n> Topics of the day:\n>   1. Nests\n>\n> ${line}\n>\n> Date: today`],
    ['its end', `Yes\n> ${line}\n> End of Birds Digest, Vol 3, Issue 4`],
  ])('%s', (_, text) => {
    expect(holdsDigest(text)).toBe(true);
  });

  test.each([
    ['a list of topics', "Today's Topics:\n 1. Nests"],
    ['a line', `Hello\n${line}\nBob`],
    ['one message of it', '> Message: 1\n> Date: today\n> Nests'],
  ])('is more than %s', (_, text) => {
    expect(holdsDigest(text)).toBe(false);
  });

  test('is looked for in linear time', () => {
    const before = process.cpuUsage();
    holdsDigest('> '.repeat(32_000));
    holdsDigest('end of '.repeat(10_000));
    holdsDigest(`${'\n'.repeat(30_000)}${'-'.repeat(30_000)}today's topics:`);
    const { user } = process.cpuUsage(before);
    expect(user).toBeLessThan(200_000);
  });
});
