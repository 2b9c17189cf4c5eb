import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readMailboxes } from '../../src/mail/author.ts';
import { decodeHeader } from '../../src/mail/decode-header.ts';
import { readHead } from '../../src/mail/headers.ts';
import { plainField } from '../../src/mail/plain-field.ts';

/** What becomes of one field; '' when it goes. */
function plain(field: string): string {
  const [read] = readHead(Buffer.from(`${field}\r\n\r\n`)).fields;
  return (read && plainField(read)?.raw.trimEnd()) ?? '';
}

describe('a field in ASCII', () => {
  test.each([
    ['stays', 'Subject: Birds', 'Subject: Birds'],
    ['with its folding', 'Subject: Birds\r\n of the north', 'Subject: Birds\r\n of the north'],
  ])('%s', (_, field, expected) => {
    expect(plain(field)).toBe(expected);
  });

  test('so does one in another set than UTF-8: nobody knows what it says', () => {
    const [field] = readHead(Buffer.from('Subject: V\xf6gel\r\n\r\n', 'latin1')).fields;
    expect(field && plainField(field)).toBe(field);
  });
});

describe('a field in UTF-8', () => {
  test.each([
    ['a text', 'SUBJECT: Vögel im Norden', 'SUBJECT: =?utf-8?Q?V=C3=B6gel?= im Norden'],
    [
      'a text of somebody else',
      'Signed-Off-By: Jøran <jøran@example.com>',
      'Signed-Off-By: =?utf-8?Q?J=C3=B8ran_=3Cj=C3=B8ran=40example=2Ecom=3E?=',
    ],
    [
      'a name',
      'To: Jøran <joran@example.com>, b@c.example',
      'To: =?utf-8?Q?J=C3=B8ran?= <joran@example.com>, b@c.example',
    ],
    ['a domain', 'To: bob@bücher.example', 'To: bob@xn--bcher-kva.example'],
    [
      'an address, which then only tells who it was',
      'Cc: Jøran <jøran@example.com>, b@c.example',
      'Cc: =?utf-8?Q?J=C3=B8ran_j=C3=B8ran=40example=2Ecom?=:;, b@c.example',
    ],
    [
      'an address in quotes, which would be two without them',
      'Cc: ø <"b@c.example,d"@e.example>',
      'Cc: =?utf-8?Q?=C3=B8_=22b=40c=2Eexample=2Cd=22=40e=2Eexample?=:;',
    ],
    [
      'a place for answers keeps those that can be reached',
      'Reply-To: jøran@example.com, b@c.example',
      'Reply-To: b@c.example',
    ],
    ['and goes where there is none', 'Reply-To: jøran@example.com', ''],
    [
      'a file’s name',
      'Content-Disposition: attachment; filename="Vögel (1).pdf"; size=3',
      "Content-Disposition: attachment; filename*=utf-8''V%C3%B6gel%20%281%29.pdf;\r\n size=3",
    ],
    ['an id', 'Message-ID: <ø@example.com>', ''],
    ['a signature', 'DKIM-Signature: v=1; i=ø@example.com', ''],
    ['a line that is no field', 'Vögel', ''],
  ])('%s', (_, field, expected) => {
    expect(plain(field)).toBe(expected);
  });

  test('whatever it says, it is ASCII then, reads the same, and names no other mailbox', () => {
    const text = fc.string({
      unit: fc.constantFrom('a', 'ø', ' ', '"', '<', '>', '@', ',', ':', ';', '(', '\\', '鳥', '.'),
      maxLength: 40,
    });
    fc.assert(
      fc.property(text, (value) => {
        expect(plain(`To: ${value}`)).toMatch(/^[\x20-\x7e\r\n]*$/);
        const before = readMailboxes(Buffer.from(value).toString('latin1')).addresses;
        const after = readMailboxes(plain(`To: ${value}`).replace(/^To: /, '')).addresses;
        for (const address of after) expect(before).toContain(address);
        const subject = plain(`Subject: ø${value}`)
          .replace(/^Subject: /, '')
          .replace(/\r\n/g, '');
        expect(decodeHeader(subject)).toBe(decodeHeader(Buffer.from(`ø${value}`).toString('latin1')));
      }),
    );
  });
});
