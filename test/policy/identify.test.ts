import { describe, expect, test } from 'vitest';
import type { Address } from '../../src/domain/address.ts';
import type { ArcResult, Authentication, DmarcResult, SpfResult } from '../../src/domain/authentication.ts';
import type { IdentityClass } from '../../src/domain/identity.ts';
import { identify } from '../../src/policy/identify.ts';

const author = { email: 'anna@example.org' as Address, name: 'Anna' };

interface Found {
  readonly dmarc?: Partial<DmarcResult>;
  readonly spf?: SpfResult;
  readonly arc?: Partial<ArcResult>;
  readonly front?: boolean;
  readonly clientKnown?: boolean;
}

function identityOf({ dmarc, spf = 'none', arc, front = false, clientKnown = true }: Found) {
  const aligned = { spf: false, dkim: false };
  const authentication: Authentication = {
    by: front ? { kind: 'front-mta', authservId: 'mx.example.net' } : { kind: 'ourselves' },
    spf: { result: spf, domain: 'example.org' },
    dkim: [],
    dmarc: { result: 'none', domain: 'example.org', policy: 'none', aligned, ...dmarc },
    arc: { result: 'none', dmarcPassed: false, ...arc },
  };
  return identify(author, authentication, { trustedSealers: ['relay.example'], clientKnown });
}

const bySpf = { aligned: { spf: true, dkim: false } };
const byDkim = { aligned: { spf: false, dkim: true } };
const seal = { result: 'pass', sealer: 'relay.example', dmarcPassed: true } as const;

describe('a mail is', () => {
  test.each<[string, IdentityClass, Found]>([
    ['verified by DMARC', 'verified', { dmarc: { result: 'pass', policy: 'reject', ...byDkim } }],
    ['verified by a signature of its domain, which has no DMARC', 'verified', { dmarc: byDkim }],
    ['verified by SPF of its domain, which has no DMARC', 'verified', { spf: 'pass', dmarc: bySpf }],
    ['verified by a signature, although SPF fails', 'verified', { spf: 'fail', dmarc: byDkim }],
    ['verified by a forwarder that we trust', 'verified', { dmarc: { result: 'fail' }, arc: seal }],
    [
      'verified by that forwarder, although DNS fails',
      'verified',
      { dmarc: { result: 'temperror' }, arc: seal },
    ],
    [
      'verified by the word of the server in front',
      'verified',
      { front: true, dmarc: { result: 'pass' }, clientKnown: false },
    ],
    ['failed where DMARC fails', 'failed', { dmarc: { result: 'fail' } }],
    [
      'failed where DMARC fails with SPF aligned but not exactly, as it must',
      'failed',
      { dmarc: { result: 'fail', ...bySpf } },
    ],
    ['failed where SPF says so and nothing else speaks', 'failed', { spf: 'fail' }],
    [
      'failed by the word of the server in front',
      'failed',
      { front: true, dmarc: { result: 'fail' }, clientKnown: false },
    ],
    [
      'failed with a seal that we do not trust',
      'failed',
      { dmarc: { result: 'fail' }, arc: { ...seal, sealer: 'other.example' } },
    ],
    [
      'failed with a seal that says nothing of DMARC',
      'failed',
      { dmarc: { result: 'fail' }, arc: { ...seal, dmarcPassed: false } },
    ],
    ['failed with a broken seal', 'failed', { dmarc: { result: 'fail' }, arc: { ...seal, result: 'fail' } }],
    [
      'unverified where the failure may only lack SPF, which nobody could judge',
      'unverified',
      { dmarc: { result: 'fail' }, clientKnown: false },
    ],
    ['unverified where nothing speaks', 'unverified', {}],
    ['unverified where SPF is unsure', 'unverified', { spf: 'softfail' }],
    ['unverified where DNS does not answer', 'unverified', { dmarc: { result: 'temperror' } }],
    [
      'unverified where DNS does not answer for a record, whatever passed',
      'unverified',
      { dmarc: { result: 'temperror', ...byDkim } },
    ],
    [
      'unverified where another From was judged',
      'unverified',
      { dmarc: { result: 'pass', domain: 'forger.example' } },
    ],
    ['unverified where no From was judged', 'unverified', { dmarc: { result: 'permerror', domain: '' } }],
  ])('%s', (_, expected, found) => {
    expect(identityOf(found).class).toBe(expected);
  });

  test('unverified without an author, whatever passed, and without anybody who looked', () => {
    const { authentication } = identityOf({ dmarc: { result: 'pass' } });
    const context = { trustedSealers: [], clientKnown: true };
    expect(identify(undefined, authentication, context).class).toBe('unverified');
    expect(identify(author, undefined, context).class).toBe('unverified');
  });
});

test('only DNS that does not answer makes a later try worth while', () => {
  expect(identityOf({ dmarc: { result: 'temperror' } }).temporary).toBe(true);
  expect(identityOf({ dmarc: { result: 'temperror' }, arc: seal }).temporary).toBe(false);
  for (const result of ['pass', 'fail', 'none', 'permerror'] as const)
    expect(identityOf({ dmarc: { result } }).temporary).toBe(false);
});

test('what the owner of the domain asks for is passed on', () => {
  expect(identityOf({ dmarc: { result: 'fail', policy: 'reject' } }).policy).toBe('reject');
});

test.each<[string, Found]>([
  ['it is signed by example.org (DKIM)', { dmarc: byDkim }],
  ['example.org lets that server send its mail (SPF)', { spf: 'pass', dmarc: bySpf }],
  ['relay.example passed it on and says that example.org was proved there', { arc: seal }],
  ['mx.example.net says that it comes from example.org', { front: true, dmarc: { result: 'pass' } }],
  ['example.org publishes DMARC and the mail fails it', { dmarc: { result: 'fail' } }],
  ['example.org says that this server does not send its mail (SPF)', { spf: 'fail' }],
  ['nothing proves that it comes from example.org', {}],
  ['DNS did not answer when example.org was to be checked', { dmarc: { result: 'temperror' } }],
  [
    'it is not signed by example.org, and nobody told which server sent it',
    { dmarc: { result: 'fail' }, clientKnown: false },
  ],
  [
    'the checks judged forger.example, and its From is of example.org',
    { dmarc: { domain: 'forger.example' } },
  ],
  ['the checks say nothing about example.org', { dmarc: { domain: '' } }],
])('a moderator reads: %s', (why, found) => {
  expect(identityOf(found).why).toBe(why);
});
