import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeHeader } from '../../src/mail/decode-header.ts';
import { readHead } from '../../src/mail/headers.ts';
import { inspectLines, longestLine } from '../../src/mail/line-ends.ts';
import { readMime } from '../../src/mail/mime-tree.ts';
import { decodeTransfer } from '../../src/mail/transfer-encoding.ts';
import { makeSendable } from '../../src/rewrite/bytes.ts';

const bytes = (text: string) => Buffer.from(text, 'latin1');
const sent = (text: string) => makeSendable(bytes(text)).raw.toString('latin1');
const whats = (text: string) =>
  makeSendable(bytes(text)).changes.map(({ what, after }) => (after ? `${what}: ${after}` : what));
const long = 'x'.repeat(longestLine + 1);
const exact = 'x'.repeat(longestLine);

describe('a mail that is in order', () => {
  test.each([
    ['a plain one', 'From: a@b.example\r\n\r\nHello\r\n'],
    ['without an end', 'From: a@b.example\r\n\r\nHello'],
    ['without a body', 'From: a@b.example\r\n'],
    ['with lines of exactly 998 octets', `Subject: ${exact.slice(9)}\r\n\r\n${exact}\r\n${exact}`],
    ['of nothing', ''],
  ])('%s is the same buffer', (_, text) => {
    const raw = bytes(text);
    expect(makeSendable(raw)).toEqual({ raw, changes: [] });
    expect(makeSendable(raw).raw).toBe(raw);
  });
});

describe('line ends', () => {
  test.each([
    ['LF', 'A: b\n\nc\n', 'A: b\r\n\r\nc\r\n'],
    ['CR', 'A: b\r\rc\r', 'A: b\r\n\r\nc\r\n'],
    ['mixed', 'A: b\r\n\r\na\rb\nc\r\r\nd\n\r', 'A: b\r\n\r\na\r\nb\r\nc\r\n\r\nd\r\n\r\n'],
    ['first of all', '\nx', '\r\nx'],
  ])('%s become CRLF', (_, text, expected) => {
    expect(sent(text)).toBe(expected);
    expect(whats(text)).toEqual(['line ends']);
  });

  test('in a signed part too: nothing else can be sent', () => {
    expect(sent('Content-Type: multipart/signed; boundary=s\n\n--s\n\nx\n--s--\n')).not.toMatch(/[^\r]\n/);
  });
});

