import fc from 'fast-check';
import { dkimVerify } from 'mailauth';
import { describe, expect, test } from 'vitest';
import { checkSignatures } from '../../src/checks/check-signatures.ts';
import { bodyHashOf, createDkimSigner } from '../../src/mail/dkim-sign.ts';
import { readHead } from '../../src/mail/headers.ts';
import { blank as blankFor, fillingOf, templateOf, textOf } from '../../src/mail/template.ts';
import { personalHeaders } from '../../src/rewrite/personal-headers.ts';
import { makeSigningKey, zoneOf } from '../support/dkim-key.ts';
import { askTable } from '../support/zone-ask.ts';

const keys = [makeSigningKey('rsa'), makeSigningKey('ed25519')] as const;
const zone = Object.assign({}, ...keys.map(zoneOf)) as ReturnType<typeof zoneOf>;
const ask = askTable(
  Object.fromEntries(
    Object.entries(zone).map(([name, { TXT }]) => [name, { TXT: TXT.map((text) => [text]) }]),
  ),
);
const now = Date.UTC(2026, 10, 28);

async function sign(
  shared: string | Buffer,
  onTop = fillingOf(''),
  used: readonly (typeof keys)[number][] = keys,
) {
  const raw = typeof shared === 'string' ? Buffer.from(shared, 'latin1') : shared;
  const head = readHead(raw);
  const bodyHash = await bodyHashOf(raw.subarray(head.bodyStart));
  const signer = createDkimSigner({ head, bodyHash }, { keys: used, at: now, urgent: false });
  return Buffer.concat([Buffer.from((await signer([onTop])) + textOf(onTop), 'latin1'), raw]);
}

async function verify(raw: Buffer) {
  const { dkim } = await checkSignatures({ raw, head: readHead(raw), domain: '', now }, ask);
  return dkim.map(({ result }) => result);
}

async function verifyWithMailauth(raw: Buffer) {
  const { results } = await dkimVerify(raw, {
    resolver: async (name: string) => [...(zone[name]?.TXT ?? [])].map((text) => [text]),
  });
  return results.map(({ status }) => status.result);
}

/** h= of the first signature. */
function signedNames(raw: Buffer) {
  const [signature] = readHead(raw).fields;
  return (/h=([^;]*)/.exec(signature?.value ?? '')?.[1] ?? '').replaceAll(' ', '').split(':');
}

const plain = [
  'From: Alice <alice@example.org>',
  'To: birds@lists.example.org',
  'Subject: Nests',
  'Date: Fri, 20 Nov 2026 10:00:00 +0000',
  'Message-ID: <1@mail.example>',
  '',
  'Two eggs.',
  '',
].join('\r\n');

const headOnly = plain.slice(0, plain.indexOf('\r\n\r\n') + 2);

const list = { name: 'birds', domain: 'lists.example.org' } as Parameters<typeof personalHeaders>[0];
const site = { baseUrl: 'https://lists.example.org' } as Parameters<typeof personalHeaders>[1];
const personal = personalHeaders(
  list,
  site,
  7,
)({
  leaveAddressToken: '0123456789abcde',
  leaveLinkToken: '0123456789abcdefghjkmnp',
});

