import { hash } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { canonicalBody } from '../../src/mail/canonical-body.ts';
import { bodyHashOf } from '../../src/mail/dkim-sign.ts';
import { pieceBytes } from '../../src/mail/piece-bytes.ts';

test.each([
  ['RFC 6376 §3.4.5, in relaxed form', 'relaxed', ' C \r\nD \t E\r\n\r\n\r\n', ' C\r\nD E\r\n'],
  ['the same in simple form', 'simple', ' C \r\nD \t E\r\n\r\n\r\n', ' C \r\nD \t E\r\n'],
  ['nothing, relaxed', 'relaxed', '', ''],
  ['nothing, simple', 'simple', '', '\r\n'],
  ['nothing but empty lines, relaxed', 'relaxed', '\r\n\r\n', ''],
  ['nothing but empty lines, simple', 'simple', '\r\n\r\n', '\r\n'],
  ['nothing but lines of white space', 'relaxed', ' \r\n\t\r\n  ', ''],
  ['empty lines in the middle', 'relaxed', 'a\r\n\r\n \r\nb\r\n', 'a\r\n\r\n\r\nb\r\n'],
  ['a last line without its end', 'relaxed', 'a\r\nb \t', 'a\r\nb\r\n'],
  ['the same, simple', 'simple', 'a\r\nb ', 'a\r\nb \r\n'],
  ['a carriage return in a line', 'relaxed', 'a\rb\r\r\n', 'a\rb\r\r\n'],
  ['bytes beyond ASCII, among them A0', 'relaxed', 'à \xa0\r\n', 'à \xa0\r\n'],
] as const)('%s', (_, form, body, canonical) => {
  expect(canonicalBody(Buffer.from(body), form).toString()).toBe(canonical);
});

test.each([' \r\n', '\r\n', ' ', ' \t', 'a  b\r\n'])('24 MiB of %j take less than three seconds', (line) => {
  const body = Buffer.alloc(24 << 20, line);
  const began = performance.now();
  canonicalBody(body, 'relaxed');
  expect(performance.now() - began).toBeLessThan(3000);
});

/** RFC 6376 §3.4.4, word by word. */
function relaxed(body: string): string {
  const lines = body
    .split('\r\n')
    .map((line) => line.replace(/[ \t]+/g, ' ').replace(/ $/, ''))
    .join('\r\n')
    .replace(/(\r\n)+$/, '');
  return lines === '' ? '' : `${lines}\r\n`;
}

const nasty = fc.array(fc.constantFrom('\r', '\n', ' ', '\t', 'a', '\r\n', ' \r\n', '\xe9'), {
  maxLength: 60,
});

test('whatever the body is, it is the form that the standard describes', () => {
  fc.assert(
    fc.property(nasty, (parts) => {
      const text = parts.join('');
      expect(canonicalBody(Buffer.from(text, 'latin1'), 'relaxed').toString('latin1')).toBe(relaxed(text));
    }),
  );
});

test('a large body has the same form and hash wherever its pieces begin', async () => {
  const filling = 'a word \r\n'.repeat(pieceBytes / 8).slice(0, pieceBytes);
  await fc.assert(
    fc.asyncProperty(nasty, fc.nat(70), fc.boolean(), async (parts, at, goesOn) => {
      const text = `${filling.slice(at)}${parts.join('')}${goesOn ? filling : ''}`;
      const body = Buffer.from(text, 'latin1');
      const wanted = Buffer.from(relaxed(text), 'latin1');
      expect(canonicalBody(body, 'relaxed').equals(wanted)).toBe(true);
      expect(await bodyHashOf(body)).toBe(hash('sha256', wanted, 'base64'));
    }),
    { numRuns: 30 },
  );
});
