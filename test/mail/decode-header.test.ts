import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeHeader } from '../../src/mail/decode-header.ts';

const bytes = (text: string) => Buffer.from(text, 'utf8').toString('latin1');

describe('decodeHeader', () => {
  it.each([
    ['plain text', 'nests and eggs', 'nests and eggs'],
    ['Q encoding', '=?utf-8?Q?V=C3=B6gel_und_Nester?=', 'Vögel und Nester'],
    ['B encoding', '=?UTF-8?B?VsO2Z2Vs?=', 'Vögel'],
    ['ISO-8859-1', '=?iso-8859-1?q?V=F6gel?=', 'Vögel'],
    ['a language tag (RFC 2231 §5)', '=?utf-8*de?Q?V=C3=B6gel?=', 'Vögel'],
    ['ISO-2022-JP', '=?ISO-2022-JP?B?GyRCRnxLXDhsGyhC?=', '日本語'],
    ['KOI8-R', '=?koi8-r?B?8NLJ18XU?=', 'Привет'],
    ['words among text', 'Re: =?utf-8?Q?V=C3=B6gel?= and eggs', 'Re: Vögel and eggs'],
    ['two words: the space between them is not text', '=?utf-8?Q?V=C3=B6?= =?utf-8?Q?gel?=', 'Vögel'],
    ['a character split between two words', '=?utf-8?Q?V=C3?= =?utf-8?Q?=B6gel?=', 'Vögel'],
    ['neighbours of different charsets', '=?utf-8?Q?=C3=B6?= =?iso-8859-1?Q?=F6?=', 'öö'],
    ['raw UTF-8', bytes('Vögel 🐦'), 'Vögel 🐦'],
    ['raw windows-1252', 'V\xf6gel \x80', 'Vögel €'],
    ['an unknown charset that holds UTF-8', '=?x-none?Q?V=C3=B6gel?=', 'Vögel'],
    ['an unknown charset that holds windows-1252', '=?x-none?Q?V=F6gel?=', 'Vögel'],
    ['UTF-8 that is none', '=?utf-8?Q?V=F6gel?=', 'Vögel'],
    ['a word that never ends', '=?utf-8?Q?nests', '=?utf-8?Q?nests'],
    ['an encoding nobody knows', '=?utf-8?X?nests?=', '=?utf-8?X?nests?='],
    ['a line end hidden in a word', '=?utf-8?Q?a=0D=0ABcc:_x?=', 'a Bcc: x'],
    ['control characters', 'a\x00\x07\x1b[31mb', 'a[31mb'],
    ['marks that turn the direction of writing', '=?utf-8?Q?evil=E2=80=AEtxt.exe?=', 'eviltxt.exe'],
  ])('reads %s', (_, value, text) => {
    expect(decodeHeader(value)).toBe(text);
  });

  it('never throws, and never gives a line end', () => {
    const piece = fc.constantFrom(
      '=?',
      '?=',
      '?',
      '=',
      'utf-8',
      'utf-7',
      'B',
      'Q',
      '\xff',
      ' ',
      'A',
      '_',
      '\r\n',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
        expect(decodeHeader(pieces.join(''))).not.toMatch(/[\r\n\0]/);
      }),
    );
  });

  it.each(['=?', '=?a?b?', '=?a?q?', '=?utf-8?q?a?= ', '=', ' ', '\xe9'])(
    'takes linear time for a quarter of a megabyte of %j',
    (piece) => {
      const value = piece.repeat(Math.ceil(262_144 / piece.length));
      const started = performance.now();
      decodeHeader(value);
      expect(performance.now() - started).toBeLessThan(500);
    },
  );
});
