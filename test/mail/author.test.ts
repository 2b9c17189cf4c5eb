import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readAuthor, readMailboxes, readNamed } from '../../src/mail/author.ts';
import { readHead } from '../../src/mail/headers.ts';

const readFrom = (field: string) => readAuthor(readHead(Buffer.from(`${field}\r\n\r\n`)));
const author = (value: string) => readFrom(`From: ${value}`);

describe('readAuthor', () => {
  it.each([
    ['a bare address', 'alice@example.com', 'alice@example.com', ''],
    ['an address in angle brackets', '<Alice@Example.COM>', 'alice@example.com', ''],
    ['a name of atoms', 'Alice Liddell <alice@example.com>', 'alice@example.com', 'Alice Liddell'],
    ['no space before the bracket', 'Alice<alice@example.com>', 'alice@example.com', 'Alice'],
    ['a quoted name', '"Liddell, Alice" <alice@example.com>', 'alice@example.com', 'Liddell, Alice'],
    ['an escaped quote in the name', '"Alice \\"Ace\\"" <a@b.example>', 'a@b.example', 'Alice "Ace"'],
    ['an encoded name', '=?utf-8?Q?Zo=C3=AB?= <zoe@example.com>', 'zoe@example.com', 'Zoë'],
    [
      'an encoded name in quotes, as many programs write it',
      '"=?utf-8?Q?Zo=C3=AB?=" <z@b.example>',
      'z@b.example',
      'Zoë',
    ],
    [
      'an encoded name that decodes to an address',
      '=?utf-8?B?PGV2aWxAeC55Pg==?= <a@b.example>',
      'a@b.example',
      '<evil@x.y>',
    ],
    ['a raw UTF-8 name', 'Zoë <zoe@example.com>', 'zoe@example.com', 'Zoë'],
    [
      'a dot in an unquoted name (RFC 5322 §4.1)',
      'Alice B. Liddell <a@b.example>',
      'a@b.example',
      'Alice B. Liddell',
    ],
    ['an address as a quoted name', '"bob@evil.example" <a@b.example>', 'a@b.example', 'bob@evil.example'],
    ['a comment in the name', 'Alice (ACME) <a@b.example>', 'a@b.example', 'Alice (ACME)'],
    ['a comment after the address', 'Alice <a@b.example> (ACME)', 'a@b.example', 'Alice'],
    [
      'the name as a comment, as cron writes it',
      'root@example.com (Cron Daemon)',
      'root@example.com',
      'Cron Daemon',
    ],
    ['a folded name', 'Alice\r\n Liddell\r\n <a@b.example>', 'a@b.example', 'Alice Liddell'],
    ['a domain in Unicode', 'Bob <bob@bücher.example>', 'bob@xn--bcher-kva.example', 'Bob'],
    ['a local part outside ASCII (RFC 6532)', 'Jøran <Jøran@example.com>', 'jøran@example.com', 'Jøran'],
    ['one in pieces, which NFC puts together', '<jo\u0308rg@example.com>', 'j\u00f6rg@example.com', ''],
    ['a letter with a byte that is a space elsewhere', '<voilà@example.com>', 'voilà@example.com', ''],
    ['the same in the domain, bare', 'x@voilà.example', 'x@xn--voil-3na.example', ''],
    ['both sides outside ASCII', '<用户@例子.example>', '用户@xn--fsqu00a.example', ''],
    ['a plus in the local part', '<alice+lists@example.com>', 'alice+lists@example.com', ''],
  ])('reads %s', (_, value, email, name) => {
    expect(author(value)).toEqual({ author: { email, name } });
  });

  it.each([
    ['two mailboxes', 'alice@example.com, bob@example.com', /several|not one/],
    ['two mailboxes with names', 'Alice <a@b.example>, Bob <b@b.example>', /several/],
    ['two mailboxes without a comma', 'Alice <a@b.example> Bob <b@b.example>', /several/],
    ['an unquoted comma in the name, which is two mailboxes', 'Liddell, Alice <a@b.example>', /several/],
    ['a group', 'Birds: alice@example.com;', /not one|address|group/],
    ['a group around a mailbox', 'Birds: Alice <a@b.example>;', /group|follows/],
    ['an unquoted address as the name', 'alice@good.example <bob@evil.example>', /unquoted address/],
    ['two addresses side by side', 'alice@good.example bob@evil.example', /white space/],
    ['a source route (RFC 5321 §4.1.2, obsolete)', '<@good.example:bob@evil.example>', /source route/],
    ['a quoted local part', '"alice smith"@example.com', /not one|quoted/],
    [
      'a quoted local part in brackets that hides a domain',
      '<"a@good.example"@evil.example>',
      /quoted local/,
    ],
    ['a comment inside the address', '<alice(x)@example.com>', /comment/],
    ['a comment between the labels of the domain', 'alice@good.example(x).evil.example', /not one/],
    [
      'a comment in the domain, with a second domain behind it',
      '<alice@good.example(>)evil.example>',
      /comment|follows/,
    ],
    ['a nested comment', 'Alice (a (b) c) <a@b.example>', /comment/],
    ['an address in a comment', 'a@b.example (c@d.example)', /comment/],
    ['a comment that never ends', 'Alice (ACME <a@b.example>', /never closed|comment/],
    ['a quotation that never ends', '"Alice <a@b.example>', /never closed/],
    ['a bracket that never ends', 'Alice <a@b.example', /never closed/],
    ['a bracket too many', 'Alice <a@b.example>>', /bracket/],
    ['text behind the address', 'Alice <a@b.example> Bob', /follows/],
    [
      'a folded domain: one parser stops at the fold',
      '<alice@good.example\r\n .evil.example>',
      /white space/,
    ],
    ['white space around the at sign', 'alice @example.com', /white space/],
    ['white space inside the brackets', '< alice@example.com >', /white space/],
    [
      'an encoded word as the address (RFC 2047 §5)',
      '=?utf-8?Q?a=40good=2Eexample?=@evil.example',
      /encoded word/,
    ],
    ['an invisible character in the address', 'jos\u200bé@example.com', /cannot be read/],
    ['a turn of the line in the address', 'jos\u202eé@example.com', /cannot be read/],
    ['a Kelvin sign, which would become a k', '\u212a@example.com', /cannot be read/],
    ['an address literal', 'alice@[192.0.2.1]', /cannot be read/],
    ['a host without a domain', 'root@localhost', /cannot be read/],
    ['no address', 'Alice', /no address/],
    ['the null address', 'MAILER-DAEMON <>', /no address/],
    ['an empty field', '', /not one/],
    ['a control character', 'Alice\x01 <a@b.example>', /control/],
    ['a backslash outside quotes', 'Ali\\ce <a@b.example>', /backslash/],
    ['a mailto URI', '<mailto:alice@example.com>', /source route/],
    ['more than 2000 characters', `${'a '.repeat(1001)}<a@b.example>`, /too long/],
  ])('refuses %s', (_, value, problem) => {
    expect(author(value)).toEqual({ problem: expect.stringMatching(problem) });
  });

  it.each([
    ['white space before the colon', 'From : alice@example.com', /obsolete/],
    ['a folded line of nothing (RFC 5322 §4.2)', 'From: Alice\r\n \r\n <a@b.example>', /obsolete/],
    ['no From field', 'To: alice@example.com', /0 From fields/],
    ['two From fields', 'From: a@b.example\r\nFrom: c@d.example', /2 From fields/],
  ])('refuses %s', (_, field, problem) => {
    expect(readFrom(field)).toEqual({ problem: expect.stringMatching(problem) });
  });

  it.each(['\xa0a@b.example', 'a@b.example\xa0', '<a@b.example>\xa0'])(
    'refuses a byte of no character beside the address, which is no space: %j',
    (value) => {
      const field = Buffer.from(`From: ${value}\r\n\r\n`, 'latin1');
      expect(readAuthor(readHead(field))).toEqual({ problem: expect.stringMatching(/UTF-8|follows/) });
    },
  );

  it('never throws; what it reads stands in the field as it is', () => {
    const piece = fc.constantFrom(
      'a@b.example',
      'c@d.example',
      '<',
      '>',
      '(',
      ')',
      '"',
      '\\',
      ',',
      ':',
      ';',
      ' ',
      '\t',
      '=?',
      '?=',
      'x',
      '\xe9',
    ); // every mark that has a meaning in an address list
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        const value = pieces.join('');
        const email = author(value).author?.email;
        fc.pre(email !== undefined && !email.includes('xn--'));
        expect(value).toContain(email);
        // Whatever else names an address stands inside quotes or a comment, where no program looks for one.
        const outside = value.replace(/"(?:\\.|[^"\\])*"/g, '').replace(/\([^()]*\)/g, '');
        expect(outside.match(/@/g)).toHaveLength(1);
      }),
      { numRuns: 2000 },
    );
  });

  it.each(['(', '((', '"', '<', 'a@b.example, ', '\\', '(\\', '=?a?q?'])(
    'takes linear time for many %j',
    (piece) => {
      const started = performance.now();
      author(piece.repeat(Math.ceil(250_000 / piece.length)));
      expect(performance.now() - started).toBeLessThan(200);
    },
  );
});

