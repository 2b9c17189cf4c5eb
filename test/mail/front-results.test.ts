import { describe, expect, test } from 'vitest';
import { readFrontResults } from '../../src/mail/front-results.ts';
import { readHead } from '../../src/mail/headers.ts';

const received = 'Received: from a by b; Fri, 20 Nov 2026 10:00:00 +0000';
const results = (text: string) => `Authentication-Results: ${text}`;
const passed = 'dmarc=pass header.from=example.org';

function read(lines: readonly string[], below?: number) {
  const head = readHead(Buffer.from(`${[...lines, 'From: a@example.org'].join('\r\n')}\r\n\r\n`));
  return readFrontResults(head, {
    trustedIds: ['mx.example.net', 'milter.example.net'],
    domain: 'example.org',
    below,
  });
}

describe('which fields are believed', () => {
  test.each<[string, readonly string[], 'pass' | 'fail' | 'none' | 'permerror' | undefined]>([
    ['one above everything', [results(`mx.example.net; ${passed}`), received], 'pass'],
    [
      'none under the server’s own Received, where a sender’s comes to stand',
      [received, results(`mx.example.net; ${passed}`)],
      undefined,
    ],
    [
      'none that adds to what stands above',
      [
        results('mx.example.net; dmarc=none header.from=example.org'),
        received,
        results('mx.example.net; dkim=pass header.d=example.org'),
      ],
      'none',
    ],
    ['none of a server that is not named', [results(`mx.forger.example; ${passed}`), received], undefined],
    ['a name in other letters', [results(`MX.Example.Net; ${passed}`), received], 'pass'],
    ['none at all', [received], undefined],
    ['one that cannot be read', [results('mx.example.net; dmarc=pass ('), received], undefined],
    [
      'several of one server',
      [results('mx.example.net; spf=pass'), results(`mx.example.net; ${passed}`), received],
      'pass',
    ],
    [
      'of two words about DMARC the upper',
      [
        results('mx.example.net; dmarc=fail header.from=example.org'),
        received,
        results(`mx.example.net; ${passed}`),
      ],
      'fail',
    ],
    [
      'not those of two servers together',
      [results('mx.example.net; spf=pass'), results(`milter.example.net; ${passed}`), received],
      'permerror',
    ],
    [
      'nothing about another From',
      [results('mx.example.net; dmarc=pass header.from=other.example'), received],
      'permerror',
    ],
    ['nothing about no From', [results('mx.example.net; dmarc=pass'), received], 'permerror'],
    [
      'no result that DMARC does not have',
      [results('mx.example.net; dmarc=excellent header.from=example.org'), received],
      'permerror',
    ],
  ])('%s', (_, lines, dmarc) => {
    expect(read(lines)?.dmarc.result).toBe(dmarc);
  });
});

test('nothing of a signature is believed that stands below', () => {
  const found = read([
    results('mx.example.net; dmarc=none header.from=example.org'),
    received,
    results('mx.example.net; dkim=pass header.d=example.org; spf=pass smtp.mailfrom=example.org'),
  ]);
  expect(found).toMatchObject({
    dkim: [],
    spf: { result: 'none' },
    dmarc: { aligned: { dkim: false, spf: false } },
  });
});

test.each<[string, readonly string[], 'pass' | undefined]>([
  ['under our own server’s Received', [received, results(`mx.example.net; ${passed}`), received], 'pass'],
  ['above it, too', [results(`mx.example.net; ${passed}`), received, received], 'pass'],
  ['not further down', [received, received, results(`mx.example.net; ${passed}`)], undefined],
])('where another server of ours has passed the mail on: %s', (_, lines, dmarc) => {
  expect(read(lines, 1)?.dmarc.result).toBe(dmarc);
});

describe('what is understood', () => {
  test.each<[string, string, object]>([
    [
      'the policy as OpenDMARC tells it',
      'dmarc=fail (p=reject sp=none dis=none) header.from=example.org',
      { dmarc: { policy: 'reject' } },
    ],
    [
      'the policy as rspamd tells it',
      'dmarc=fail (policy=quarantine) header.from=example.org',
      { dmarc: { policy: 'quarantine' } },
    ],
    [
      'the policy as a property',
      'dmarc=fail header.from=example.org policy.dmarc=reject',
      { dmarc: { policy: 'reject' } },
    ],
    ['no policy', 'dmarc=fail header.from=example.org', { dmarc: { policy: 'unknown' } }],
    [
      'the policy of a domain that has none',
      'dmarc=none header.from=example.org',
      { dmarc: { policy: 'none' } },
    ],
    [
      'which signature speaks for the author',
      'dmarc=pass (p=none) header.from=example.org; dkim=pass header.d=example.org header.s=s1; dkim=pass header.d=esp.example',
      {
        dmarc: { policy: 'none', aligned: { dkim: true } },
        dkim: [
          { domain: 'example.org', selector: 's1', aligned: true },
          { domain: 'esp.example', selector: '' },
        ],
      },
    ],
    [
      'the policy of subdomains is another one',
      'dmarc=fail (sp=reject) header.from=example.org',
      { dmarc: { policy: 'unknown' } },
    ],
    [
      'SPF',
      'spf=softfail smtp.mailfrom=x@Sender.example',
      { spf: { result: 'softfail', domain: 'sender.example' } },
    ],
    [
      'SPF of the null sender',
      'spf=pass smtp.helo=mx.example.org',
      { spf: { result: 'pass', domain: 'mx.example.org' } },
    ],
    [
      'a signature of the author’s domain, where no DMARC is published',
      'dmarc=none header.from=example.org; dkim=pass header.i=@example.org header.s=k1',
      {
        dmarc: { result: 'none', aligned: { dkim: true, spf: false } },
        dkim: [{ result: 'pass', domain: 'example.org', selector: 'k1' }],
      },
    ],
    [
      'a signature that failed',
      'dmarc=none header.from=example.org; dkim=fail header.d=example.org',
      { dmarc: { aligned: { dkim: false } } },
    ],
    [
      'a signature of somebody else',
      'dmarc=none header.from=example.org; dkim=pass header.d=example.com',
      { dmarc: { aligned: { dkim: false } } },
    ],
    [
      'a signature of a whole top level domain',
      'dmarc=none header.from=example.org; dkim=pass header.d=org',
      { dmarc: { aligned: { dkim: false } } },
    ],
    [
      'a domain that only ends alike',
      'dmarc=none header.from=example.org; spf=pass smtp.mailfrom=a@ample.org',
      { dmarc: { aligned: { spf: false } } },
    ],
  ])('%s', (_, said, expected) => {
    expect(read([results(`mx.example.net; ${said}`)])).toMatchObject(expected);
  });
});

test.each([
  ['arc=pass', 'pass'],
  ['arc=fail (no signature)', 'fail'],
  ['arc=none', 'none'],
  ['spf=pass', 'none'],
])('of a chain it is known whether it holds: %s', (said, result) => {
  expect(read([results(`mx.example.net; ${said}`), received])?.arc).toEqual({ result, dmarcPassed: false });
});
