import { createHash, createPublicKey, generateKeyPairSync, sign } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { authenticate } from '../../src/checks/authenticate.ts';
import { checkSignatures } from '../../src/checks/check-signatures.ts';
import { readHead } from '../../src/mail/headers.ts';
import { makeKey, type SigningKey, sealMail, signMail, writeMail } from '../support/signed-mail.ts';
import { askTable, type ZoneTable } from '../support/zone-ask.ts';

const ed = makeKey('example.org');
const rsa = makeKey('example.org', { kind: 'rsa', selector: 'r1' });
const plain = () => writeMail({ from: 'Anna <anna@example.org>', to: 'birds@lists.example.org' });

/** The key's record, perhaps with other tags. */
function zoneOf(key: SigningKey, change: (record: string) => string = (record) => record): ZoneTable {
  const [name = '', zone] = Object.entries(key.zone)[0] ?? [];
  const record = typeof zone === 'object' ? zone.TXT?.[0] : undefined;
  return { [name]: { TXT: [[change(record ?? '')]] } };
}

async function resultsOf(raw: Buffer, zone: ZoneTable) {
  const mail = { raw, head: readHead(raw), domain: 'example.org', now: Date.now() };
  return checkSignatures(mail, askTable(zone));
}

const withText = (raw: Buffer, from: string | RegExp, to: string) =>
  Buffer.from(raw.toString('latin1').replace(from, to), 'latin1');

