import { expect, test } from 'vitest';
import { lendsItsName, signingDomains } from '../../src/deliver/signing-domain.ts';
import type { Authentication } from '../../src/domain/authentication.ts';
import type { Mailing } from '../../src/domain/mailing.ts';
import { readHead } from '../../src/mail/headers.ts';
import { testSite } from '../support/desk.ts';

const headOf = (from: string) => readHead(Buffer.from(`From: ${from}\r\n\r\n`));
const site = { ...testSite, domains: ['lists.example.org', 'example.org'] as const };

test.each([
  ['the list’s own domain', 'birds-request@lists.example.org', ['lists.example.org']],
  ['another domain of ours before the list’s', 'Ana <ana@example.org>', ['example.org', 'lists.example.org']],
  ['never one that is not ours', 'bob@example.com', ['lists.example.org']],
  ['nor one that cannot be read', 'a@example.org, b@example.org', ['lists.example.org']],
])('signed in the name of %s', (_, from, domains) => {
  expect(signingDomains('lists.example.org', headOf(from), site)).toEqual(domains);
});

function forward(proof?: { readonly dkim: boolean; readonly spf: boolean }, domain = 'example.org'): Mailing {
  const authentication = proof && ({ dmarc: { domain, aligned: proof } } as Authentication);
  return { facts: authentication ? { authentication } : {} } as Mailing;
}

const [proved, unproved] = [
  { dkim: true, spf: false },
  { dkim: false, spf: false },
];
const boss = 'Boss <boss@example.org>';

test.each<[string, Mailing, string, string, boolean]>([
  ['a From of our organization that nobody proved', forward(unproved), boss, boss, true],
  ['the same where nobody looked', forward(), boss, boss, true],
  ['the same proved', forward(proved), boss, boss, false],
  ['a proof that is of another From', forward(proved, 'other.example.org'), boss, boss, true],
  ['a From of somebody else', forward(unproved), 'bob@example.com', 'bob@example.com', false],
  [
    'a From that we rewrote',
    forward(unproved),
    boss,
    '"Boss via Birds" <birds-from+x@lists.example.org>',
    false,
  ],
])('a forward with %s', (_, mailing, received, from, lends) => {
  const heads = { received: headOf(received), head: headOf(from) };
  expect(lendsItsName(mailing, 'lists.example.org', heads)).toBe(lends);
});
