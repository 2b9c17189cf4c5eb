import { describe, expect, test } from 'vitest';
import { decide } from '../../src/policy/decide.ts';
import { identity, mayBeReleased } from '../../src/policy/identity.ts';
import {
  as,
  type Change,
  checksOf,
  factsOf,
  failed,
  failedReject,
  senderRule,
  stranger,
  unverified,
  verified,
} from './facts.ts';

const classes = { verified, unverified, failed, 'failed, p=reject': failedReject } as const;
const people: Readonly<Record<string, Change>> = {
  'a member': {},
  'a believed member': { member: as('member', { believed: true }) },
  'anybody else': stranger,
};

/** email.md §4.3, line by line; `ask` is a hold that its author may lift at their own address. */
const table = `
  setting  | class            | who               | direct | behind a front MTA
  standard | verified         | a member          | –      | –
  standard | verified         | a believed member | –      | –
  standard | verified         | anybody else      | –      | –
  standard | unverified       | a member          | ask    | ask
  standard | unverified       | a believed member | –      | –
  standard | unverified       | anybody else      | reject | reject
  standard | failed           | a member          | ask    | ask
  standard | failed           | a believed member | –      | –
  standard | failed           | anybody else      | reject | reject
  standard | failed, p=reject | a member          | reject | hold
  standard | failed, p=reject | a believed member | reject | hold
  standard | failed, p=reject | anybody else      | reject | reject
  strict   | verified         | a member          | –      | –
  strict   | verified         | anybody else      | –      | –
  strict   | unverified       | a member          | reject | hold
  strict   | unverified       | a believed member | –      | –
  strict   | unverified       | anybody else      | reject | reject
  strict   | failed           | a member          | reject | hold
  strict   | failed           | anybody else      | reject | reject
  strict   | failed, p=reject | a member          | reject | hold
  strict   | failed, p=reject | a believed member | reject | hold
  strict   | failed, p=reject | anybody else      | reject | reject
  off      | verified         | a member          | –      | –
  off      | unverified       | a member          | –      | –
  off      | unverified       | anybody else      | –      | –
  off      | failed           | a member          | –      | –
  off      | failed, p=reject | a member          | –      | –
  off      | failed, p=reject | anybody else      | –      | –
`;
const rows = table
  .trim()
  .split('\n')
  .slice(1)
  .map((line) => line.split('|').map((cell) => cell.trim()));

describe.each([
  ['direct', false],
  ['behind a front MTA', true],
] as const)('who must prove it, %s', (place, behindFrontMta) => {
  test.each(rows)('%s, %s, %s', (spoofProtection = '', known = '', who = '', ...outcomes) => {
    const facts = factsOf({
      ...people[who],
      checks: classes[known as keyof typeof classes],
      spoofProtection: spoofProtection as 'off',
      behindFrontMta,
    });
    const verdict = identity.judge(facts)?.verdict;
    const outcome = verdict === 'hold' && mayBeReleased(facts) ? 'ask' : (verdict ?? '–');
    expect(outcome).toBe(outcomes[place === 'direct' ? 0 : 1]);
  });
});

const announcing = { post: 'owners', nonmember: 'reject' } as const;

describe('who speaks for a list proves it in every setting', () => {
  test.each([
    ['an owner', { member: as('owner') }, 'hold'],
    ['a moderator', { member: as('moderator') }, 'hold'],
    ['an owner whose address is believed', { member: as('owner', { believed: true }) }, 'hold'],
    ['a member whom a moderator lets post', { member: as('member', { posting: 'accept' }) }, 'hold'],
    ['an allowed stranger', { ...stranger, senderRule: senderRule('allow') }, 'reject'],
    ['a member, who may not post anyway', {}, undefined],
  ] satisfies [string, Change, string | undefined][])('%s, where it is off', (_, change, verdict) => {
    const facts = factsOf({ ...change, checks: unverified, spoofProtection: 'off', settings: announcing });
    expect(identity.judge(facts)?.verdict).toBe(verdict);
  });

  test('an owner whose domain disowns the mail is refused', () => {
    const owner = { member: as('owner'), settings: announcing, spoofProtection: 'off' } as const;
    expect(decide(factsOf({ ...owner, checks: failedReject })).verdict).toBe('reject');
  });

  test('an owner is asked at their own address', () => {
    const facts = factsOf({
      member: as('owner'),
      checks: unverified,
      spoofProtection: 'off',
      settings: announcing,
    });
    expect(mayBeReleased(facts)).toBe(true);
    expect(decide(facts).verdict).toBe('hold');
  });

  test('but an owner is a member like others where members post', () => {
    expect(decide(factsOf({ member: as('owner'), checks: unverified, spoofProtection: 'off' })).verdict).toBe(
      'accept',
    );
  });
});

