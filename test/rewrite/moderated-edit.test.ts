import { expect, test } from 'vitest';
import type { List } from '../../src/domain/list.ts';
import { renderHead } from '../../src/mail/edit-head.ts';
import { readHead } from '../../src/mail/headers.ts';
import { editedHead } from '../../src/rewrite/moderated-edit.ts';

const list = { name: 'birds', domain: 'lists.example.org', title: 'Birds' } as List;
const head = (...lines: string[]) => readHead(Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'));
const edit = (author: { name: string; email: string }, lines: string[], subject?: string) =>
  renderHead(
    editedHead(head(...lines), {
      list,
      author: author as never,
      moderator: 'bob',
      ...(subject !== undefined && { subject }),
    }),
  ).toString('latin1');

const alice = { name: 'Alice Liddell', email: 'alice@example.com' };

test('an edited post comes from the list, names its author where answers go, and claims no signature', () => {
  const edited = edit(
    alice,
    [
      'Received: from a',
      'DKIM-Signature: v=1; d=example.com;',
      ' b=abc',
      'ARC-Seal: i=1',
      'From: Alice Liddell <alice@example.com>',
      'Sender: x@example.com',
      'Autocrypt: addr=alice@example.com',
      'Subject: Nests',
      'Message-ID: <1@example.com>',
    ],
    'Nests – zwei',
  );
  expect(edited).toBe(
    [
      'X-Moderated-Edit: bob',
      'X-Original-From: Alice Liddell <alice@example.com>',
      'Reply-To: Alice Liddell <alice@example.com>',
      'Received: from a',
      'From: Alice Liddell via Birds <birds@lists.example.org>',
      'Subject: Nests =?utf-8?B?4oCT?= zwei',
      'Message-ID: <1@example.com>',
      '',
    ].join('\r\n'),
  );
});

test.each([
  [
    'an author’s own Reply-To stays',
    alice,
    ['From: x', 'Reply-To: other@example.com'],
    /Reply-To: other@example\.com\r\n/,
  ],
  [
    'a name that is an address is not shown',
    { ...alice, name: 'ceo@bank.example' },
    ['From: x'],
    /^From: alice via Birds <birds@/m,
  ],
  [
    'a nameless author is called by the local part',
    { ...alice, name: '' },
    ['From: x'],
    /^From: alice via Birds <birds@/m,
  ],
  ['another moderator’s mark goes', alice, ['From: x', 'X-Moderated-Edit: eve'], /^(?![\s\S]*eve)/],
])('%s', (_, author, lines, expected) => expect(edit(author, lines)).toMatch(expected));