describe('readNamed', () => {
  const ana = 'ana@good.example';
  const x = 'x@evil.example';
  it.each([
    ['two mailboxes', `${ana}, ${x}`, [ana, x]],
    ['a comma in the name', `Lind, Ana <${ana}>`, [ana]],
    ['a group', `Friends: ${ana};`, [ana]],
    ['a source route', `<@route.example:${x}>`, [x]],
    ['a bracket too many', `Ana <${ana}>>`, [ana]],
    ['an address as the name counts for nothing', `${ana} <${x}>`, [x]],
    ['nor does one in a comment', `${x} (${ana})`, [x]],
    ['nor one inside another', `"${ana}"@evil.example`, []],
    ['no address', 'Ana', []],
    ['more than 2000 characters', `${'a '.repeat(1001)}<${ana}>`, []],
  ])('%s', (_, value, addresses) => {
    expect(readNamed(readHead(Buffer.from(`From: ${value}\r\n\r\n`)))).toEqual(addresses);
  });
});

describe('readMailboxes', () => {
  it.each([
    ['one', 'alice@example.com', ['alice@example.com'], 1],
    [
      'several',
      'Alice <a@b.example>, "Bob, B." <b@b.example>, c@d.example',
      ['a@b.example', 'b@b.example', 'c@d.example'],
      3,
    ],
    ['those of a group', 'Birds: a@b.example, c@d.example;', ['a@b.example', 'c@d.example'], 2],
    ['an empty group', 'undisclosed-recipients:;', [], 0],
    ['one that cannot be one of ours, which still counts', 'root@localhost, a@b.example', ['a@b.example'], 2],
    ['a domain in Unicode', 'bob@bücher.example', ['bob@xn--bcher-kva.example'], 1],
    ['none', '', [], 0],
  ])('reads %s', (_, value, addresses, count) => {
    const latin1 = Buffer.from(value).toString('latin1');
    expect(readMailboxes(latin1)).toEqual({ addresses, count });
  });

  it('counts on by the commas where it stops reading', () => {
    const { addresses, count } = readMailboxes('alice@example.com, '.repeat(5000));
    expect(addresses.length).toBeLessThan(1000);
    expect(count).toBeGreaterThan(4900);
  });

  it.each(['(', '"', '<', ',', 'a@b.example,', '@', 'g:', '(\\', ';'])(
    'takes linear time for many %j',
    (piece) => {
      const started = performance.now();
      readMailboxes(piece.repeat(Math.ceil(250_000 / piece.length)));
      expect(performance.now() - started).toBeLessThan(300);
    },
  );
});
