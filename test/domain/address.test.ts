import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { asciiLowerCase, isDomain, maskAddress, parseAddress } from '../../src/domain/address.ts';

describe('parseAddress', () => {
  it.each([
    ['a plain address', 'alice@example.com', 'alice@example.com'],
    ['capitals, which it folds on both sides', 'Alice.Liddell@EXAMPLE.com', 'alice.liddell@example.com'],
    [
      'every character an atom may hold',
      "!#$%&'*+-/=?^_`{|}~@example.org",
      "!#$%&'*+-/=?^_`{|}~@example.org",
    ],
    ['a one-letter domain label', 'a@b.example', 'a@b.example'],
    ['an A-label', 'bob@xn--bcher-kva.example', 'bob@xn--bcher-kva.example'],
    ['digits in every label but the last', 'test@123.123.123.x123', 'test@123.123.123.x123'],
    ['a local part outside ASCII', 'Jøran@example.com', 'jøran@example.com'],
    ['capitals outside ASCII, which only their host may fold', 'ØYSTEIN@example.com', 'Øystein@example.com'],
    ['a letter in two pieces, as one (NFC)', 'jo\u0308rg@example.com', 'j\u00f6rg@example.com'],
    ['exactly 64 octets of UTF-8', `${'ø'.repeat(32)}@example.com`, `${'ø'.repeat(32)}@example.com`],
    ['a local part of exactly 64 octets', `${'a'.repeat(64)}@example.com`, `${'a'.repeat(64)}@example.com`],
  ])('accepts %s', (_, text, address) => {
    expect(parseAddress(text)).toBe(address);
  });

  it.each([
    ['a local part of 65 octets (RFC 5321 §4.5.3.1.1)', `${'a'.repeat(65)}@example.com`],
    ['more than 254 octets in all (RFC 5321 §4.5.3.1.3)', `a@${'b'.repeat(60)}.${'c.'.repeat(100)}example`],
    [
      'a quoted local part: legal, but nobody has one and parsers disagree about them',
      '"alice smith"@example.com',
    ],
    ['a quoted local part that hides another address', '"a@evil.example"@example.com'],
    ['an address literal: a member lives at a name', 'alice@[192.0.2.1]'],
    ['an IPv4 address as if it were a name', 'alice@192.0.2.1'],
    ['a domain of one label: it means another host on every machine', 'alice@localhost'],
    ['a trailing dot', 'alice@example.com.'],
    ['two dots in the local part', 'a..b@example.com'],
    ['a leading dot', '.alice@example.com'],
    ['a label that ends in a hyphen', 'alice@example-.com'],
    ['a label of 64 characters', `alice@${'a'.repeat(64)}.com`],
    ['an underscore in the domain', 'alice@under_scope.example'],
    ['a space', 'alice @example.com'],
    ['a line end', 'alice@example.com\r\n'],
    ['a comment', 'alice(comment)@example.com'],
    ['more than 64 octets of UTF-8', `${'ø'.repeat(33)}@example.com`],
    ['a character that cannot be seen', 'al\u200bice@example.com'],
    ['one that turns the line', 'al\u202eice@example.com'],
    ['a control character of ISO 8859', 'al\u0085ice@example.com'],
    ['a wide space', 'al\u3000ice@example.com'],
    ['half a character', 'al\ud83dice@example.com'],
    ['what stands for a character that could not be read', 'al\ufffdice@example.com'],
    ['a Kelvin sign, of which NFC makes a K', '\u212aim@example.com'],
    ['a Greek question mark, of which NFC makes a semicolon', 'a\u037eb@example.com'],
    ['non-ASCII in the domain: it must arrive as A-labels', 'bob@bücher.example'],
    ['a source route', '@relay.example:alice@example.com'],
    ['no local part', '@example.com'],
    ['no domain', 'alice@'],
    ['nothing', ''],
  ])('refuses %s', (_, text) => {
    expect(parseAddress(text)).toBeUndefined();
  });

  it('gives a form that it reads as itself', () => {
    fc.assert(
      fc.property(fc.emailAddress({ size: 'large' }), (text) => {
        const address = parseAddress(text);
        fc.pre(address !== undefined);
        expect(parseAddress(address)).toBe(address);
        expect(address).toMatch(/^[\x21-\x7e]+@[a-z0-9.-]+$/);
      }),
    );
  });

  it('never throws, and never lets a character through that breaks a header or an envelope', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (text) => {
        const address = parseAddress(`${text}@example.com`);
        expect(address ?? '').not.toMatch(/[\s<>()[\]\\,;:"\p{Cc}\p{Cf}]/u);
        expect(parseAddress(address ?? '')).toBe(address);
      }),
    );
  });
});

describe('isDomain', () => {
  it('takes linear time for a name of many labels', () => {
    const started = performance.now();
    isDomain(`${'a-'.repeat(120)}!`);
    isDomain(`${'a.'.repeat(126)}`);
    expect(performance.now() - started).toBeLessThan(50);
  });
});

it('folds only ASCII letters, because the Kelvin sign is no k', () => {
  expect(asciiLowerCase('ABC\u212aÄ')).toBe('abc\u212aÄ');
});

it.each([
  ['alice@example.com', 'a…e@example.com'],
  ['ab@example.com', 'a…@example.com'],
  ['🐦🌳🐣@example.com', '🐦…🐣@example.com'],
])('masks %s so that only its owner knows it again', (text, masked) => {
  const address = parseAddress(text);
  expect(address && maskAddress(address)).toBe(masked);
});
