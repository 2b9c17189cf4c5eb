import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { listPrefixes, listSuffixes } from '../../src/domain/list-suffixes.ts';
import type { Mailbox, MailboxRefusal } from '../../src/domain/mailbox.ts';
import {
  answerQuestion,
  type FoundList,
  mostReadings,
  readRecipient,
} from '../../src/domain/resolve-mailbox.ts';
import type { Site } from '../../src/domain/site.ts';
import { plainSite } from '../support/plain.ts';

const site: Site = {
  ...plainSite,
  hostname: 'mx.example.org',
  domains: ['lists.example.org', 'lists.example.net'],
};

const token = '0123456789abcde';

/** Every name of every list here, the old ones too. */
const names: readonly FoundList[] = [
  { id: 1, name: 'birds', domain: 'lists.example.org', asked: 'birds', closed: false, deleted: false },
  { id: 1, name: 'birds', domain: 'lists.example.org', asked: 'vogels', closed: false, deleted: false },
  { id: 2, name: 'fish', domain: 'lists.example.net', asked: 'fish', closed: false, deleted: false },
  { id: 3, name: 'dodo', domain: 'lists.example.org', asked: 'dodo', closed: true, deleted: false },
  { id: 4, name: 'auk', domain: 'lists.example.org', asked: 'auk', closed: false, deleted: true },
  // Brought along from elsewhere with a name like an address of `friends`, which therefore never came to be.
  {
    id: 5,
    name: 'friends-owner',
    domain: 'lists.example.org',
    asked: 'friends-owner',
    closed: false,
    deleted: false,
  },
  {
    id: 6,
    name: 'bird-s.1_x',
    domain: 'lists.example.org',
    asked: 'bird-s.1_x',
    closed: false,
    deleted: false,
  },
];
const homes = new Map(
  names.map((list) => [list.asked, list.asked === 'fish' ? 'lists.example.net' : 'lists.example.org']),
);

function resolve(address: string): Mailbox | MailboxRefusal {
  const reading = readRecipient(address, site);
  if (reading.kind !== 'question') return reading;
  const asked = reading.readings.map(({ name }) => name);
  const found = names.filter((l) => asked.includes(l.asked) && homes.get(l.asked) === reading.domain);
  return answerQuestion(reading, found, site);
}

/** `kind list token`: enough to read a table of. */
function told(address: string): string {
  const box = resolve(address);
  switch (box.kind) {
    case 'refused':
      return `${box.code} ${box.enhanced}`;
    case 'operators':
      return `operators ${box.local}@${box.domain}`;
    case 'commands':
    case 'mailer-daemon':
    case 'noreply':
      return `${box.kind} ${box.domain}`;
    case 'mode':
      return `mode=${box.mode} ${box.list.name}`;
    default:
      return [box.kind, box.list.name, 'token' in box ? box.token : ''].join(' ').trim();
  }
}

