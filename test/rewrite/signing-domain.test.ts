import { expect, test } from 'vitest';
import { readHead } from '../../src/mail/headers.ts';
import { type FromWord, signersOf, signingDomains } from '../../src/rewrite/signing-domain.ts';
import { testSite } from '../support/desk.ts';

const headOf = (from: string) => readHead(Buffer.from(`From: ${from}\r\n\r\n`));
const home = 'lists.example.org';
const site = { ...testSite, domains: [home, 'example.org'] as const };

test.each([
  ['the list’s own domain', 'birds-request@lists.example.org', ['lists.example.org']],
  ['another domain of ours before the list’s', 'Ana <ana@example.org>', ['example.org', 'lists.example.org']],
  ['never one that is not ours', 'bob@example.com', ['lists.example.org']],
  ['nor one that cannot be read', 'a@example.org, b@example.org', ['lists.example.org']],
])('signed in the name of %s', (_, from, domains) => {
  expect(signingDomains(home, headOf(from), site)).toEqual(domains);
});

const [ofList, ofBoth] = [
  new Map([[home, ['k1']]]),
  new Map([
    [home, ['k1']],
    ['example.org', ['k2']],
  ]),
];
const boss = 'Boss <boss@example.org>';

test.each<[string, typeof ofList, { from: string; fromIs: FromWord; proved: boolean }, string[]]>([
  ['of our organization that nobody proved', ofList, { from: boss, fromIs: 'author', proved: false }, []],
  ['the same with a key of its own', ofBoth, { from: boss, fromIs: 'author', proved: false }, []],
  ['the same proved', ofBoth, { from: boss, fromIs: 'author', proved: true }, ['k2']],
  ['the same proved, without that key', ofList, { from: boss, fromIs: 'author', proved: true }, ['k1']],
  ['the list’s own', ofList, { from: 'birds@lists.example.org', fromIs: 'author', proved: false }, []],
  ['of somebody else', ofBoth, { from: 'bob@example.com', fromIs: 'author', proved: false }, ['k1']],
  [
    'that cannot be read',
    ofList,
    { from: 'Boss, Inc. <boss@b.example>', fromIs: 'author', proved: true },
    [],
  ],
  [
    'that we wrote',
    ofList,
    { from: 'birds-from+x@lists.example.org', fromIs: 'ours', proved: false },
    ['k1'],
  ],
])('which keys sign a From %s', (_, keys, { from, fromIs, proved }, expected) => {
  expect(signersOf({ head: headOf(from), fromIs, proved }, keys, { home, site })).toEqual(expected);
});
