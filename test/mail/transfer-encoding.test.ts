import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodedLength, decodeTransfer } from '../../src/mail/transfer-encoding.ts';

test.each([
  ['base64', 'aGVs\r\nbG8=', 'hello'],
  ['BASE64 ', 'aGVsbG8', 'hello'],
  ['quoted-printable', 'caf=C3=A9 =\r\nau lait', 'café au lait'],
  ['quoted-printable', 'a = b =zz', 'a = b =zz'],
  ['8bit', 'café', 'café'],
  ['x-unknown', 'as it is', 'as it is'],
])('%s: %s', (encoding, encoded, decoded) => {
  expect(decodeTransfer(Buffer.from(encoded), encoding).toString()).toBe(decoded);
});

test('the length is known without decoding', () => {
  const lines = (text: string, width: number) =>
    text.match(new RegExp(`.{1,${width}}`, 'g'))?.join('\r\n') ?? '';
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      const base64 = Buffer.from(lines(Buffer.from(bytes).toString('base64'), 76));
      expect(decodedLength(base64, 'base64')).toBe(bytes.length);
      const quoted = [...bytes].map((byte) => `=${byte.toString(16).padStart(2, '0')}`).join('=\r\n');
      expect(decodedLength(Buffer.from(quoted), 'quoted-printable')).toBe(bytes.length);
      expect(decodedLength(Buffer.from(bytes), '8bit')).toBe(bytes.length);
    }),
  );
});
