import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseAddress } from '../../src/domain/address.ts';
import { csvCell, detectDelimiter, readCsv } from '../../src/domain/csv.ts';
import { parseColumnMap } from '../../src/domain/member-columns.ts';
import { decodeMemberFile, parseMemberFile } from '../../src/domain/member-file.ts';

const read = (text: string) => parseMemberFile(text, { readEmail: parseAddress });
const members = (text: string) => read(text).members.map(({ line: _, ...member }) => member);

describe('a member is read from', () => {
  const alice = { email: 'alice@example.com', name: 'Alice Liddell' };
  const cases: readonly [name: string, text: string, expected: object][] = [
    ['a bare address', 'alice@example.com', { email: 'alice@example.com', name: '' }],
    ['an address in capitals', 'Alice@Example.COM', { email: 'alice@example.com', name: '' }],
    ['a name and an address in angle brackets', 'Alice Liddell <alice@example.com>', alice],
    ['a quoted name before the brackets', '"Alice Liddell" <alice@example.com>', alice],
    [
      'a quoted name with a comma',
      '"Liddell, Alice" <alice@example.com>',
      { email: 'alice@example.com', name: 'Liddell, Alice' },
    ],
    ['the same quoted as CSV wants it', '"""Alice Liddell"" <alice@example.com>"', alice],
    ['two columns', 'alice@example.com,Alice Liddell', alice],
    ['semicolons', 'alice@example.com;Alice Liddell', alice],
    ['tabs', 'alice@example.com\tAlice Liddell', alice],
    ['blanks around the cells', ' alice@example.com ,  Alice Liddell ', alice],
    ['a line end of Windows', 'alice@example.com,Alice Liddell\r\n', alice],
    ['an old line end of the Mac', 'alice@example.com,Alice Liddell\r', alice],
    ['a byte order mark', '\ufeffalice@example.com,Alice Liddell', alice],
    ['a header in another order', 'Name,E-Mail\nAlice Liddell,alice@example.com', alice],
    ['a header in capitals with a semicolon', 'EMAIL;NAME\nalice@example.com;Alice Liddell', alice],
    ['a mode', 'alice@example.com,Alice Liddell,digest-plain', { ...alice, mode: 'digest-plain' }],
    ['a word for a mode', 'alice@example.com,Alice Liddell,nomail', { ...alice, mode: 'none' }],
    ['a role', 'alice@example.com,Alice Liddell,,Owner', { ...alice, role: 'owner' }],
    [
      'a day',
      'alice@example.com,Alice Liddell,,,2026-11-21',
      { ...alice, joinedAt: Date.parse('2026-11-21T00:00:00Z') },
    ],
    [
      'a time with a zone',
      'alice@example.com,Alice Liddell,,,2026-11-21T10:00:00+02:00',
      { ...alice, joinedAt: Date.parse('2026-11-21T08:00:00Z') },
    ],
    ['columns that other programs add', 'alice@example.com,Alice Liddell,,,,en,no,a note', alice],
    [
      'a name with line ends in quotes',
      'alice@example.com,"Alice\r\n\tLiddell"',
      { email: 'alice@example.com', name: 'Alice Liddell' },
    ],
    [
      'a name that an export guarded',
      "alice@example.com,'=Alice",
      { email: 'alice@example.com', name: '=Alice' },
    ],
  ];
  test.each(cases)('%s', (_, text, expected) => {
    expect(members(text)).toEqual([expected]);
  });
});

describe('a row is reported, with its line, for', () => {
  const cases: readonly [name: string, row: string, why: RegExp][] = [
    ['no address', ',Alice', /there is no address/],
    ['half an address', 'alice@', /"alice@" is not an address/],
    ['two addresses in one cell', 'a@example.com b@example.com', /is not an address/],
    ['an unknown mode', 'alice@example.com,,often', /mode "often" is not each, digest-mime/],
    ['an unknown role', 'alice@example.com,,,king', /role "king" is not member, moderator or owner/],
    ['a day that depends on the reader', 'alice@example.com,,,,03/04/2026', /no date like 2026-11-21/],
    ['a day that is none', 'alice@example.com,,,,2026-13-40', /no date/],
    ['a quote that never closes', '"Alice <alice@example.com>', /never closed/],
  ];
  test.each(cases)('%s', (_, row, why) => {
    const { members: good, invalid } = read(`bob@example.com\n# a remark\n\n${row}\ncarol@example.com`);
    expect(invalid).toEqual([{ line: 4, why: expect.stringMatching(why) }]);
    expect(good.map(({ line, email }) => [line, email])).toEqual([
      [1, 'bob@example.com'],
      [5, 'carol@example.com'],
    ]);
  });
});

