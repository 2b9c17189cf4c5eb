import { describe, expect, test } from 'vitest';
import type { Ask } from '../../src/checks/ask.ts';
import { authenticate } from '../../src/checks/authenticate.ts';
import { boundAsk } from '../../src/checks/bounded-ask.ts';
import {
  alignSignatures,
  askedBy,
  findDmarc,
  judgeDmarc,
  type Published,
} from '../../src/checks/check-dmarc.ts';
import { type DmarcRecord, readDmarcRecord } from '../../src/checks/dmarc-record.ts';
import { organizationalDomain, sameOrganization } from '../../src/checks/organization.ts';
import { DnsError } from '../../src/dns/resolver.ts';
import type { DkimResult, DmarcPolicy, SpfResult } from '../../src/domain/authentication.ts';
import { writeMail } from '../support/signed-mail.ts';
import { askTable, type ZoneTable } from '../support/zone-ask.ts';

describe('a DMARC record', () => {
  const relaxed = { dkim: false, spf: false };
  const record = (policy: DmarcPolicy, subdomainPolicy = policy, strict = relaxed) => ({
    policy,
    subdomainPolicy,
    strict,
  });
  test.each<[string, readonly string[], DmarcRecord | undefined]>([
    ['with a policy', ['v=DMARC1; p=reject'], record('reject')],
    ['in other letters', ['v=DMARC1;p=Quarantine'], record('quarantine')],
    ['with another policy for subdomains', ['v=DMARC1; p=none; sp=reject'], record('none', 'reject')],
    [
      'with exact alignment',
      ['v=DMARC1; p=none; adkim=s; aspf=s'],
      record('none', 'none', { dkim: true, spf: true }),
    ],
    [
      'with another policy for names that are not there',
      ['v=DMARC1; p=none; np=reject'],
      { ...record('none'), absentPolicy: 'reject' },
    ],
    [
      'with the same policy for names that are not there',
      ['v=DMARC1; p=none; sp=reject; np=reject'],
      record('none', 'reject'),
    ],
    ['for a share of the mail', ['v=DMARC1; p=reject; pct=5'], record('reject')],
    ['beside other texts', ['hello', 'v=DMARC1; p=reject', 'v=spf1 -all'], record('reject')],
    [
      'with reports and a policy that nobody knows',
      ['v=DMARC1; p=destroy; rua=mailto:d@example.org'],
      record('none'),
    ],
    ['with a policy that nobody knows', ['v=DMARC1; p=destroy'], undefined],
    ['without a policy', ['v=DMARC1'], undefined],
    ['that there are two of', ['v=DMARC1; p=reject', 'v=DMARC1; p=none'], undefined],
    ['of another version', ['v=DMARC2; p=reject'], undefined],
    ['that says a thing twice', ['v=DMARC1; p=reject; p=none'], undefined],
    [
      'with reports to two places, said twice',
      ['v=DMARC1; p=reject; rua=mailto:a@example.org; rua=mailto:b@example.org'],
      record('reject'),
    ],
    ['with something behind it that is no tag', ['v=DMARC1; p=reject; fo'], record('reject')],
    ['with a name that no tag has', ['v=DMARC1; p=reject; 1x=y; =z; ;;'], record('reject')],
    ['that there is none of', [], undefined],
  ])('%s', (_, texts, expected) => {
    expect(readDmarcRecord(texts)).toEqual(expected);
  });
});

describe('an organization', () => {
  test.each<[string, string]>([
    ['lists.example.org', 'example.org'],
    ['example.org', 'example.org'],
    ['a.b.example.co.uk', 'example.co.uk'],
    ['anna.github.io', 'anna.github.io'],
    ['org', 'org'],
    ['github.io', 'github.io'],
  ])('of %s is %s', (domain, organization) => {
    expect(organizationalDomain(domain)).toBe(organization);
  });

  test.each<[string, string, boolean]>([
    ['a.example.org', 'b.example.org', true],
    ['example.org', 'example.com', false],
    ['a.github.io', 'b.github.io', false],
    ['example.co.uk', 'other.co.uk', false],
    ['', '', false],
    ['example.org', '', false],
  ])('%s and %s: %s', (one, other, expected) => {
    expect(sameOrganization(one, other)).toBe(expected);
  });
});

describe('what is published', () => {
  const reject = [['v=DMARC1; p=reject; sp=none']];
  test.each<[string, ZoneTable, Published['kind'], boolean?]>([
    ['at the domain itself', { '_dmarc.lists.example.org': { TXT: reject } }, 'record', false],
    ['at its organization', { '_dmarc.example.org': { TXT: reject } }, 'record', true],
    ['nowhere', {}, 'none'],
    ['at the domain, but DNS does not tell', { '_dmarc.lists.example.org': { TXT: 'ETIMEOUT' } }, 'unknown'],
    ['at the organization, but DNS does not tell', { '_dmarc.example.org': { TXT: 'ESERVFAIL' } }, 'unknown'],
  ])('%s', async (_, zone, kind, inherited) => {
    expect(await findDmarc('lists.example.org', askTable(zone))).toMatchObject(
      inherited === undefined ? { kind } : { kind, inherited },
    );
  });
});