describe('addresses of a list', () => {
  const cases: readonly [address: string, meaning: string][] = [
    ['birds@lists.example.org', 'post birds'],
    ['BIRDS@Lists.Example.ORG', 'post birds'],
    ['bird-s.1_x@lists.example.org', 'post bird-s.1_x'],
    ['fish@lists.example.net', 'post fish'],
    ['birds-request@lists.example.org', 'request birds'],
    ['birds+request@lists.example.org', 'request birds'],
    ['birds+help@lists.example.org', 'request birds'],
    ['Birds-Request@lists.example.org', 'request birds'],
    ['birds-join@lists.example.org', 'join birds'],
    ['birds-subscribe@lists.example.org', 'join birds'],
    ['birds-sub@lists.example.org', 'join birds'],
    ['birds+join@lists.example.org', 'join birds'],
    ['birds+subscribe@lists.example.org', 'join birds'],
    ['birds-leave@lists.example.org', 'leave birds'],
    ['birds-unsubscribe@lists.example.org', 'leave birds'],
    ['birds-signoff@lists.example.org', 'leave birds'],
    ['birds+leave@lists.example.org', 'leave birds'],
    ['birds+unsubscribe@lists.example.org', 'leave birds'],
    [`birds-leave+${token}@lists.example.org`, `leave birds ${token}`],
    [`birds+leave+${token}@lists.example.org`, `leave birds ${token}`],
    [`BIRDS-LEAVE+${token.toUpperCase()}@LISTS.EXAMPLE.ORG`, `leave birds ${token}`],
    ['birds-leave+oil3456789abcde@lists.example.org', 'leave birds 0113456789abcde'],
    ['birds-digest@lists.example.org', 'mode=digest-mime birds'],
    ['birds-subscribe-digest@lists.example.org', 'mode=digest-mime birds'],
    ['birds+digest@lists.example.org', 'mode=digest-mime birds'],
    ['birds-nomail@lists.example.org', 'mode=none birds'],
    ['birds-subscribe-nomail@lists.example.org', 'mode=none birds'],
    ['birds+nomail@lists.example.org', 'mode=none birds'],
    ['birds-mail@lists.example.org', 'mode=each birds'],
    [`birds-confirm+${token}@lists.example.org`, `confirm birds ${token}`],
    [`birds-confirm-${token}@lists.example.org`, `confirm birds ${token}`],
    [`birds+confirm+${token}@lists.example.org`, `confirm birds ${token}`],
    [`birds+confirm-${token}@lists.example.org`, `confirm birds ${token}`],
    [`birds-Confirm-${token.toUpperCase()}@lists.example.org`, `confirm birds ${token}`],
    [`birds-mod+${token}@lists.example.org`, `moderate birds ${token}`],
    [`birds-from+${token}@lists.example.org`, `author-alias birds ${token}`],
    ['birds-owner@lists.example.org', 'owner birds'],
    ['birds-admin@lists.example.org', 'owner birds'],
    ['birds-editor@lists.example.org', 'owner birds'],
    ['birds+owner@lists.example.org', 'owner birds'],
    ['owner-birds@lists.example.org', 'owner birds'],
    ['birds-bounces@lists.example.org', 'bounces birds'],
    ['birds-bounce@lists.example.org', 'bounces birds'],
    ['bounce-birds@lists.example.org', 'bounces birds'],
    [`birds-bounces+${token}@lists.example.org`, `bounces birds ${token}`],
    [`birds-bounce+${token}@lists.example.org`, `bounces birds ${token}`],
    [`bird-s.1_x-bounces+${token}@lists.example.org`, `bounces bird-s.1_x ${token}`],
  ];
  test.each(cases)('%s is %s', (address, meaning) => {
    expect(told(address)).toBe(meaning);
  });
});

describe('addresses of the site', () => {
  const cases: readonly [address: string, meaning: string][] = [
    ['postmaster', 'operators postmaster@lists.example.org'],
    ['PostMaster', 'operators postmaster@lists.example.org'],
    ['postmaster@lists.example.org', 'operators postmaster@lists.example.org'],
    ['Postmaster@LISTS.example.net', 'operators postmaster@lists.example.net'],
    ['abuse@lists.example.org', 'operators abuse@lists.example.org'],
    ['hostmaster@lists.example.org', 'operators hostmaster@lists.example.org'],
    ['webmaster@lists.example.org', 'operators webmaster@lists.example.org'],
    ['security@lists.example.org', 'operators security@lists.example.org'],
    ['fbl@lists.example.org', 'operators fbl@lists.example.org'],
    ['dmarc@lists.example.org', 'operators dmarc@lists.example.org'],
    ['tlsrpt@lists.example.org', 'operators tlsrpt@lists.example.org'],
    ['listserv@lists.example.org', 'commands lists.example.org'],
    ['LISTSERV@lists.example.net', 'commands lists.example.net'],
    ['majordomo@lists.example.org', 'commands lists.example.org'],
    ['sympa@lists.example.org', 'commands lists.example.org'],
    ['mailman@lists.example.org', 'commands lists.example.org'],
    ['lists@lists.example.org', 'commands lists.example.org'],
    ['mailer-daemon@lists.example.org', 'mailer-daemon lists.example.org'],
    ['MAILER-DAEMON@lists.example.org', 'mailer-daemon lists.example.org'],
    ['noreply@lists.example.org', 'noreply lists.example.org'],
  ];
  test.each(cases)('%s is %s', (address, meaning) => {
    expect(told(address)).toBe(meaning);
  });
});

describe('a renamed list answers under its old name', () => {
  const cases: readonly [address: string, meaning: string][] = [
    ['vogels@lists.example.org', 'post birds'],
    ['vogels-join@lists.example.org', 'join birds'],
    ['owner-vogels@lists.example.org', 'owner birds'],
    [`vogels-bounces+${token}@lists.example.org`, `bounces birds ${token}`],
  ];
  test.each(cases)('%s is %s', (address, meaning) => {
    expect(told(address)).toBe(meaning);
  });
  test('and the mailbox tells which name was asked for', () => {
    expect(resolve('Vogels-request@lists.example.org')).toEqual({
      kind: 'request',
      list: { id: 1, name: 'birds', domain: 'lists.example.org', asked: 'vogels' },
    });
  });
});