describe('a copy that we signed', () => {
  test('verifies, by both kinds of keys, here and by mailauth', async () => {
    const raw = await sign(plain, personal);
    expect(await verify(raw)).toEqual(['pass', 'pass']);
    expect(await verifyWithMailauth(raw)).toEqual(['pass', 'pass']);
  });

  test('is signed like this', async () => {
    const text = (await sign(plain, undefined, [keys[0]]))
      .toString('latin1')
      .replace(/ b=[^:]*\r\nFrom/, ' b=…\r\nFrom');
    expect(text.slice(0, text.indexOf('\r\nFrom'))).toBe(
      [
        'DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=lists.example.org;',
        ' s=lw202611; t=1795824000; h=From:From:Reply-To:To:To:Cc:Subject:Subject:',
        ' Date:Date:Message-ID:Message-ID:MIME-Version:Content-Type:',
        ' Content-Transfer-Encoding:List-Id:List-Unsubscribe:List-Unsubscribe-Post:',
        ' Sender; bh=7TJGgXRhBEgsgrYqyPKn2SAmse4+GwwCxGsntvLzdBY=;',
        ' b=…',
      ].join('\r\n'),
    );
  });

  test('covers the one-click link of its recipient, once more than it is there (RFC 8058 §4)', async () => {
    const names = signedNames(await sign(plain, personal));
    const times = (name: string) => names.filter((one) => one === name).length;
    expect([times('List-Unsubscribe'), times('List-Unsubscribe-Post'), times('Feedback-ID')]).toEqual([
      2, 2, 1,
    ]);
  });

  test('covers a name that is both in its own fields and in the shared ones', async () => {
    const both = `List-Unsubscribe: <https://x.example/>\r\nFeedback-ID: a\r\n${plain}`;
    const raw = await sign(both, personal);
    expect(await verify(raw)).toEqual(['pass', 'pass']);
    expect(signedNames(raw).filter((name) => name === 'List-Unsubscribe')).toHaveLength(3);
  });

  const tampered: readonly [string, (raw: string) => string][] = [
    ['another From on top', (raw) => `From: Eve <eve@example.edu>\r\n${raw}`],
    ['another Subject on top', (raw) => `Subject: Read this\r\n${raw}`],
    ['a Reply-To that was not there', (raw) => `Reply-To: eve@example.edu\r\n${raw}`],
    ['a Sender that was not there', (raw) => `Sender: eve@example.edu\r\n${raw}`],
    ['another link to leave', (raw) => `List-Unsubscribe: <https://x.example/>\r\n${raw}`],
    ['the link of somebody else', (raw) => raw.replace('0123456789abcdefghjkmnp', '1123456789abcdefghjkmnp')],
    ['no List-Unsubscribe-Post', (raw) => raw.replace(/List-Unsubscribe-Post: .*\r\n/, '')],
    ['another Feedback-ID', (raw) => raw.replace('p7:birds', 'p8:birds')],
    ['a line more', (raw) => `${raw}Read this.\r\n`],
  ];
  test.each(tampered)('does not verify with %s', async (_, change) => {
    const raw = Buffer.from(change((await sign(plain, personal)).toString('latin1')), 'latin1');
    expect(await verify(raw)).toEqual(['fail', 'fail']);
  });

  const harmless: readonly [string, (raw: string) => string][] = [
    [
      'a Received and a Return-Path on top',
      (raw) => `Return-Path: <>\r\nReceived: from a by b; now\r\n${raw}`,
    ],
    ['its lines folded otherwise', (raw) => raw.replace('<alice@', '\r\n\t <alice@')],
    ['an empty line more at its end', (raw) => `${raw}\r\n`],
  ];
  test.each(harmless)('verifies still with %s', async (_, change) => {
    const raw = Buffer.from(change((await sign(plain, personal)).toString('latin1')), 'latin1');
    expect(await verify(raw)).toEqual(['pass', 'pass']);
  });

  const odd: readonly [string, string][] = [
    ['an empty body', `${headOnly}\r\n`],
    [
      'what marks a blank of ours in its Subject',
      plain.replace('Nests', `${blankFor(0)} and ${blankFor(1)}`),
    ],
    ['no body at all', headOnly],
    ['a body without a last line end', plain.slice(0, -2)],
    ['a body of empty lines', `${headOnly}\r\n\r\n\r\n\r\n`],
    ['octets over 127', plain.replace('Nests', 'N\xe4ster \xe6\xbc\xa2').replace('eggs', '\xc3\xa9ggs')],
    ['names in capitals', plain.replace('Subject:', 'SUBJECT:').replace('From:', 'fRoM:')],
    ['white space before a colon', plain.replace('Subject:', 'Subject \t:')],
    ['a value on the second line', plain.replace('Subject: Nests', 'Subject:\r\n\t Nests  \t')],
    [
      'white space alone on a line of a field',
      plain.replace('Subject: Nests', 'Subject: Nests\r\n \r\n\t and eggs'),
    ],
    ['an empty value', plain.replace('Subject: Nests', 'Subject:')],
    ['a line that is no field', plain.replace('Subject: Nests', 'What is this\r\nSubject: Nests')],
    ['a thousand fields', `${'References: <1@a>\r\n'.repeat(500)}${'X: y\r\n'.repeat(490)}${plain}`],
    ['a line of 998 octets', plain.replace('Nests', `${'n'.repeat(980)}`)],
  ];
  test.each(odd)('verifies with %s', async (_, shared) => {
    expect(await verify(await sign(shared, personal))).toEqual(['pass', 'pass']);
  });

  test('has no line over 998 octets, nor over 78 where it can be helped', async () => {
    const [long] = [
      { ...keys[0], domain: `${'a'.repeat(60)}.${'b'.repeat(60)}.example`, selector: 'c'.repeat(63) },
    ];
    const lines = (await sign(plain, personal, [long])).toString('latin1').split('\r\n');
    const signature = lines.slice(
      0,
      lines.findIndex((line) => line.startsWith('List-Unsubscribe:')),
    );
    expect(signature.filter((line) => line.length > 78)).toHaveLength(1); // d=
    expect(Math.max(...signature.map((line) => line.length))).toBeLessThan(200);
  });

  test('is the same, byte for byte, when it is made again', async () => {
    expect(await sign(plain, personal)).toEqual(await sign(plain, personal));
  });
});

