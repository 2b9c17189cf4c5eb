import { expect, test } from 'vitest';
import { splitQuotes } from '../../src/mail/quotes.ts';

test.each([
  ['own text only', 'a\nb', 'a\nb', ''],
  ['marked lines', 'a\n> b\n>> c\nd', 'a\nd', '> b\n>> c'],
  [
    'everything below Outlook’s line',
    'a\n-----Original Message-----\nFrom: x\nb',
    'a',
    '-----Original Message-----\nFrom: x\nb',
  ],
  [
    'the same in German',
    'a\n-----Ursprüngliche Nachricht-----\nb',
    'a',
    '-----Ursprüngliche Nachricht-----\nb',
  ],
  [
    'a rule above a header block',
    'a\n________________________________\nFrom: x\nb',
    'a',
    '________________________________\nFrom: x\nb',
  ],
  [
    'a rule that is a footer’s',
    'a\n____________________\nbirds mailing list',
    'a\n____________________\nbirds mailing list',
    '',
  ],
])('%s', (_, text, own, quoted) => {
  expect(splitQuotes(text)).toEqual({ own, quoted });
});
