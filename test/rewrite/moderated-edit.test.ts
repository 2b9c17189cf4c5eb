import { expect, test } from 'vitest';
import { renderHead } from '../../src/mail/edit-head.ts';
import { readHead } from '../../src/mail/headers.ts';
import { editedHead } from '../../src/rewrite/moderated-edit.ts';

const head = (...lines: string[]) => readHead(Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'));

test('an edited post keeps its author, says who edited it, and claims no signature', () => {
  const edited = editedHead(
    head(
      'Received: from a',
      'DKIM-Signature: v=1; d=example.com;',
      ' b=abc',
      'ARC-Seal: i=1',
      'From: Alice Liddell <alice@example.com>',
      'Sender: x@example.com',
      'Autocrypt: addr=alice@example.com',
      'Subject: Nests',
      'X-Moderated-Edit: eve',
      'X-Original-From: eve@example.com',
      'Message-ID: <1@example.com>',
    ),
    { moderator: 'bob', subject: 'Nests – zwei' },
  );
  expect(renderHead(edited).toString('latin1')).toBe(
    [
      'X-Moderated-Edit: bob',
      'Received: from a',
      'From: Alice Liddell <alice@example.com>',
      'Subject: Nests =?utf-8?B?4oCT?= zwei',
      'Message-ID: <1@example.com>',
      '',
    ].join('\r\n'),
  );
});

test('without another subject its bytes stay', () => {
  const edited = editedHead(head('subject:   Nests', ' in May'), { moderator: 'bob' });
  expect(renderHead(edited).toString('latin1')).toBe(
    'X-Moderated-Edit: bob\r\nsubject:   Nests\r\n in May\r\n',
  );
});