test('lines count on behind a quoted line end', () => {
  expect(read('a@example.com,"x\ny"\nnobody\n').invalid).toEqual([{ line: 3, why: expect.any(String) }]);
});

test('an address counts once, whatever its case, and the first row decides', () => {
  expect(members('alice@example.com,First\nALICE@example.COM,Second')).toEqual([
    { email: 'alice@example.com', name: 'First' },
  ]);
});

test('columns without a use are named, where a header names them', () => {
  expect(read('email,lang,note\nalice@example.com,en,hello').ignored).toEqual(['lang', 'note']);
});

test('an empty file has no members and no problems', () => {
  expect(read('')).toEqual({ members: [], invalid: [], ignored: [] });
});

describe('a map of columns', () => {
  test('gives foreign titles and words their meaning', () => {
    const map = parseColumnMap('Adresse=email, Zustellung=mode:D>digest:keine>nomail');
    if (typeof map === 'string') throw new Error(map);
    const text = 'adresse;Zustellung\nalice@example.com;d\nbob@example.com;Keine\ncarol@example.com;each';
    expect(parseMemberFile(text, { readEmail: parseAddress, map }).members.map(({ mode }) => mode)).toEqual([
      'digest-mime',
      'none',
      'each',
    ]);
  });
  test.each(['', 'Adresse', 'Adresse=wohnort', 'Status=mode:D', '=email'])(
    'refuses %o with a sentence',
    (text) => {
      expect(parseColumnMap(text)).toMatch(/is not like "E-Mail=email"/);
    },
  );
});

describe('bytes of', () => {
  const text = 'jürgen@example.com,Jürgen';
  const utf16 = Buffer.from(`\ufeff${text}`, 'utf16le');
  const cases: readonly [name: string, bytes: Buffer][] = [
    ['UTF-8', Buffer.from(text)],
    ['UTF-8 with a mark', Buffer.from(`\ufeff${text}`)],
    ['UTF-16, small end first', utf16],
    ['UTF-16, big end first', Buffer.from(utf16).swap16()],
    ['windows-1252', Buffer.from(text, 'latin1')],
  ];
  test.each(cases)('%s are read', (_, bytes) => {
    expect(decodeMemberFile(bytes)).toBe(text);
  });
});

test('what csvCell writes, readCsv reads', () => {
  const cell = fc.string({ unit: 'grapheme' }).map((text) => text.replace(/\r\n?/g, '\n').trim());
  const row = fc.array(cell, { minLength: 2, maxLength: 4 });
  fc.assert(
    fc.property(fc.array(row, { minLength: 1, maxLength: 5 }), (rows) => {
      const text = rows.map((cells) => cells.map(csvCell).join(',')).join('\n');
      expect(readCsv(text, ',').records.map(({ cells }) => cells)).toEqual(rows);
    }),
  );
});

test('any text is read without an exception', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const { members: good, invalid } = read(text);
      expect(good.length + invalid.length).toBeLessThanOrEqual(text.split(/[\r\n]/).length);
    }),
  );
});

test('half a megabyte of opening quotes is read in linear time', () => {
  const started = performance.now();
  read('"a\n'.repeat(170_001));
  expect(performance.now() - started).toBeLessThan(2000);
});

test('the separator is the one a line has most of, outside quotes', () => {
  expect(detectDelimiter('"a,b,c";d@example.com\n')).toBe(';');
  expect(detectDelimiter('\nalice@example.com\nx\ty')).toBe('\t');
  expect(detectDelimiter('alice@example.com')).toBe(',');
});