describe('what is asked for mail of a name below the record', () => {
  const below = (tags: string, zone: ZoneTable = {}) => ({
    '_dmarc.example.org': { TXT: [[`v=DMARC1; ${tags}`]] },
    ...zone,
  });
  const there: ZoneTable = { 'lists.example.org': { A: ['192.0.2.1'] } };
  test.each<[string, ZoneTable, string]>([
    ['that exists is sp=', below('p=reject; sp=none; np=reject', there), 'none'],
    ['that does not exist is np=', below('p=none; np=reject'), 'reject'],
    ['that does not exist is sp= without np=', below('p=none; sp=quarantine'), 'quarantine'],
    [
      'that has other records is sp=',
      below('p=none; np=reject', { 'lists.example.org': { MX: [] } }),
      'none',
    ],
    [
      'that DNS does not tell of is sp=',
      below('p=none; np=reject', { 'lists.example.org': { A: 'ETIMEOUT' } }),
      'none',
    ],
  ])('%s', async (_, zone, asked) => {
    expect(askedBy(await findDmarc('lists.example.org', askTable(zone)))).toBe(asked);
  });

  test('is asked of DNS only where the record has a word about it', async () => {
    const asked: string[] = [];
    const ask = askTable(below('p=reject; sp=reject; np=reject'));
    await findDmarc('lists.example.org', (name, type) => {
      asked.push(`${name} ${type}`);
      return ask(name, type);
    });
    expect(asked).toEqual(['_dmarc.lists.example.org TXT', '_dmarc.example.org TXT']);
  });
});

describe('a signature that passes', () => {
  test.each<[string, string, boolean, boolean]>([
    ['of the domain itself speaks for it', 'example.org', true, true],
    ['of the organization speaks for it', 'mail.example.org', false, true],
    ['of the organization does not where it must be exact', 'mail.example.org', true, false],
    ['of somebody else does not', 'forger.example', false, false],
  ])('%s', (_, domain, strict, aligned) => {
    const record = {
      policy: 'none',
      subdomainPolicy: 'none',
      strict: { dkim: strict, spf: false },
    } as const;
    const found = { result: 'pass', domain, selector: 's' } as const;
    expect(alignSignatures('example.org', { kind: 'record', record, inherited: false }, [found])).toEqual([
      aligned ? { ...found, aligned } : found,
    ]);
  });
});

describe('a judgement', () => {
  const published = (strict = false, inherited = false): Published => ({
    kind: 'record',
    inherited,
    record: { policy: 'reject', subdomainPolicy: 'quarantine', strict: { dkim: strict, spf: strict } },
  });
  const none: Published = { kind: 'none' };
  const signed = (domain: string, result: DkimResult['result'] = 'pass'): DkimResult => ({
    result,
    domain,
    selector: 's',
  });
  const spf = (domain: string, result: SpfResult = 'pass') => ({ domain, result });

  test.each<[string, Published, { spf?: ReturnType<typeof spf>; dkim?: DkimResult[] }, object]>([
    [
      'passes by a signature of the organization',
      published(),
      { dkim: [signed('mail.example.org')] },
      { result: 'pass', aligned: { dkim: true } },
    ],
    [
      'passes by SPF of the organization',
      published(),
      { spf: spf('bounces.example.org') },
      { result: 'pass', aligned: { spf: true } },
    ],
    [
      'passes by one good signature of several',
      published(),
      { dkim: [signed('forger.example'), signed('example.org')] },
      { result: 'pass' },
    ],
    ['passes exactly where it must', published(true), { dkim: [signed('example.org')] }, { result: 'pass' }],
    [
      'fails by a subdomain’s signature where it must be exact',
      published(true),
      { dkim: [signed('mail.example.org')] },
      { result: 'fail' },
    ],
    [
      'fails by a subdomain’s SPF where it must be exact',
      published(true),
      { spf: spf('mail.example.org') },
      { result: 'fail' },
    ],
    [
      'fails by somebody else’s signature',
      published(),
      { dkim: [signed('forger.example')] },
      { result: 'fail', policy: 'reject' },
    ],
    [
      'fails by a broken signature',
      published(),
      { dkim: [signed('example.org', 'fail')] },
      { result: 'fail' },
    ],
    [
      'fails by a signature that leaves the body open',
      published(),
      { dkim: [signed('example.org', 'policy')] },
      { result: 'fail', aligned: { dkim: false } },
    ],
    [
      'has the policy of subdomains where it is inherited',
      published(false, true),
      {},
      { result: 'fail', policy: 'quarantine' },
    ],
    [
      'has none where nothing is published',
      none,
      { dkim: [signed('example.org')] },
      { result: 'none', aligned: { dkim: true } },
    ],
    [
      'waits for a key of the domain',
      published(),
      { dkim: [signed('example.org', 'temperror')] },
      { result: 'temperror' },
    ],
    ['waits for SPF of the domain', none, { spf: spf('example.org', 'temperror') }, { result: 'temperror' }],
    [
      'waits for nobody else’s key',
      published(),
      { dkim: [signed('forger.example', 'temperror')] },
      { result: 'fail' },
    ],
    [
      'waits for no key where another one passed',
      published(),
      { dkim: [signed('example.org', 'temperror'), signed('example.org')] },
      { result: 'pass' },
    ],
    ['waits for the record', { kind: 'unknown' }, { dkim: [signed('example.org')] }, { result: 'temperror' }],
  ])('%s', (_, record, { spf: bySpf = spf('', 'none'), dkim = [] }, expected) => {
    expect(judgeDmarc('example.org', record, { spf: bySpf, dkim })).toMatchObject(expected);
  });
});

