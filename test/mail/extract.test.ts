import { describe, expect, test } from 'vitest';
import { extract } from '../../src/mail/extract.ts';
import { readHead } from '../../src/mail/headers.ts';

/** Lines with CRLF; bytes outside ASCII by `Buffer`s in between. */
function mail(...lines: (string | Buffer)[]): Buffer {
  return Buffer.concat(lines.flatMap((line) => [Buffer.from(line), Buffer.from('\r\n')]));
}

async function read(...lines: (string | Buffer)[]) {
  const raw = mail('From: a@example.org', ...lines);
  const { text, attachments } = extract(raw, readHead(raw));
  return { text: text.trim(), attachments };
}

const part = (boundary: string, ...lines: (string | Buffer)[]) => [`--${boundary}`, ...lines];

describe('the text of', () => {
  test.each<[name: string, lines: (string | Buffer)[], text: string]>([
    ['plain text without a MIME header', ['', 'hello'], 'hello'],
    ['UTF-8', ['Content-Type: text/plain; charset=utf-8', '', 'Vögel'], 'Vögel'],
    ['a charset of old', ['Content-Type: text/plain; charset="iso-8859-15"', '', Buffer.from([0xa4])], '€'],
    ['Japanese mail', ['Content-Type: text/plain; charset=iso-2022-jp', '', '\x1b$BD;\x1b(B'], '鳥'],
    ['an unknown charset that is UTF-8', ['Content-Type: text/plain; charset=nonsense', '', 'é'], 'é'],
    [
      'bytes that are no UTF-8 though they say so',
      ['Content-Type: text/plain; charset=utf-8', '', Buffer.from([0xe9])],
      'é',
    ],
    [
      'base64',
      ['Content-Type: text/plain', 'Content-Transfer-Encoding: base64', '', 'aGVs', 'bG8='],
      'hello',
    ],
    [
      'quoted-printable',
      [
        'Content-Type: text/plain; charset=utf-8',
        'Content-Transfer-Encoding: Quoted-Printable',
        '',
        'n=C3=A9st=',
        'ed',
      ],
      'nésted',
    ],
    ['flowed text', ['Content-Type: text/plain; format=flowed', '', 'one ', 'two'], 'one two'],
    [
      'HTML',
      ['Content-Type: text/html', '', '<p>one</p><blockquote>two</blockquote><script>x()</script>'],
      'one\n\n> two',
    ],
    [
      'the plain alternative',
      [
        'Content-Type: multipart/alternative; boundary=x',
        '',
        ...part('x', 'Content-Type: text/plain', '', 'plain'),
        ...part('x', 'Content-Type: text/html', '', '<b>html</b>'),
        '--x--',
      ],
      'plain',
    ],
    [
      'the other one when the plain is empty',
      [
        'Content-Type: multipart/alternative; boundary=x',
        '',
        ...part('x', 'Content-Type: text/plain', '', ''),
        ...part('x', 'Content-Type: text/html', '', '<b>html</b>'),
        '--x--',
      ],
      'html',
    ],
    [
      'HTML above a plain footer',
      [
        'Content-Type: multipart/mixed; boundary=x',
        '',
        ...part('x', 'Content-Type: text/html', '', '<b>body</b>'),
        ...part('x', 'Content-Type: text/plain', '', 'footer'),
        '--x--',
      ],
      'body\nfooter',
    ],
    [
      'a forwarded message',
      [
        'Content-Type: multipart/mixed; boundary=x',
        '',
        ...part('x', '', 'see below'),
        ...part(
          'x',
          'Content-Type: message/rfc822',
          '',
          'Subject: inner',
          'Content-Type: text/plain',
          '',
          'inner text',
        ),
        '--x--',
      ],
      'see below\nSubject: inner\ninner text',
    ],
    ['no body at all', [], ''],
    [
      'a multipart whose boundary never comes',
      ['Content-Type: multipart/mixed; boundary=x', '', 'preamble'],
      'preamble',
    ],
  ])('%s', async (_, lines, text) => {
    expect((await read(...lines)).text).toBe(text);
  });

  test('NUL is dropped, bare CR ends a line', async () => {
    expect((await read('', 'a\0b\rc')).text).toBe('ab\nc');
  });
});

describe('attachments', () => {
  const attached = (...heads: string[]) =>
    read(
      'Content-Type: multipart/mixed; boundary=x',
      '',
      ...part('x', '', 'text'),
      ...part('x', ...heads, '', 'AAAA'),
      '--x--',
    );

  test('are counted, named and measured as decoded', async () => {
    const { attachments } = await attached(
      'Content-Type: application/pdf; name="a.pdf"',
      'Content-Disposition: attachment; filename="nests.pdf"',
      'Content-Transfer-Encoding: base64',
    );
    expect(attachments).toEqual([
      { part: '2', filename: 'nests.pdf', contentType: 'application/pdf', bytes: 3, embedded: false },
    ]);
  });

  test.each([
    ['an encoded word', ['Content-Type: image/png; name="=?utf-8?Q?V=C3=B6gel=2Epng?="'], 'Vögel.png'],
    [
      'RFC 2231',
      ['Content-Type: image/png', "Content-Disposition: attachment; filename*=utf-8''V%C3%B6gel.png"],
      'Vögel.png',
    ],
    ['no name', ['Content-Type: image/png'], ''],
  ])('by %s', async (_, heads, filename) => {
    expect((await attached(...heads)).attachments).toMatchObject([{ filename, contentType: 'image/png' }]);
  });

  test('a signature and the images of HTML are part of the text', async () => {
    const signed = await attached('Content-Type: application/pgp-signature; name="signature.asc"');
    expect(signed.attachments).toMatchObject([{ embedded: true }]);
    const { attachments } = await read(
      'Content-Type: multipart/related; boundary=x',
      '',
      ...part('x', 'Content-Type: text/html', '', '<img src="cid:i">'),
      ...part('x', 'Content-Type: image/png', 'Content-ID: <i>', '', 'AAAA'),
      '--x--',
    );
    expect(attachments).toMatchObject([{ embedded: true, part: '2' }]);
  });

  test('a mail that is nothing but a file', async () => {
    const { text, attachments } = await read(
      'Content-Type: application/pdf; name=a.pdf',
      'Content-Transfer-Encoding: base64',
      '',
      'AAAA',
    );
    expect(text).toBe('');
    expect(attachments).toMatchObject([{ part: '1', filename: 'a.pdf', bytes: 3 }]);
  });
});
