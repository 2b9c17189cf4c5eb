import { describe, expect, test } from 'vitest';
import { renderHead } from '../../src/mail/edit-head.ts';
import { readHead } from '../../src/mail/headers.ts';
import { type CopyForm, plainCopy } from '../../src/rewrite/plain-copy.ts';

function plain(text: string, form: CopyForm = 'seven-bit'): string {
  const raw = Buffer.from(text);
  const head = readHead(raw);
  const copy = plainCopy({ head, body: raw.subarray(head.bodyStart) }, form);
  return Buffer.concat([renderHead(copy.head), Buffer.from('\r\n'), copy.body]).toString('latin1');
}

const mime = 'From: a@b.example\r\nMIME-Version: 1.0\r\n';

describe('a copy for a next hop that takes less', () => {
  test('has its text in quoted-printable, or in base64 where that is shorter', () => {
    expect(
      plain(
        `${mime}Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\nDrei schöne Eier.\r\n`,
      ),
    ).toBe(
      `${mime}Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\nDrei sch=C3=B6ne Eier.\r\n`,
    );
    expect(plain(`${mime}Content-Type: text/plain; charset=utf-8\r\n\r\n鳥の会\r\n`)).toContain(
      'Content-Transfer-Encoding: base64\r\n\r\n6bOl44Gu5LyaDQo=',
    );
  });

  test('has every other part as it was', () => {
    const part = (type: string, text: string) => `--b\r\nContent-Type: ${type}\r\n\r\n${text}\r\n`;
    const signed = `--b\r\nContent-Type: multipart/signed; boundary=s\r\n\r\n--s\r\n\r\nschön\r\n--s--\r\n`;
    const tail = `${part('message/rfc822', 'Subject: schön\r\n\r\nschön')}${signed}--b--\r\n`;
    const head = `${mime}Content-Type: multipart/mixed; boundary=b\r\n\r\npreamble\r\n`;
    const out = plain(`${head}${part('text/plain; charset=utf-8', 'Drei schöne Eier')}${tail}`);
    expect(out).toBe(
      `${head}--b\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\nDrei sch=C3=B6ne Eier\r\n${Buffer.from(tail).toString('latin1')}`,
    );
  });

  test('has its body as it was where only SMTPUTF8 lacks, and all of it where nothing does', () => {
    const text = 'Subject: Vögel\r\n\r\nDrei schöne Eier\r\n';
    const octets = Buffer.from(text).toString('latin1');
    expect(plain(text, 'ascii-head')).toBe(octets.replace('V\xc3\xb6gel', '=?utf-8?Q?V=C3=B6gel?='));
    expect(plain(text, 'full')).toBe(octets);
  });

  test('has its fields in ASCII', () => {
    expect(plain('From: Jøran <birds-from+abc@lists.example.org>\r\nSubject: Vögel\r\n\r\nx\r\n')).toBe(
      'From: =?utf-8?Q?J=C3=B8ran?= <birds-from+abc@lists.example.org>\r\nSubject: =?utf-8?Q?V=C3=B6gel?=\r\n\r\nx\r\n',
    );
  });
});