describe('a From that is not one address', () => {
  const unreadable = { ...stranger, mail: { author: undefined }, checks: unverified } as const;
  const spam = checksOf({}, { spam: { action: 'mark', score: 9, symbols: [] } });
  const anyone = { settings: { post: 'anyone' } } as const;
  const frontMta = { behindFrontMta: true } as const;
  const strict = { spoofProtection: 'strict' } as const;
  const off = { spoofProtection: 'off' } as const;
  const refusing = { settings: { nonmember: 'reject' } } as const;
  test.each([
    // what changes, without a member's address, with one
    ['', {}, 'reject', 'hold'],
    ['behind a front MTA, where a refusal is dropped', frontMta, 'reject', 'hold'],
    ['where anyone may post', anyone, 'reject', 'hold'],
    ['where anyone may post, and no proof is asked for', { ...anyone, ...off }, 'accept', 'accept'],
    ['where no proof is asked for', off, 'hold', 'hold'],
    ['where strictness is asked for', strict, 'reject', 'reject'],
    ['where strangers are refused', refusing, 'reject', 'reject'],
    ['where strangers vanish', { settings: { nonmember: 'discard' } }, 'reject', 'discard'],
    ['whatever the checks say', { checks: verified }, 'reject', 'hold'],
    ['marked as spam', { checks: spam }, 'reject', 'reject'],
  ] satisfies [string, Change, string, string][])('%s', (_, change, ofStranger, ofMember) => {
    const facts = factsOf({ ...unreadable, ...change });
    const naming = factsOf({ ...unreadable, ...change, namesMember: true });
    expect([decide(facts).verdict, decide(naming).verdict]).toEqual([ofStranger, ofMember]);
    expect([mayBeReleased(facts), mayBeReleased(naming)]).toEqual([false, false]);
  });

  test('a moderator reads why it waits; whoever is refused reads nothing of who is a member', () => {
    const why = 'its From is not one readable address';
    const said = (change: Change) => identity.judge(factsOf({ ...unreadable, namesMember: true, ...change }));
    expect(said({})).toEqual({ verdict: 'hold', why: `${why}, and an address in it is a member's` });
    expect(said(strict)).toMatchObject({ verdict: 'reject', why });
  });
});

describe('while DNS does not answer', () => {
  test.each([
    ['a member is asked to come again', {}, 'defer'],
    ['a stranger, too', stranger, 'defer'],
    ['nobody where no proof is asked for', { spoofProtection: 'off' }, 'accept'],
    ['nobody who is refused anyway', { mail: { bytes: 1e9 } }, 'reject'],
    [
      'nobody whom strangers’ rule refuses anyway',
      { ...stranger, settings: { nonmember: 'reject' } },
      'reject',
    ],
    ['nobody who is disowned', { checks: failedReject }, 'reject'],
  ] satisfies [string, Change, string][])('%s', (_, change, verdict) => {
    expect(decide(factsOf({ checks: unverified, proofPending: true, ...change })).verdict).toBe(verdict);
  });
});

describe('a believed member, where DNS does not answer', () => {
  const member = as('member', { believed: true });
  test.each([
    ['and may want it refused, is asked to come again', 'reject', 'defer', 'hold'],
    ['what is wanted of it, too', 'unknown', 'defer', 'hold'],
    ['and does not want it refused, is believed', 'quarantine', 'accept', 'accept'],
    ['and wants nothing, too', 'none', 'accept', 'accept'],
  ] as const)('%s', (_, policy, pending, after) => {
    const checks = checksOf({ class: 'unverified', why: 'DNS did not answer', policy, temporary: true });
    const verdicts = [true, false].map(
      (isPending) => decide(factsOf({ checks, member, ...(isPending && { proofPending: true }) })).verdict,
    );
    expect(verdicts).toEqual([pending, after]);
  });
});

test('what its domain disowns is nobody’s wish to leave', () => {
  expect(decide(factsOf({ intent: 'leave', checks: failedReject })).verdict).toBe('reject');
  expect(decide(factsOf({ intent: 'leave', checks: failedReject, spoofProtection: 'off' })).verdict).toBe(
    'intercept',
  );
});
