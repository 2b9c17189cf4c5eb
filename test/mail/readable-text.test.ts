import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readableText } from '../../src/mail/readable-text.ts';

const read = (text: string) => readableText(Buffer.from(text.replaceAll('\n', '\r\n'), 'latin1')).trim();
const part = (fields: string, body: string) => `--b\n${fields}\n\n${body}\n`;
const multipart = (type: string, ...parts: string[]) =>
  `Content-Type: multipart/${type}; boundary="b"\n\nThis is MIME.\n${parts.join('')}--b--\nepilogue\n`;

describe('readableText', () => {
  it.each([
    ['a mail without MIME', 'From: a\n\nhello', 'hello'],
    ['no body', 'From: a\n', ''],
    ['quoted-printable', 'Content-Transfer-Encoding: quoted-printable\n\nV=C3=B6=\ngel', 'Vögel'],
    ['base64', 'Content-Transfer-Encoding: BASE64\n\nVsO2\nZ2Vs', 'Vögel'],
    ['ISO-8859-1', 'Content-Type: text/plain; charset=ISO-8859-1\n\nV\xf6gel', 'Vögel'],
    ['windows-1252 that says nothing', 'Content-Type: text/plain\n\n\x80 5', '€ 5'],
    ['windows-1252 that says UTF-8', 'Content-Type: text/plain; charset=utf-8\n\nV\xf6gel', 'Vögel'],
    ['an unknown charset', 'Content-Type: text/plain; charset=x-none\n\nnest', 'nest'],
    [
      'HTML alone',
      'Content-Type: text/html\n\n<p>Please <b>remove</b> me</p><p>Bob</p>',
      'Please remove me\n\nBob',
    ],
    [
      'HTML with a style sheet',
      `Content-Type: text/html\n\n<STYLE>${'x{}'.repeat(15_000)}</STYLE><p>leave</p>`,
      'leave',
    ],
    [
      'the plain one of two alternatives',
      multipart(
        'alternative',
        part('Content-Type: text/html', '<p>html</p>'),
        part('Content-Type: text/plain', 'plain'),
      ),
      'plain',
    ],
    ...['', ' \xa0', '\n\n'].map((blank): [string, string, string] => [
      `HTML beside a plain text of ${JSON.stringify(blank)}`,
      multipart(
        'alternative',
        part('Content-Type: text/plain', blank),
        part('Content-Type: text/html', '<p>No, never!</p>'),
      ),
      'No, never!',
    ]),
    ['a part without a type', multipart('mixed', part('', 'plain')), 'plain'],
    [
      'the text, not the attachment before it',
      multipart(
        'mixed',
        part('Content-Type: text/plain\nContent-Disposition: attachment; filename=a.txt', 'file'),
        part('Content-Type: text/plain', 'plain'),
      ),
      'plain',
    ],
    [
      'a part inside a part',
      multipart(
        'mixed',
        part(
          'Content-Type: multipart/alternative; boundary=bb',
          '--bb\nContent-Type: text/plain\n\ninner\n--bb--',
        ),
      ),
      'inner',
    ],
    [
      'a part whose last boundary is missing',
      'Content-Type: multipart/mixed; boundary=b\n\n--b\n\nplain\n',
      'plain',
    ],
    [
      'a boundary that another one begins with',
      multipart('mixed', part('', 'one\n--bc\ntwo')),
      'one\r\n--bc\r\ntwo',
    ],
    ['nothing in a multipart without a boundary', 'Content-Type: multipart/mixed\n\nplain', ''],
    ['only a picture', 'Content-Type: image/png\n\nxx', ''],
    [
      'a forwarded mail is not looked into',
      multipart('mixed', part('Content-Type: message/rfc822', 'A: b\n\nx')),
      '',
    ],
  ])('reads %s', (_, mail, text) => {
    expect(read(mail)).toBe(text);
  });

  it('reads at most 64 KiB of a leaf, and 40 lines of HTML', () => {
    expect(read(`A: b\n\n${'x'.repeat(200_000)}`)).toHaveLength(64 * 1024);
    expect(read(`Content-Type: text/html\n\n${'line<br>'.repeat(100)}`).split('\n')).toHaveLength(40);
  });

  it('never throws', () => {
    const piece = fc.constantFrom(
      'Content-Type: multipart/mixed; boundary=b\n',
      'Content-Type: text/html\n',
      'Content-Transfer-Encoding: base64\n',
      '\n',
      '--b\n',
      '--b--\n',
      '<div>',
      '=3',
      'x',
      '\xff',
      '\0',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
        expect(typeof read(pieces.join(''))).toBe('string');
      }),
    );
  });

  const html = (body: string) => `Content-Type: text/html\n\n${body}`;
  const nested = Array.from(
    { length: 5000 },
    (_, i) => `Content-Type: multipart/mixed; boundary=b${i}\n\n--b${i}\n`,
  );
  it.each([
    ['20,000 nested blocks', html('<div>'.repeat(20_000))],
    ['nested tables', html('<table><tr><td>'.repeat(8000))],
    ['nested lists', html('<ul><li>'.repeat(8000))],
    ['entities', html('&amp'.repeat(20_000))],
    ['5,000 nested multiparts', nested.join('')],
    ['300,000 parts', `Content-Type: multipart/mixed; boundary=b\n\n${'--b\n\nx\n'.repeat(300_000)}`],
    ['a million false boundaries', `Content-Type: multipart/mixed; boundary=b\n\n${'--bx\n'.repeat(1e6)}`],
    ['50,000 parameters', `Content-Type: ${'a;b='.repeat(50_000)}\n\nx`],
  ])('is done soon with %s', (_, mail) => {
    const raw = Buffer.from(mail.replaceAll('\n', '\r\n'));
    const started = performance.now();
    readableText(raw);
    expect(performance.now() - started).toBeLessThan(500);
  });
});

it('is not made to search a large mail once for each of many depths', () => {
  const heads = Array.from(
    { length: 20 },
    (_, i) =>
      `Content-Type: multipart/mixed; boundary=${'b'.repeat(30)}${i}\r\n\r\n--${'b'.repeat(30)}${i}\r\n`,
  );
  const nested = (depth: number) =>
    Buffer.concat([
      Buffer.from(`From: a@example.org\r\n${heads.slice(0, depth).join('')}\r\n`),
      Buffer.alloc(24 << 20, `--${'b'.repeat(30)}-\r\n`),
    ]);
  const timeOf = (raw: Buffer) => {
    const began = process.cpuUsage();
    readableText(raw);
    return process.cpuUsage(began).user;
  };
  timeOf(nested(2));
  expect(timeOf(nested(20))).toBeLessThan(4 * timeOf(nested(2)));
});

it('finds the text of a large mail behind its pictures, two multiparts deep', () => {
  const picture = `--p\r\nContent-Type: image/png\r\nContent-Transfer-Encoding: base64\r\n\r\n${'QUJD\r\n'.repeat(500_000)}`;
  const raw =
    'Content-Type: multipart/mixed; boundary=m\r\n\r\n--m\r\n' +
    `Content-Type: multipart/related; boundary=p\r\n\r\n${picture}--p\r\n` +
    'Content-Type: multipart/alternative; boundary=a\r\n\r\n--a\r\n\r\nThe swifts.\r\n--a--\r\n--p--\r\n--m--\r\n';
  expect(readableText(Buffer.from(raw))).toBe('The swifts.');
});