describe('a list whose whole name ends in a suffix wins over the suffix', () => {
  const cases: readonly [address: string, meaning: string][] = [
    ['friends-owner@lists.example.org', 'post friends-owner'],
    ['friends-owner-join@lists.example.org', 'join friends-owner'],
    ['friends-owner-owner@lists.example.org', 'owner friends-owner'],
    ['friends@lists.example.org', '550 5.1.1'],
    ['friends-join@lists.example.org', '550 5.1.1'],
  ];
  test.each(cases)('%s is %s', (address, meaning) => {
    expect(told(address)).toBe(meaning);
  });
});

describe('a closed list takes no posts and no joins', () => {
  const cases: readonly [address: string, meaning: string][] = [
    ['dodo@lists.example.org', '550 5.7.1'],
    ['dodo-join@lists.example.org', '550 5.7.1'],
    ['dodo+subscribe@lists.example.org', '550 5.7.1'],
    ['dodo-leave@lists.example.org', 'leave dodo'],
    [`dodo-leave+${token}@lists.example.org`, `leave dodo ${token}`],
    ['dodo-request@lists.example.org', 'request dodo'],
    ['dodo-owner@lists.example.org', 'owner dodo'],
    ['dodo-nomail@lists.example.org', 'mode=none dodo'],
    [`dodo-confirm+${token}@lists.example.org`, `confirm dodo ${token}`],
    [`dodo-mod+${token}@lists.example.org`, `moderate dodo ${token}`],
    [`dodo-bounces+${token}@lists.example.org`, `bounces dodo ${token}`],
  ];
  test.each(cases)('%s is %s', (address, meaning) => {
    expect(told(address)).toBe(meaning);
  });
  test('and says where to look', () => {
    expect(resolve('dodo@lists.example.org')).toMatchObject({
      why: expect.stringContaining('https://lists.example.org/dodo@lists.example.org/'),
    });
  });
});