const names = [
  'From',
  'To',
  'Subject',
  'List-Id',
  'References',
  'X-Odd',
  'content-TYPE',
  'Sender',
  'Feedback-ID',
];
const blank = fc.constantFrom(' ', '\t', '  ', '\r\n ', '\r\n\t\t');
/** Any octet but those that end a line; A0 is white space to mailauth alone. */
const octet = fc
  .integer({ min: 33, max: 255 })
  .filter((code) => code !== 0xa0 && code !== 127 && (code < 128 || code > 0xa0));
const word = fc.array(octet, { minLength: 1, maxLength: 12 }).map((codes) => String.fromCharCode(...codes));
const value = fc.array(fc.tuple(blank, word), { maxLength: 6 }).map((pairs) => pairs.flat().join(''));
const field = fc.tuple(fc.constantFrom(...names), value, fc.constantFrom('', ' ', '\t ')).map((parts) => {
  const [name, text, end] = parts;
  return `${name}:${text}${end}\r\n`;
});
const fields = fc.array(field, { maxLength: 20 }).map((all) => all.join(''));
const bodyPiece = fc.oneof(word, fc.constantFrom(' ', '\t', '\r\n', '\r\n\r\n', '. \r\n', '.', '\r\n.\r\n'));
/** As on the wire: its last line has an end. */
const body = fc.array(bodyPiece, { maxLength: 30 }).map((all) => all.join('').replace(/[^\n]$/, '$&\r\n'));

test('whatever we sign verifies, here and by mailauth', async () => {
  await fc.assert(
    fc.asyncProperty(fields, fields, body, async (onTop, shared, text) => {
      const raw = await sign(`From: a@example.org\r\n${shared}\r\n${text}`, fillingOf(onTop));
      expect(await verify(raw)).toEqual(['pass', 'pass']);
      expect(await verifyWithMailauth(raw)).toEqual(['pass', 'pass']);
    }),
    { numRuns: 300 },
  );
});

/** Two words in the fields' values become blanks. */
function withBlanks(text: string): { template: string; values: string[] } {
  const values: string[] = [];
  const template = text.replace(/(?<=:[^\r]*)[!-~]+(?=\r\n)/g, (word) =>
    values.length < 2 ? blankFor((values.push(word) - 1) as 0 | 1) : word,
  );
  return { template, values };
}

test('a template with its blanks filled is signed as the text that it makes', async () => {
  await fc.assert(
    fc.asyncProperty(fields, fields, async (onTop, shared) => {
      const { template, values } = withBlanks(onTop);
      const filling = { template: templateOf(template), values };
      expect(textOf(filling)).toBe(onTop);
      const mail = `From: a@example.org\r\n${shared}\r\nTwo eggs.\r\n`;
      expect(await sign(mail, filling)).toEqual(await sign(mail, fillingOf(onTop)));
    }),
    { numRuns: 100 },
  );
});

test('copies that are signed together have the signatures that each would have alone', async () => {
  const head = readHead(Buffer.from(plain, 'latin1'));
  const signer = createDkimSigner({ head, bodyHash: 'x' }, { keys, at: now, urgent: false });
  const copies = [
    personal,
    fillingOf(''),
    { ...personal, values: ['a'.repeat(23), 'b'.repeat(15)] },
    personal,
  ];
  const alone = await Promise.all(copies.map((copy) => signer([copy])));
  expect(await signer(copies)).toEqual(alone.flat());
  expect(new Set(alone.flat()).size).toBe(3);
});
