import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readTags } from '../../src/mail/tag-list.ts';

describe('a tag list', () => {
  test.each<[string, string, Record<string, string> | undefined]>([
    [
      'of a signature',
      'v=1; a=rsa-sha256; h=from : to;\tb=abc def',
      { v: '1', a: 'rsa-sha256', h: 'from : to', b: 'abc def' },
    ],
    ['ending in a semicolon', 'v=DMARC1; p=none;', { v: 'DMARC1', p: 'none' }],
    ['with an empty value', 'v=DKIM1; p=', { v: 'DKIM1', p: '' }],
    ['with an equals sign in a value', 'bh=ab==', { bh: 'ab==' }],
    ['with white space around the sign', 'v = DMARC1', { v: 'DMARC1' }],
    ['whose names differ in case', 'S=a; s=b', { S: 'a', s: 'b' }],
    ['that names a tag twice', 'd=a.example; d=b.example', undefined],
    ['with a word that is no tag', 'v=1; hello', undefined],
    ['with a name that is none', '1v=1', undefined],
    ['without anything', ' ; ', undefined],
  ])('%s', (_, text, tags) => {
    expect(readTags(text)).toEqual(tags && new Map(Object.entries(tags)));
  });

  test('any text is read without an error', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => void readTags(text)));
  });
});