describe('long lines', () => {
  const words = `${'nest '.repeat(300)}end`;

  test('a header line is folded at its white space, and only where it must be', () => {
    const out = sent(`From: a@b.example\r\nSubject: ${words}\r\nTo: c@d.example\r\n\r\nx\r\n`);
    const lines = out.split('\r\n');
    expect(lines).toHaveLength(7);
    expect(inspectLines(bytes(out)).longest).toBeLessThanOrEqual(longestLine);
    expect(readHead(bytes(out)).fields[1]?.value).toBe(words);
  });

  test.each([
    ['of one word', 'x'.repeat(3000)],
    ['of words, one of which is too long', `Nests ${'y'.repeat(3000)} and more`],
    ['in raw UTF-8', Buffer.from('ø'.repeat(1500)).toString('latin1')],
  ])('a subject %s goes out as encoded words', (_, subject) => {
    const out = sent(`From: a@b.example\r\nSubject: ${subject}\r\nTo: c@d.example\r\n\r\nx\r\n`);
    expect(inspectLines(bytes(out)).longest).toBeLessThanOrEqual(longestLine);
    expect(decodeHeader(readHead(bytes(out)).fields[1]?.value ?? '')).toBe(decodeHeader(subject));
  });

  test('a word that fits no line stays whole', () => {
    const out = sent(`X-Ids: ${long} ${long}\r\n and more\r\n\r\nx`);
    expect(out).toBe(`X-Ids:\r\n ${long}\r\n ${long}\r\n and more\r\n\r\nx`);
    expect(sent(`X-Ids:${long}\r\n\r\nx`)).toBe(`X-Ids:${long}\r\n\r\nx`);
  });

  test('a header of blanks ends', () => {
    expect(sent(`Subject: a${' '.repeat(5000)}b\r\n\r\nx`)).toBe('Subject: a b\r\n\r\nx');
    expect(sent(`Subject: a${' \t'.repeat(5000)}\r\n\r\nx`)).toBe('Subject: a\r\n\r\nx');
  });

  test.each<[string, string, string]>([
    ['text', `\r\n${long}\r\n`, 'text/plain part 1: quoted-printable'],
    [
      'with other letters',
      `Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n${'鳥'.repeat(400)}`,
      'text/plain part 1: base64',
    ],
    [
      'base64',
      `Content-Transfer-Encoding: base64\r\n\r\n${'QUFB'.repeat(400)}\r\n`,
      'text/plain part 1: base64',
    ],
    [
      'quoted-printable',
      `Content-Transfer-Encoding: quoted-printable\r\n\r\n${'=41'.repeat(400)}\r\n`,
      'text/plain part 1: quoted-printable',
    ],
    [
      'a part',
      `Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/html\r\n\r\n<p>${long}\r\n--b--\r\n`,
      'text/html part 1: quoted-printable',
    ],
  ])('%s is encoded, and means the same', (_, text, change) => {
    const raw = Buffer.from(`From: a@b.example\r\nMIME-Version: 1.0\r\n${text}`);
    const out = makeSendable(raw);
    expect(out.changes.map(({ what, after }) => `${what}: ${after}`)).toEqual([change]);
    expect(inspectLines(out.raw).longest).toBeLessThanOrEqual(longestLine);
    expect(contents(out.raw)).toEqual(contents(raw));
  });

  test.each([
    ['signed', 'Content-Type: multipart/signed; boundary=b\r\n\r\n--b\r\n\r\nx\r\n--b--\r\n'],
    ['of two types', 'Content-Type: text/plain\r\nContent-Type: text/html\r\n\r\nx\r\n'],
  ])('the head of a mail that is %s is folded all the same', (_, text) => {
    const out = sent(`Subject: ${words}\r\n${text}`);
    expect(inspectLines(bytes(out)).longest).toBeLessThanOrEqual(longestLine);
    expect(out.endsWith(text)).toBe(true);
  });

  test('a head inside is folded as well', () => {
    const out = sent(
      `Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain; name="${words}"\r\n\r\nx\r\n--b--\r\n`,
    );
    expect(inspectLines(bytes(out)).longest).toBeLessThanOrEqual(longestLine);
  });

  test.each([
    ['signed', `Content-Type: multipart/signed; boundary=b\r\n\r\n--b\r\n\r\n${long}\r\n--b--\r\n`],
    [
      'encrypted',
      `Content-Type: application/pkcs7-mime\r\nContent-Transfer-Encoding: base64\r\n\r\n${long}\r\n`,
    ],
    ['of a message inside', `Content-Type: message/rfc822\r\n\r\nA: b\r\n\r\n${long}\r\n`],
    ['of an unknown code', `Content-Transfer-Encoding: x-uuencode\r\n\r\n${long}\r\n`],
  ])('those of a part that is %s stay', (_, text) => {
    expect(sent(text)).toBe(text);
  });
});

/** What the leaves mean. */
function contents(raw: Buffer): string[] {
  const found: string[] = [];
  const open = [readMime(raw, readHead(raw))];
  for (let part = open.pop(); part; part = open.pop()) {
    open.push(...part.children);
    const encoding = part.head.fields.find(({ name }) => name === 'content-transfer-encoding')?.value ?? '';
    if (part.children.length === 0) found.push(decodeTransfer(part.body, encoding).toString('latin1'));
  }
  return found;
}

describe('for any bytes', () => {
  const text = fc.string({
    unit: fc.constantFrom('a', ' ', '\r', '\n', '\r\n', 'é', long, ':', '--b', '='),
    maxLength: 30,
  });

  test('nothing throws, no CR or LF is alone, and a second time changes nothing', () => {
    fc.assert(
      fc.property(text, text, (head, body) => {
        const raw = Buffer.from(`Content-Type: multipart/mixed; boundary=b\r\n${head}\r\n\r\n--b\r\n${body}`);
        const once = makeSendable(raw).raw;
        expect(inspectLines(once).bareEnds).toBe(false);
        expect(makeSendable(once).raw.equals(once)).toBe(true);
      }),
      { numRuns: 500 },
    );
  });
});