describe('a DKIM signature', () => {
  test.each<[string, () => Promise<Buffer>, ZoneTable, string]>([
    ['by Ed25519 passes', () => signMail(plain(), ed), zoneOf(ed), 'pass'],
    ['by RSA passes', () => signMail(plain(), rsa), zoneOf(rsa), 'pass'],
    [
      'of simple canonical form passes',
      () => signMail(plain(), ed, { canonicalization: 'simple/simple' }),
      zoneOf(ed),
      'pass',
    ],
    [
      'passes with fields added above',
      async () => Buffer.concat([Buffer.from('X-New: 1\r\n'), await signMail(plain(), ed)]),
      zoneOf(ed),
      'pass',
    ],
    [
      'of a changed Subject fails',
      async () => withText(await signMail(plain(), ed), 'Nests', 'Guests'),
      zoneOf(ed),
      'fail',
    ],
    [
      'of a changed body fails',
      async () => withText(await signMail(plain(), ed), 'Two eggs', 'Ten eggs'),
      zoneOf(ed),
      'fail',
    ],
    [
      'that leaves the From out counts for nothing',
      () => signMail(plain(), ed, { fields: ['subject', 'date'] }),
      zoneOf(ed),
      'permerror',
    ],
    [
      'over all of the body by its length passes',
      () => signMail(plain(), ed, { bodyLength: 11 }),
      zoneOf(ed),
      'pass',
    ],
    [
      'that leaves the end of the body open is not accepted',
      () => signMail(plain(), ed, { bodyLength: 3 }),
      zoneOf(ed),
      'policy',
    ],
    [
      'that has expired counts for nothing',
      () => signMail(plain(), ed, { signedAt: new Date(1e12), expires: new Date(1e12 + 1000) }),
      zoneOf(ed),
      'permerror',
    ],
    ['without a key in DNS counts for nothing', () => signMail(plain(), ed), {}, 'permerror'],
    [
      'whose key was withdrawn counts for nothing',
      () => signMail(plain(), ed),
      zoneOf(ed, () => 'v=DKIM1; p='),
      'permerror',
    ],
    [
      'whose key DNS does not tell just now',
      () => signMail(plain(), ed),
      { 's1._domainkey.example.org': { TXT: 'ETIMEOUT' } },
      'temperror',
    ],
    [
      'whose key is for something else than mail',
      () => signMail(plain(), ed),
      zoneOf(ed, (record) => `${record}; s=tlsrpt`),
      'permerror',
    ],
    [
      'whose key is for another hash',
      () => signMail(plain(), ed),
      zoneOf(ed, (record) => `${record}; h=sha1`),
      'permerror',
    ],
    [
      'whose key is for the exact domain, which it is of',
      () => signMail(plain(), ed),
      zoneOf(ed, (record) => `${record}; t=y:s`),
      'pass',
    ],
    ['with a weak key is not accepted', async () => signMail(plain(), weak), zoneOf(weak), 'policy'],
    [
      'with a key whose exponent is made to keep us busy is not accepted',
      async () => signMail(plain(), rsa),
      zoneOf(rsa, withLongExponent),
      'policy',
    ],
  ])('%s', async (_, raw, zone, expected) => {
    const { dkim } = await resultsOf(await raw(), zone);
    expect(dkim.map(({ result }) => result)).toEqual([expected]);
  });

  test.each<[string, (signature: string) => string]>([
    ['that says a thing twice', (text) => text.replace('v=1;', 'v=1; d=example.org;')],
    ['without a version', (text) => text.replace('v=1; ', '')],
    ['by SHA-1 (RFC 8301)', (text) => text.replace('rsa-sha256', 'rsa-sha1')],
    ['of another domain’s identity', (text) => text.replace('v=1;', 'v=1; i=@other.example;')],
  ])('%s counts for nothing', async (_, change) => {
    const raw = await signMail(plain(), rsa);
    const { dkim } = await resultsOf(Buffer.from(change(raw.toString('latin1')), 'latin1'), zoneOf(rsa));
    expect(dkim.map(({ result }) => result)).toEqual(['permerror']);
  });

  test('over nothing of the body is not accepted', async () => {
    const sha256 = (text: string) => createHash('sha256').update(text).digest();
    const empty = sha256('').toString('base64');
    const unsigned = `DKIM-Signature: v=1; a=ed25519-sha256; c=simple/simple; d=example.org; s=s1; h=from; l=0; bh=${empty}; b=`;
    const signature = sign(null, sha256(`From: Anna <anna@example.org>\r\n${unsigned}`), ed.privateKey);
    const raw = Buffer.concat([Buffer.from(`${unsigned}${signature.toString('base64')}\r\n`), plain()]);
    expect((await resultsOf(raw, zoneOf(ed))).dkim.map(({ result }) => result)).toEqual(['policy']);
  });

  test('is found among several keys of one name', async () => {
    const records = [zoneOf(makeKey('example.org', { kind: 'rsa' })), zoneOf(ed)];
    const texts = records.flatMap((zone) => zone['s1._domainkey.example.org']?.TXT ?? []);
    const { dkim } = await resultsOf(await signMail(plain(), ed), {
      's1._domainkey.example.org': { TXT: texts as string[][] },
    });
    expect(dkim).toEqual([{ result: 'pass', domain: 'example.org', selector: 's1' }]);
  });

  test('is one of many that are all left unread: more than ten are nobody’s', async () => {
    let raw = plain();
    for (let i = 0; i < 10; i++) raw = await signMail(raw, ed);
    expect((await resultsOf(raw, zoneOf(ed))).dkim.map(({ result }) => result)).toEqual(
      Array(10).fill('pass'),
    );
    expect((await resultsOf(await signMail(raw, ed), zoneOf(ed))).dkim).toEqual([]);
  });
});

/** The same modulus with an exponent as long: what a signature costs then is a hundred times as much. */
function withLongExponent(record: string): string {
  const [, base64 = ''] = /p=(.*)$/.exec(record) ?? [];
  const { n = '' } = createPublicKey({
    key: Buffer.from(base64, 'base64'),
    format: 'der',
    type: 'spki',
  }).export({ format: 'jwk' });
  const e = Buffer.from(n, 'base64url');
  e[0] = 1;
  const key = createPublicKey({ format: 'jwk', key: { kty: 'RSA', n, e: e.toString('base64url') } });
  return record.replace(base64, key.export({ type: 'spki', format: 'der' }).toString('base64'));
}

const weakPair = generateKeyPairSync('rsa', { modulusLength: 768 });
const weak: SigningKey = {
  ...rsa,
  selector: 'weak',
  privateKey: weakPair.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  zone: {
    'weak._domainkey.example.org': {
      TXT: [`v=DKIM1; p=${weakPair.publicKey.export({ type: 'spki', format: 'der' }).toString('base64')}`],
    },
  },
};

