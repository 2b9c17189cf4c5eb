import { describe, expect, test } from 'vitest';
import { readHead } from '../../src/mail/headers.ts';
import { readableText } from '../../src/mail/readable-text.ts';
import { editableText, replaceText } from '../../src/mail/replace-text.ts';

const mail = (...lines: string[]) => Buffer.from(lines.join('\r\n'), 'latin1');
const top = ['From: a@example.org', 'Subject: x'];
const plain = mail(...top, '', 'Three eggs.', '');
const image = [
  '--o',
  'Content-Type: image/png; name="n.png"',
  'Content-Transfer-Encoding: base64',
  '',
  'iVBORw0KGgo=',
  '--o--',
  'after',
  '',
];
const mixed = mail(
  ...top,
  'MIME-Version: 1.0',
  'Content-Type: multipart/mixed; boundary=o',
  '',
  'before',
  '--o',
  'Content-Type: text/plain; charset=iso-8859-1',
  'Content-Transfer-Encoding: quoted-printable',
  '',
  'Gr=FC=DFe',
  ...image,
);
const both = [
  'Content-Type: multipart/alternative; boundary=i',
  '',
  '--i',
  '',
  'Three eggs.',
  '--i',
  'Content-Type: text/html',
  '',
  '<p>Three eggs.</p>',
  '--i--',
];

describe('the text that can be edited', () => {
  test.each<[string, Buffer, string]>([
    ['of a mail without MIME', plain, 'Three eggs.\n'],
    ['of the first part', mixed, 'Grüße'],
    ['of both forms of a text', mail(...top, ...both, ''), 'Three eggs.'],
    [
      'inside a mixed mail',
      mail(...top, 'Content-Type: multipart/mixed; boundary=o', '', '--o', ...both, ...image),
      'Three eggs.',
    ],
    [
      'in base64',
      mail(...top, 'Content-Transfer-Encoding: base64', '', 'VGhyZWUgZWdncy4K', ''),
      'Three eggs.\n',
    ],
    [
      'that flows, as paragraphs',
      mail(...top, 'Content-Type: text/plain; format=flowed', '', 'Three ', 'eggs.', ''),
      'Three eggs.\n',
    ],
  ])('%s', (_, raw, text) => expect(editableText(raw)).toEqual({ kind: 'editable', text }));

  test.each<[string, string[], RegExp]>([
    [
      'a signed mail',
      ['Content-Type: multipart/signed; boundary=o', '', '--o', '', 'x', '--o--', ''],
      /signed/,
    ],
    [
      'an encrypted one',
      ['Content-Type: multipart/encrypted; boundary=o', '', '--o', '', 'x', '--o--', ''],
      /encrypted/,
    ],
    ['one of S/MIME', ['Content-Type: application/pkcs7-mime', '', 'MIIB'], /signed/],
    ['HTML alone', ['Content-Type: text/html', '', '<p>x'], /HTML/],
    [
      'two texts',
      ['Content-Type: multipart/mixed; boundary=o', '', '--o', '', 'x', '--o', '', 'y', '--o--', ''],
      /more than one text/,
    ],
    ['a picture first', ['Content-Type: multipart/mixed; boundary=o', '', ...image], /no plain text/],
    ['an unknown encoding', ['Content-Transfer-Encoding: x-uuencode', '', 'begin'], /no plain text/],
    ['a boundary that is missing', ['Content-Type: multipart/mixed', '', 'x'], /no plain text/],
    ['256 KiB and an octet', ['', 'x'.repeat(256 * 1024 + 1)], /too long/],
    [
      'as much beside a file',
      ['Content-Type: multipart/mixed; boundary=o', '', '--o', '', 'x'.repeat(256 * 1024 + 1), ...image],
      /too long/,
    ],
  ])('is none in %s', (_, lines, why) => {
    const raw = mail(...top, ...lines);
    expect(editableText(raw)).toMatchObject({ kind: 'not-editable', why: expect.stringMatching(why) });
    expect(replaceText(raw, 'Two.')).toBeUndefined();
  });
});

test('a text of exactly 256 KiB can be edited', () => {
  const raw = mail(...top, '', 'x'.repeat(256 * 1024));
  expect(editableText(raw)).toEqual({ kind: 'editable', text: 'x'.repeat(256 * 1024) });
});

describe('the mail with another text', () => {
  test.each<[string, Buffer]>([
    ['without MIME', plain],
    ['mixed', mixed],
    ['of two forms', mail(...top, ...both, '')],
  ])('%s reads as that text', (_, raw) => {
    const edited = replaceText(raw, 'Two eggs – Grüße.\nAnd a line.') ?? Buffer.alloc(0);
    expect(readableText(edited).replaceAll('\r\n', '\n').trim()).toBe('Two eggs – Grüße.\nAnd a line.');
    expect(readHead(edited).fields.filter(({ name }) => name === 'content-type')).toHaveLength(1);
    expect(edited.includes('Three')).toBe(false);
  });

  test('keeps every other byte', () => {
    const edited = replaceText(mixed, 'Two.')?.toString('latin1') ?? '';
    const original = mixed.toString('latin1');
    expect(edited.startsWith(original.slice(0, original.indexOf('--o\r\n') + 5))).toBe(true);
    expect(edited.endsWith(original.slice(original.indexOf('\r\n--o\r\nContent-Type: image')))).toBe(true);
  });

  test('is none where the new text would end the part', () => {
    expect(replaceText(mixed, 'Two.\n--o\nThree.')).toBeUndefined();
  });
});
