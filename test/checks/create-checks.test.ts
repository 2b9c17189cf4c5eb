import { afterEach, describe, expect, test } from 'vitest';
import { createChecks, type MailChecks } from '../../src/checks/create-checks.ts';
import { createResolver } from '../../src/dns/resolver.ts';
import type { Address } from '../../src/domain/address.ts';
import type { AskedPolicy } from '../../src/domain/authentication.ts';
import type { IncomingMail } from '../../src/domain/incoming.ts';
import { readHead } from '../../src/mail/headers.ts';
import { readFacts } from '../../src/mail/read-facts.ts';
import { startDns, type Zones } from '../support/dns.ts';
import { manyHeads } from '../support/many-heads.ts';

let checks: MailChecks | undefined;
afterEach(() => checks?.close());

async function open(
  senderChecks: 'own' | 'front' | 'none',
  zones: Zones = {},
  limits: { heapLimit?: number } = {},
): Promise<MailChecks> {
  const dns = await startDns(zones);
  const trustedAuthservIds = senderChecks === 'front' ? ['mx.example.net'] : [];
  const silent = { info: () => {}, warn: () => {}, error: () => {} };
  checks = createChecks({
    site: { hostname: 'lists.example.org', senderChecks, trustedSealers: [], trustedAuthservIds },
    rspamd: '',
    resolver: createResolver({ servers: [dns.address], now: () => performance.now() }),
    log: silent,
    now: Date.now,
    threads: 1,
    ...limits,
  });
  return checks;
}

function arriving(raw: Buffer): IncomingMail {
  return {
    envelopeSender: 'anna@example.org' as Address,
    recipients: [],
    raw,
    facts: readFacts(raw, readHead(raw), 'lists.example.org'),
    peer: { protocol: 'smtp', ip: '192.0.2.1', helo: 'mx.example.org', trusted: false, tls: false },
  };
}

const small = { heapLimit: 24 };
const tooMuch = manyHeads(1_000);

test('a mail that is too much for its thread may come again, and is called neither harmless nor dangerous', async () => {
  const { checks: found } = await (await open('own', {}, small)).check(arriving(tooMuch));
  expect(found).toMatchObject({
    identity: { class: 'unverified', temporary: true },
    attachments: [],
    unread: 'it takes too much memory to check',
  });
});

test('where nobody asks who sent it, that is not a matter of time', async () => {
  const { checks: found } = await (await open('none', {}, small)).check(arriving(tooMuch));
  expect(found).toMatchObject({ identity: { temporary: false }, unread: expect.any(String) });
});

describe('while strangers make up more selectors of a domain than are asked at once, and its servers answer none', () => {
  const bodyHash = '47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=';
  const signedBy = (selector: string) =>
    `DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=example.org; s=${selector}; h=from; bh=${bodyHash}; b=AAAA\r\n`;
  const selectors = Array.from({ length: 120 }, (_, i) => `s${i}`);
  const zones = (spf: string): Zones => ({
    '_dmarc.example.org': { TXT: ['v=DMARC1; p=reject'] },
    'example.org': { TXT: [spf] },
    ...Object.fromEntries(
      [...selectors, 'own'].map((selector) => [`${selector}._domainkey.example.org`, 'silent' as const]),
    ),
  });

  test.each<[string, string, string, object]>([
    ['a forgery is one', 'v=spf1 -all', '', { class: 'failed', policy: 'reject', temporary: false }],
    ['what SPF proves is proved', 'v=spf1 ip4:192.0.2.1 -all', '', { class: 'verified', temporary: false }],
    [
      'a forgery with a selector of its own may come again',
      'v=spf1 -all',
      signedBy('own'),
      { class: 'unverified', policy: 'reject', temporary: true },
    ],
  ])('%s', async (_, spf, signature, expected) => {
    const { check } = await open('own', zones(spf));
    for (let first = 0; first < selectors.length; first += 10) {
      const signatures = selectors.slice(first, first + 10).map(signedBy);
      const mail = arriving(Buffer.from(`${signatures.join('')}From: x@stranger.example\r\n\r\n`));
      check({ ...mail, envelopeSender: 'x@stranger.example' as Address }).catch(() => {});
    }
    const { checks: found } = await check(
      arriving(Buffer.from(`${signature}From: anna@example.org\r\n\r\n`)),
    );
    expect(found.identity).toMatchObject(expected);
  });
});

describe('behind a server in front, the policy of the author’s domain', () => {
  const reject: Zones = { '_dmarc.example.org': { TXT: ['v=DMARC1; p=reject'] } };
  const results = (said: string) => `Authentication-Results: mx.example.net; ${said}\r\n`;

  test.each<[string, string, Zones, AskedPolicy]>([
    [
      'is what that server says',
      results('dmarc=pass (p=quarantine) header.from=example.org'),
      reject,
      'quarantine',
    ],
    [
      'is asked where it says only the result',
      results('dmarc=pass header.from=example.org'),
      reject,
      'reject',
    ],
    ['is asked where it says nothing', '', reject, 'reject'],
    ['is none where it found none', results('dmarc=none header.from=example.org'), reject, 'none'],
    ['is none where DNS has none', '', {}, 'none'],
    [
      'is unknown where DNS does not answer',
      results('dmarc=pass header.from=example.org'),
      { '_dmarc.example.org': 'silent' },
      'unknown',
    ],
  ])('%s', async (_, field, zones, policy) => {
    const raw = Buffer.from(`${field}Received: by mx.example.net\r\nFrom: anna@example.org\r\n\r\nx\r\n`);
    const mail = arriving(raw);
    const found = await (await open('front', zones)).check({
      ...mail,
      peer: { ...mail.peer, trusted: true },
    });
    expect(found.checks.identity.policy).toBe(policy);
  });
});

describe('behind a server in front, a signature of a domain above the author’s', () => {
  const record = (tags: string): Zones => ({ '_dmarc.example.org': { TXT: [`v=DMARC1; p=reject;${tags}`] } });
  test.each<[string, Zones, boolean]>([
    ['speaks for them where alignment is relaxed', record(''), true],
    ['does not where it is strict', record(' adkim=s'), false],
    ['does not where DNS does not answer', { '_dmarc.birds.example.org': 'silent' }, false],
  ])('%s', async (_, zones, aligned) => {
    const results = 'dmarc=pass (p=reject) header.from=birds.example.org; dkim=pass header.d=example.org';
    const raw = Buffer.from(
      `Authentication-Results: mx.example.net; ${results}\r\nReceived: by mx.example.net\r\nFrom: a@birds.example.org\r\n\r\nx\r\n`,
    );
    const mail = arriving(raw);
    const { checks: found } = await (await open('front', zones)).check({
      ...mail,
      peer: { ...mail.peer, trusted: true },
    });
    const { dkim = [], dmarc } = found.identity.authentication ?? {};
    expect([dkim[0]?.aligned === true, dmarc?.policy]).toEqual([aligned, 'reject']);
  });
});
