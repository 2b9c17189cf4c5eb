import { expect, test } from 'vitest';
import { findUuencoded } from '../../src/mail/uuencoded.ts';

const program = '#0V%T\r\n';

test.each<[name: string, body: string, files: readonly string[]]>([
  ['at the beginning of the body', `begin 644 setup.exe\r\n${program}`, ['setup.exe']],
  ['behind other lines', `Hello\r\nbegin 644 setup.exe\r\n${program}`, ['setup.exe']],
  ['two of them', `begin 644 a.exe\r\n${program}\nbegin 644 b.exe\r\n${program}`, ['a.exe', 'b.exe']],
  ['none: a text that only begins with the word', 'begin with the nests\r\n', []],
  ['none: the word alone', 'begin', []],
  ['none: the word within a line', `we begin 644 setup.exe\r\n${program}`, []],
])('%s', (_, body, files) => {
  expect(findUuencoded(Buffer.from(body, 'latin1')).map(({ name }) => name)).toEqual(files);
});

test('millions of lines that only begin with the word are passed over', () => {
  expect(findUuencoded(Buffer.from('begin\n'.repeat(100_000)))).toEqual([]);
});
