import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { encodeQuotedPrintable } from '../../src/mail/quoted-printable.ts';
import { decodeTransfer } from '../../src/mail/transfer-encoding.ts';

const encode = (text: string) => encodeQuotedPrintable(Buffer.from(text, 'latin1')).toString('latin1');

describe('quoted-printable', () => {
  test.each([
    ['text stays', 'Three eggs.\r\n', 'Three eggs.\r\n'],
    ['octets over 127 and the sign itself', 'a=\xfc', 'a=3D=FC'],
    ['a blank before a line end', '-- \r\nx\t\r\n \r\n', '--=20\r\nx=09\r\n=20\r\n'],
    ['a blank at the very end', 'x ', 'x=20'],
    ['a CR or LF that is no line end', 'a\rb\nc', 'a=0Db=0Ac'],
    ['what a mailbox would take for its separator', 'From here\r\nFrom', '=46rom here\r\nFrom'],
    ['a line of exactly 76', `${'x'.repeat(76)}\r\n`, `${'x'.repeat(76)}\r\n`],
    ['one of 77', 'x'.repeat(77), `${'x'.repeat(75)}=\r\nxx`],
    ['a code that fits no more', `${'x'.repeat(74)}\xfcx`, `${'x'.repeat(74)}=\r\n=FCx`],
  ])('%s', (_, text, expected) => {
    expect(encode(text)).toBe(expected);
  });

  test('any bytes come back, in lines of 76', () => {
    const octets = fc.uint8Array({ maxLength: 400 });
    const text = fc.string({ unit: fc.constantFrom('a', ' ', '\r\n', '\xfc', '=', 'From '), maxLength: 200 });
    fc.assert(
      fc.property(
        fc.oneof(
          octets.map((each) => Buffer.from(each)),
          text.map((each) => Buffer.from(each, 'latin1')),
        ),
        (bytes) => {
          const encoded = encodeQuotedPrintable(bytes);
          expect(decodeTransfer(encoded, 'quoted-printable').equals(bytes)).toBe(true);
          for (const line of encoded.toString('latin1').split('\r\n')) {
            expect(line).toMatch(/^[\t\x20-\x7e]{0,76}$/);
            expect(line).not.toMatch(/[ \t]$/);
          }
        },
      ),
      { numRuns: 500 },
    );
  });
});
