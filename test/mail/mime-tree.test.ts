import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { extract } from '../../src/mail/extract.ts';
import { readHead } from '../../src/mail/headers.ts';
import { type MimePart, readMime } from '../../src/mail/mime-tree.ts';

function read(...lines: string[]) {
  const raw = Buffer.from(lines.map((line) => `${line}\r\n`).join(''));
  return readMime(raw, readHead(raw));
}

/** `1 text/plain` for each leaf. */
function leaves(part: MimePart): string[] {
  return part.children.length === 0 ? [`${part.number} ${part.type}`] : part.children.flatMap(leaves);
}

const multipart = (kind: string, boundary: string, ...parts: string[][]) => [
  `Content-Type: multipart/${kind}; boundary="${boundary}"`,
  '',
  ...parts.flatMap((part) => [`--${boundary}`, ...part]),
  `--${boundary}--`,
];
const plain = ['Content-Type: text/plain', '', 'text'];

describe('parts and their numbers', () => {
  test.each([
    ['a message that is one part', plain, ['1 text/plain']],
    [
      'a multipart',
      multipart('mixed', 'x', plain, ['Content-Type: image/png', '', 'A']),
      ['1 text/plain', '2 image/png'],
    ],
    [
      'a multipart in a multipart',
      multipart('mixed', 'x', multipart('alternative', 'y', plain, plain), plain),
      ['1.1 text/plain', '1.2 text/plain', '2 text/plain'],
    ],
    [
      'a boundary that begins like another',
      multipart('mixed', 'x', multipart('mixed', 'xx', plain), plain),
      ['1.1 text/plain', '2 text/plain'],
    ],
    [
      'a boundary that goes on with a hyphen',
      multipart('mixed', 'x', multipart('mixed', 'x-i', plain, plain), plain),
      ['1.1 text/plain', '1.2 text/plain', '2 text/plain'],
    ],
    [
      'a forwarded message of one part',
      multipart('mixed', 'x', ['Content-Type: message/rfc822', '', 'Subject: a', '', 'b']),
      ['1.1 text/plain'],
    ],
    [
      'a forwarded multipart',
      multipart('mixed', 'x', ['Content-Type: message/rfc822', '', ...multipart('mixed', 'y', plain, plain)]),
      ['1.1 text/plain', '1.2 text/plain'],
    ],
    [
      'a digest, whose parts are messages',
      multipart('digest', 'x', ['', 'Subject: a', '', 'b']),
      ['1.1 text/plain'],
    ],
    ['a part without header or empty line', multipart('mixed', 'x', ['just text']), ['1 text/plain']],
    ['an invalid type', multipart('mixed', 'x', ['Content-Type: nonsense', '', 'b']), ['1 text/plain']],
    ['a multipart without a boundary', ['Content-Type: multipart/mixed', '', 'b'], ['1 text/plain']],
    ['a delimiter in the middle of a line', multipart('mixed', 'x', ['', 'a --x', 'b']), ['1 text/plain']],
    [
      'white space after a delimiter',
      ['Content-Type: multipart/mixed; boundary=x', '', '--x \t', '', 'a', '--x--'],
      ['1 text/plain'],
    ],
    [
      'a last delimiter that is missing',
      ['Content-Type: multipart/mixed; boundary=x', '', '--x', '', 'a', '--x', '', 'b'],
      ['1 text/plain', '2 text/plain'],
    ],
  ])('%s', (_, lines, expected) => {
    expect(leaves(read(...lines))).toEqual(expected);
  });

  test('bodies are the very bytes, without the line end of the delimiter', () => {
    const tree = read(...multipart('mixed', 'x', ['', 'one', 'two'], ['', '']));
    expect(tree.children.map((part) => part.body.toString())).toEqual(['one\r\ntwo', '']);
  });
});

describe('hostile structure', () => {
  const timed = (raw: string) => {
    const bytes = Buffer.from(raw);
    const begun = performance.now();
    const found = extract(bytes, readHead(bytes));
    expect(performance.now() - begun).toBeLessThan(1000);
    return found;
  };

  test('100,000 parts are read as far as anybody would look', () => {
    const part = '--x\r\nContent-Type: image/png\r\n\r\nA\r\n';
    expect(
      timed(`Content-Type: multipart/mixed; boundary=x\r\n\r\n${part.repeat(100_000)}`).attachments,
    ).toHaveLength(2000);
  });

  test('10,000 multiparts in each other are read to a depth of 20', () => {
    const open = (i: number) => `Content-Type: multipart/mixed; boundary=b${i}\r\n\r\n--b${i}\r\n`;
    timed(Array.from({ length: 10_000 }, (_, i) => open(i)).join(''));
  });

  test('every part with the boundary of its parent', () => {
    timed(
      `Content-Type: multipart/mixed; boundary=x\r\n\r\n${'--x\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n'.repeat(20_000)}`,
    );
  });

  test('thousands of small HTML parts cost no more than one large', () => {
    const part = `--x\r\nContent-Type: text/html\r\n\r\n<p>${'a'.repeat(5000)}\r\n`;
    expect(
      timed(`Content-Type: multipart/mixed; boundary=x\r\n\r\n${part.repeat(2000)}`).text.length,
    ).toBeLessThanOrEqual(262_144);
  });

  test('any bytes have a structure', () => {
    const piece = fc.constantFrom(
      'Content-Type: multipart/mixed; boundary=x',
      'Content-Type: message/rfc822',
      '--x',
      '--x--',
      '',
      'a',
      'Content-Disposition: attachment',
      'Content-Transfer-Encoding: base64',
      '\0',
      '=?utf-8?q?=FF?=',
      ' folded',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), fc.constantFrom('\r\n', '\n'), (lines, end) => {
        const raw = Buffer.from(lines.join(end));
        const { text, attachments } = extract(raw, readHead(raw));
        expect(typeof text).toBe('string');
        for (const attachment of attachments) expect(attachment.part).toMatch(/^\d+(\.\d+)*$/);
      }),
    );
  });
});
