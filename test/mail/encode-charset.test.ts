import { describe, expect, test } from 'vitest';
import { decodeBytes } from '../../src/mail/charset.ts';
import { charsetKind, encodeBytes, endsInAscii, toUtf8 } from '../../src/mail/encode-charset.ts';

describe('text in a character set', () => {
  test.each([
    ['iso-8859-1', 'Grüße'],
    ['ISO-8859-15', 'Grüße €'],
    ['windows-1252', 'Grüße – “€”'],
    ['windows-1251', 'Птицы'],
    ['koi8-r', 'Птицы'],
    ['iso-8859-7', 'πουλιά'],
    ['windows-1255', 'ציפורים'],
    ['tis-620', 'นก'],
    ['shift_jis', '鳥の会 ﾄﾘ'],
    ['euc-jp', '鳥の会'],
    ['iso-2022-jp', '鳥の会 birds 、。'],
    ['gb2312', '鸟会'],
    ['gb18030', '鳥鸟'],
    ['big5', '鳥會'],
    ['ks_c_5601-1987', '새 모임'],
    ['utf-8', '鳥 Grüße 🐦'],
    ['utf-8*en', 'Grüße'],
    ['us-ascii', 'Birds'],
    ['', 'Birds'],
  ])('%s reads as it was written', (charset, text) => {
    const bytes = encodeBytes(text, charset);
    expect(bytes && decodeBytes(bytes, charset)).toBe(text);
  });

  test.each([
    ['us-ascii', 'ü'],
    ['iso-8859-1', '€'],
    ['iso-8859-1', '–'],
    ['koi8-r', 'ü'],
    ['iso-2022-jp', 'ü'],
    ['gb2312', '鳥'],
    ['x-birdsong', 'birds'],
    ['utf-16', 'birds'],
    ['utf-7', 'birds'],
    ['hz-gb-2312', 'birds'],
    ['iso-2022-kr', 'birds'],
    ['binary', 'birds'],
  ])('%s has no %s', (charset, text) => {
    expect(encodeBytes(text, charset)).toBeUndefined();
  });

  test('names of strangers are nothing to remember for ever', () => {
    for (let i = 0; i < 100; i++) expect(charsetKind(`x-birdsong-${i}`)).toBeUndefined();
    expect(charsetKind('koi8-r')).toBe('single-byte');
  });

  test('ISO-2022-JP is in ASCII at its end, or not', () => {
    expect(endsInAscii(encodeBytes('鳥', 'iso-2022-jp') ?? Buffer.alloc(0))).toBe(true);
    expect(endsInAscii(Buffer.from('\x1b$BD;', 'latin1'))).toBe(false);
    expect(endsInAscii(Buffer.from('birds'))).toBe(true);
  });

  test.each([
    ['what is no character of its set', 'us-ascii', '\xfc', undefined],
    ['nor of UTF-8', 'utf-8', '\xfc', undefined],
    ['a label that is too modest', 'us-ascii', '\xc3\xbc', 'ü'],
    ['another set', 'windows-1252', '\x96', '–'],
    ['a byte that the set does not have', 'windows-1252', '\x81', undefined],
    ['an unknown set', 'x-birdsong', 'a', undefined],
  ])('%s in UTF-8', (_, charset, bytes, expected) => {
    expect(toUtf8(Buffer.from(bytes, 'latin1'), charset)?.toString()).toBe(expected);
  });
});
