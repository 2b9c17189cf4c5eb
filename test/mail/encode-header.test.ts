import fc from 'fast-check';
import addressparser from 'nodemailer/lib/addressparser';
import { describe, expect, it } from 'vitest';
import { decodeHeader } from '../../src/mail/decode-header.ts';
import { newField } from '../../src/mail/edit-head.ts';
import { encodePhrase, encodeText, formatMailbox } from '../../src/mail/encode-header.ts';

const tidy = (text: string) =>
  text
    .replace(/[\s\u2028\u2029]+/g, ' ')
    .replace(/[\p{Cc}\p{Cs}]/gu, '')
    .replace(/ {2,}/g, ' ')
    .trim();

describe('encodeText', () => {
  it.each([
    ['ASCII stays as it is', 'Re: nests, "eggs" & more', 'Re: nests, "eggs" & more'],
    ['only the words that need it are encoded', 'Re: Vögel today', 'Re: =?utf-8?Q?V=C3=B6gel?= today'],
    ['the words between them too', 'a é b é c', 'a =?utf-8?B?w6kgYiDDqQ==?= c'],
    ['a script with no ASCII at all is shorter in B', '日本語', '=?utf-8?B?5pel5pys6Kqe?='],
    ['what looks encoded already', '=?utf-8?Q?x?=', '=?utf-8?B?PT91dGYtOD9RP3g/PQ==?='],
    ['line ends become spaces', 'a\r\nBcc: b', 'a Bcc: b'],
    ['nothing', '', ''],
  ])('%s', (_, text, encoded) => {
    expect(encodeText(text)).toBe(encoded);
  });

  it('never splits a character and never makes a word longer than 75', () => {
    for (const word of encodeText('🐦'.repeat(100)).split(' ')) {
      expect(word.length).toBeLessThanOrEqual(75);
      expect(decodeHeader(word)).toMatch(/^(?:🐦)+$/u);
    }
  });

  it('reads back as the same text, and always fits a field', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 400 }), (text) => {
        const encoded = encodeText(text);
        expect(() => newField('Subject', encoded)).not.toThrow();
        fc.pre(!/[\u202a-\u202e\u2066-\u2069]/.test(text));
        expect(decodeHeader(encoded)).toBe(tidy(text));
      }),
      { examples: [['é \u0001 é'], ['a \u0001 b'], [' \u0001 ']] },
    );
  });
});

describe('encodePhrase', () => {
  it.each([
    ['atoms', 'Alice Liddell', 'Alice Liddell'],
    ['a dot', 'Alice B. Liddell', '"Alice B. Liddell"'],
    ['a comma', 'Liddell, Alice', '"Liddell, Alice"'],
    ['quotes', 'Alice "Ace" \\ L', '"Alice \\"Ace\\" \\\\ L"'],
    ['an address', 'bob@evil.example', '"bob@evil.example"'],
    ['letters with accents', 'Zoë', '=?utf-8?Q?Zo=C3=AB?='],
    ['nothing', ' ', ''],
  ])('writes a name with %s', (_, name, phrase) => {
    expect(encodePhrase(name)).toBe(phrase);
  });

  it('leaves a mailbox with one address whatever the name says', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (name) => {
        const mailbox = formatMailbox({ name, email: 'alice@example.com' });
        expect(() => newField('From', mailbox)).not.toThrow();
        expect(addressparser(mailbox).map((each) => each.address)).toEqual(['alice@example.com']);
      }),
    );
  });
});