test('a forgery cannot use up the questions that its From is judged by', async () => {
  const zone = askTable({
    '_dmarc.example.org': { TXT: [['v=DMARC1; p=reject']] },
    'evil.example': { TXT: [[`v=spf1 ${'include:a.evil.example '.repeat(9)} -all`]] },
    'a.evil.example': { TXT: [['v=spf1 ?all']] },
  });
  let spend = () => {};
  const spent = new Promise<void>((resolve) => {
    spend = resolve;
  });
  const late: Ask = async (name, type) => {
    if (name.startsWith('_dmarc')) await spent;
    return zone(name, type);
  };
  const { ask: bounded, close } = boundAsk(late, { questions: 4, ms: 5000 });
  const ask: Ask = async (name, type) => {
    try {
      return await bounded(name, type);
    } catch (error) {
      if (error instanceof DnsError && error.code === 'ETIMEOUT') spend(); // the mail has asked one question too many
      throw error;
    }
  };
  const raw = writeMail({ from: 'anna@news.example.org', to: 'birds@lists.example.org' });
  const question = {
    domain: 'news.example.org',
    clientIp: '192.0.2.1',
    helo: 'mx.evil.example',
    envelopeSender: 'a@evil.example',
    hostname: 'lists.example.org',
    now: Date.UTC(2026, 10, 21),
  };
  const { dmarc } = await authenticate(raw, question, ask);
  expect(dmarc).toMatchObject({ result: 'fail', policy: 'reject' });
  close();
});

test('nor by fifty seals those of SPF, which a domain asks for that is forged in the envelope, too', async () => {
  const bodyHash = '47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=';
  const signature = (i: number) =>
    `a=rsa-sha256; c=relaxed/relaxed; d=f${i}.example; s=s; h=from; bh=${bodyHash}; b=AAAA`;
  const sets = Array.from({ length: 50 }, (_, i) => [
    `ARC-Seal: i=${i + 1}; a=rsa-sha256; cv=${i === 0 ? 'none' : 'pass'}; d=f${i}.example; s=s; b=AAAA`,
    `ARC-Message-Signature: i=${i + 1}; ${signature(i)}`,
    `ARC-Authentication-Results: i=${i + 1}; f.example; none`,
  ]).flat();
  const signatures = Array.from({ length: 10 }, (_, i) => `DKIM-Signature: v=1; ${signature(i)}`);
  const raw = writeMail({
    from: 'anna@example.org',
    to: 'birds@lists.example.org',
    headers: [...sets, ...signatures],
    text: '', // so that the body fits them all
  });
  const table = askTable({
    '_dmarc.example.org': { TXT: [['v=DMARC1; p=reject']] },
    'example.org': { TXT: [['v=spf1 include:spf.example.org -all']] },
    'spf.example.org': { TXT: [['v=spf1 ip4:203.0.113.0/24 -all']] },
  });
  // As DNS does, it answers after all that is asked at once has been asked.
  const { ask, close } = boundAsk(async (name, type) => {
    await new Promise(setImmediate);
    return table(name, type);
  });
  const question = {
    domain: 'example.org',
    clientIp: '192.0.2.1',
    helo: 'mx.evil.example',
    envelopeSender: 'anna@example.org',
    hostname: 'lists.example.org',
    now: Date.UTC(2026, 10, 21),
  };
  const { dmarc, spf: bySpf } = await authenticate(raw, question, ask);
  expect([bySpf.result, dmarc.result]).toEqual(['fail', 'fail']);
  close();
});