describe('an ARC seal', () => {
  const relay = makeKey('relay.example', { kind: 'rsa' });
  const zone = { ...zoneOf(relay), ...zoneOf(ed) };
  const said = (results: string) => sealMail(plain(), relay, { results });
  const passed = 'mx.relay.example; dmarc=pass header.from=example.org';

  test.each<[string, () => Promise<Buffer>, object]>([
    [
      'passes, and says that the author was proved',
      () => said(passed),
      { result: 'pass', sealer: 'relay.example', dmarcPassed: true },
    ],
    [
      'passes, and says that the author was not',
      () => said('mx.relay.example; dmarc=fail header.from=example.org'),
      { result: 'pass', dmarcPassed: false },
    ],
    [
      'passes, and speaks of another author',
      () => said('mx.relay.example; dmarc=pass header.from=other.example'),
      { result: 'pass', dmarcPassed: false },
    ],
    [
      'passes, and names no author',
      () => said('mx.relay.example; dmarc=pass'),
      { result: 'pass', dmarcPassed: false },
    ],
    [
      'of another text fails',
      async () => withText(await said(passed), 'Two eggs', 'Ten eggs'),
      { result: 'fail', dmarcPassed: false },
    ],
    [
      'with other words than it was put on fails',
      async () => withText(await said(passed), 'dmarc=pass', 'dmarc=none'),
      { result: 'fail', dmarcPassed: false },
    ],
    [
      'without a key fails',
      async () => sealMail(plain(), makeKey('gone.example', { kind: 'rsa' }), { results: passed }),
      { result: 'fail' },
    ],
    ['is not there', async () => plain(), { result: 'none', dmarcPassed: false }],
  ])('%s', async (_, raw, expected) => {
    expect((await resultsOf(await raw(), zone)).arc).toMatchObject(expected);
  });

  test('of the second in a chain is the one that speaks', async () => {
    const second = makeKey('second.example', { kind: 'rsa' });
    const raw = await sealMail(await said('mx.relay.example; dmarc=fail header.from=example.org'), second, {
      results: passed,
      cv: 'pass',
    });
    const { arc } = await resultsOf(raw, { ...zone, ...zoneOf(second) });
    expect(arc).toEqual({ result: 'pass', sealer: 'second.example', dmarcPassed: true });
  });
});

test('all of them together, in one look', async () => {
  const raw = await signMail(plain(), ed);
  const zone = {
    ...zoneOf(ed),
    'example.org': { TXT: [['v=spf1 ip4:192.0.2.1 -all']] },
    '_dmarc.example.org': { TXT: [['v=DMARC1; p=reject']] },
  };
  const question = {
    domain: 'example.org',
    clientIp: '::ffff:192.0.2.1',
    helo: 'mx.example.org',
    envelopeSender: 'anna@example.org',
    hostname: 'lists.example.org',
    now: Date.now(),
  };
  expect(await authenticate(raw, question, askTable(zone))).toEqual({
    by: { kind: 'ourselves' },
    spf: { result: 'pass', domain: 'example.org' },
    dkim: [{ result: 'pass', domain: 'example.org', selector: 's1', aligned: true }],
    dmarc: { result: 'pass', domain: 'example.org', policy: 'reject', aligned: { spf: true, dkim: true } },
    arc: { result: 'none', dmarcPassed: false },
  });
});

test.each<[string, { clientIp?: string; envelopeSender?: string; helo?: string }, object]>([
  [
    'of the null sender is of the name in EHLO',
    { envelopeSender: '', helo: 'mx.example.org' },
    { result: 'pass', domain: 'mx.example.org' },
  ],
  ['of somebody else’s server fails', { clientIp: '203.0.113.9' }, { result: 'fail' }],
  ['of a server that nobody told is none', { clientIp: '' }, { result: 'none', domain: 'example.org' }],
  ['of an IPv6 address is judged', { clientIp: '2001:db8::1' }, { result: 'pass' }],
  ['of an EHLO that is an address is none', { envelopeSender: '', helo: '[192.0.2.1]' }, { result: 'none' }],
])('SPF %s', async (_, asked, expected) => {
  const record = { TXT: [['v=spf1 ip4:192.0.2.1 ip6:2001:db8::/32 -all']] };
  const zone = { 'example.org': record, 'mx.example.org': record };
  const question = {
    domain: '',
    clientIp: '192.0.2.1',
    helo: 'mx.example.org',
    envelopeSender: 'anna@example.org',
    hostname: 'lists.example.org',
    now: 0,
    ...asked,
  };
  expect((await authenticate(plain(), question, askTable(zone))).spf).toMatchObject(expected);
});