describe('refused', () => {
  const cases: readonly [why: string, address: string, refusal: string][] = [
    ['an unknown list', 'bats@lists.example.org', '550 5.1.1'],
    ['an unknown list with a suffix', 'bats-join@lists.example.org', '550 5.1.1'],
    ['a list of another domain of ours', 'fish@lists.example.org', '550 5.1.1'],
    ['a list of the first domain at the second', 'birds@lists.example.net', '550 5.1.1'],
    ['a suffix alone', '-join@lists.example.org', '550 5.1.1'],
    ['an unknown suffix', 'birds-fly@lists.example.org', '550 5.1.1'],
    ['an unknown topic', 'birds+nests@lists.example.org', '550 5.1.1'],
    ['help after a hyphen', 'birds-help@lists.example.org', '550 5.1.1'],
    ['a token alone', `birds+${token}@lists.example.org`, '550 5.1.1'],
    ['a token one character short', `birds-leave+${token.slice(1)}@lists.example.org`, '550 5.1.1'],
    ['a token one character long', `birds-leave+${token}0@lists.example.org`, '550 5.1.1'],
    ['a token with a letter no token has', 'birds-leave+u123456789abcde@lists.example.org', '550 5.1.1'],
    ['a confirmation without its token', 'birds-confirm@lists.example.org', '550 5.1.1'],
    ['a moderation without its token', 'birds-mod@lists.example.org', '550 5.1.1'],
    ['an author alias without its token', 'birds-from@lists.example.org', '550 5.1.1'],
    ['a token where none belongs', `birds-join+${token}@lists.example.org`, '550 5.1.1'],
    ['a token after a hyphen where a plus belongs', `birds-leave-${token}@lists.example.org`, '550 5.1.1'],
    ['two suffixes', 'birds-join-owner@lists.example.org', '550 5.1.1'],
    ['two pluses', 'birds++join@lists.example.org', '550 5.1.1'],
    ['a suffix with more behind it', 'birds-join.x@lists.example.org', '550 5.1.1'],
    ['a prefix before nothing', 'owner-@lists.example.org', '550 5.1.1'],
    ['a deleted list', 'auk@lists.example.org', '550 5.1.6'],
    ['an address of a deleted list', 'auk-leave@lists.example.org', '550 5.1.6'],
    ['a foreign domain', 'birds@example.com', '550 5.7.1'],
    ['a subdomain of ours', 'birds@x.lists.example.org', '550 5.7.1'],
    ['a parent of ours', 'birds@example.org', '550 5.7.1'],
    ['our host name, which has no lists', 'birds@mx.example.org', '550 5.7.1'],
    ['a root dot behind our domain', 'birds@lists.example.org.', '550 5.7.1'],
    ['an address literal', 'birds@[127.0.0.1]', '550 5.7.1'],
    ['postmaster elsewhere', 'postmaster@example.com', '550 5.7.1'],
    ['no domain', 'birds', '550 5.1.3'],
    ['nothing', '', '550 5.1.3'],
    ['nothing before the at', '@lists.example.org', '550 5.1.3'],
    ['an at alone', '@', '550 5.7.1'],
    ['nothing behind the at', 'birds@', '550 5.7.1'],
    ['the percent hack', 'victim%example.com@lists.example.org', '550 5.7.1'],
    ['the percent hack with a list', 'birds%lists.example.org@lists.example.org', '550 5.7.1'],
    ['a bang path', 'example.com!victim@lists.example.org', '550 5.7.1'],
    ['a source route', '@lists.example.org:victim@example.com', '550 5.7.1'],
    ['a source route to us', '@relay.example.com:birds@lists.example.org', '550 5.7.1'],
    ['two ats', 'victim@example.com@lists.example.org', '550 5.7.1'],
    ['a quoted address', '"victim@example.com"@lists.example.org', '550 5.7.1'],
    ['a quoted local part', '"birds"@lists.example.org', '550 5.1.3'],
    ['a space', 'bi rds@lists.example.org', '550 5.1.3'],
    ['a line end', 'birds\r\n@lists.example.org', '550 5.1.3'],
    ['a null character', 'birds\0@lists.example.org', '550 5.1.3'],
    ['another alphabet', 'vögel@lists.example.org', '550 5.1.3'],
    ['a letter that folds to ours', '\u212Aiwi@lists.example.org', '550 5.1.3'],
    ['65 characters', `${'b'.repeat(65)}@lists.example.org`, '550 5.1.3'],
    ['64 characters that are no list', `${'b'.repeat(64)}@lists.example.org`, '550 5.1.1'],
  ];
  test.each(cases)('%s: %s', (_, address, refusal) => {
    expect(told(address)).toBe(refusal);
  });
  test('with a sentence that helps', () => {
    expect(resolve('bats@lists.example.org')).toMatchObject({
      why: 'No such list here. See https://lists.example.org/',
    });
  });
});

const pieces = fc.constantFrom(
  ...listSuffixes.map(({ text }) => text),
  ...listPrefixes.map(({ text }) => text),
  ...names.map(({ asked }) => asked),
  ...['-', '+', '.', '@', '%', '!', '"', token, 'lists.example.org', 'example.com', ' ', 'İ'],
);
const anything = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.array(pieces, { maxLength: 9 }).map((parts) => parts.join('')),
  fc.array(pieces, { maxLength: 6 }).map((parts) => `${parts.join('')}@lists.example.org`),
);

describe('whatever is written', () => {
  test('is answered, and with no more readings than one statement asks for', () => {
    fc.assert(
      fc.property(anything, (address) => {
        const reading = readRecipient(address, site);
        if (reading.kind === 'question') expect(reading.readings.length).toBeLessThanOrEqual(mostReadings);
        expect(resolve(address).kind).toBeTypeOf('string');
      }),
      { numRuns: 3000 },
    );
  });
  test('never resolves at a foreign domain', () => {
    fc.assert(
      fc.property(
        anything,
        fc.constantFrom('example.com', 'lists.example.org.evil.example', '[::1]'),
        (local, host) => {
          expect(resolve(`${local}@${host}`)).toMatchObject({ kind: 'refused', enhanced: '5.7.1' });
        },
      ),
    );
  });
  test('means the same in any case', () => {
    fc.assert(
      fc.property(anything, (address) => {
        const shouted = address.replace(/[a-z]/g, (c) => c.toUpperCase());
        expect(told(shouted)).toBe(told(address.replace(/[A-Z]/g, (c) => c.toLowerCase())));
      }),
    );
  });
});
