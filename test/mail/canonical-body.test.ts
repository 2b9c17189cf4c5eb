import { expect, test } from 'vitest';
import { canonicalBody } from '../../src/mail/canonical-body.ts';

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
