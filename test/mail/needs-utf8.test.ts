import { expect, test } from 'vitest';
import { readHead } from '../../src/mail/headers.ts';
import { needsUtf8 } from '../../src/mail/needs-utf8.ts';

test.each<[string, string, boolean]>([
  ['ASCII needs nothing', 'From: a@b.example\r\nSubject: Birds\r\n', false],
  ['an author in UTF-8 needs it', 'From: Jøran <jøran@b.example>\r\n', true],
  ['so does anybody else who is named', 'From: a@b.example\r\nCc: c@d.example, ø@b.example\r\n', true],
  ['and a domain in Unicode', 'From: a@b.example\r\nTo: a@bücher.example\r\n', true],
  [
    'a name or a subject needs it not by itself',
    'From: Jøran <a@b.example>\r\nSubject: Vögel an jøran@b.example\r\n',
    false,
  ],
  [
    'but where it was announced',
    'Received: from x by y with UTF8SMTPS id 1\r\nFrom: Jøran <a@b.example>\r\n',
    true,
  ],
  ['announced for nothing', 'Received: from x by y with UTF8SMTP id 1\r\nFrom: a@b.example\r\n', false],
])('%s', (_, head, expected) => {
  expect(needsUtf8(readHead(Buffer.from(`${head}\r\n`)))).toBe(expected);
});

test('another set is no UTF-8', () => {
  expect(needsUtf8(readHead(Buffer.from('From: j\xf8ran@b.example\r\n\r\n', 'latin1')))).toBe(false);
});
