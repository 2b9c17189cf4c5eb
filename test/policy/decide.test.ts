import { describe, expect, test } from 'vitest';
import { parseAddress } from '../../src/domain/address.ts';
import { type Checks, unchecked } from '../../src/domain/checks.ts';
import type { MailFacts } from '../../src/domain/incoming.ts';
import type { List, ListId } from '../../src/domain/list.ts';
import type { ListSettings } from '../../src/domain/list-settings.ts';
import type { Role } from '../../src/domain/membership.ts';
import { settingsFor } from '../../src/domain/setting-value.ts';
import { decide, decideAgain, rules } from '../../src/policy/decide.ts';
import type { MemberFacts, PostFacts } from '../../src/policy/rule.ts';

const alice = parseAddress('alice@example.com') ?? fail();

const mail: MailFacts = {
  bytes: 1000,
  sha256: Buffer.alloc(32),
  bodySha256: 'a',
  messageId: 'one@example.com',
  author: { email: alice, name: 'Alice' },
  subject: 'Nests',
  inReplyTo: [],
  references: [],
  vacation: false,
  report: false,
  listIds: [],
  beenAt: [],
  hops: 1,
  addressed: [],
  addressedCount: 1,
};

const verified: Checks = { ...unchecked, identity: { ...unchecked.identity, class: 'verified' } };

function as(role: Role): MemberFacts {
  return { role, posting: 'default', firstPostsLeft: 0, believed: false };
}

type Change = Partial<Omit<PostFacts, 'mail' | 'list'>> & {
  mail?: Partial<MailFacts>;
  settings?: Partial<ListSettings>;
};

function facts(change: Change = {}): PostFacts {
  const { mail: mailChange, settings, ...rest } = change;
  return {
    mail: { ...mail, ...mailChange },
    list: listWith(settings),
    ownNames: ['birds.lists.example.org', 'birds@lists.example.org'],
    nullSender: false,
    checks: unchecked,
    spoofProtection: 'off',
    member: as('member'),
    headerRules: [],
    threadLocked: false,
    empty: false,
    quotesDigest: false,
    behindFrontMta: false,
    ...rest,
  };
}

function listWith(settings: Partial<ListSettings> = {}): List {
  return {
    id: 1 as ListId,
    name: 'birds',
    domain: 'lists.example.org',
    listId: 'birds.lists.example.org',
    title: 'Birds',
    purpose: '',
    settings: { ...settingsFor('discussion'), ...settings },
    createdAt: 0,
    closedAt: null,
  };
}

const cases: readonly (readonly [string, Change, string, readonly string[]])[] = [
  ['a post of a member', {}, 'accept', []],
  ['a post of a stranger', { member: undefined }, 'hold', ['not-a-member']],
  [
    'a stranger, where strangers are turned away',
    { member: undefined, settings: { nonmember: 'reject' } },
    'reject',
    ['not-a-member'],
  ],
  [
    'a stranger, where strangers vanish',
    { member: undefined, settings: { nonmember: 'discard' } },
    'discard',
    ['not-a-member'],
  ],
  ['a stranger, where anyone may post', { member: undefined, settings: { post: 'anyone' } }, 'accept', []],
  [
    'a mail whose From cannot be read, where members post',
    { member: undefined, mail: { author: undefined } },
    'hold',
    ['not-a-member'],
  ],
  [
    'a member on an announcement list',
    { settings: { post: 'owners', nonmember: 'reject' } },
    'reject',
    ['not-a-member'],
  ],
  [
    'an owner on an announcement list, whose From nobody proved',
    { member: as('owner'), settings: { post: 'owners', nonmember: 'reject' } },
    'hold',
    ['not-a-member'],
  ],
  [
    'the same owner, verified',
    { member: as('owner'), checks: verified, settings: { post: 'owners' } },
    'accept',
    [],
  ],
  ['our own List-Id', { mail: { listIds: ['birds.lists.example.org'] } }, 'discard', ['loop']],
  ['our own address in X-BeenThere', { mail: { beenAt: ['birds@lists.example.org'] } }, 'discard', ['loop']],
  ["another list's List-Id", { mail: { listIds: ['fish.lists.example.org'] } }, 'accept', []],
  ['the same post again', { earlier: { sameBody: true } }, 'already-there', ['duplicate']],
  ['another text under a used Message-ID', { earlier: { sameBody: false } }, 'hold', ['duplicate']],
  ['a delivery report', { mail: { report: true }, nullSender: true }, 'divert', ['bounce']],
  ['anything from the null sender', { nullSender: true }, 'divert', ['bounce']],
  [
    'a vacation notice',
    { mail: { vacation: true, automatic: 'Auto-Submitted: auto-replied' } },
    'discard',
    ['automatic'],
  ],
  [
    'a vacation notice from the null sender',
    { mail: { vacation: true, automatic: 'x' }, nullSender: true },
    'discard',
    ['automatic'],
  ],
  ['mail of a program', { mail: { automatic: 'Precedence: bulk' } }, 'reject', ['automatic']],
  [
    'mail of a program through our front MTA',
    { mail: { automatic: 'Precedence: bulk' }, behindFrontMta: true },
    'hold',
    ['automatic'],
  ],
  ['a post in an emergency', { settings: { emergency: true } }, 'hold', ['emergency']],
  ['"unsubscribe" to the list', { intent: 'leave' }, 'intercept', ['misdirected']],
  ['"unsubscribe" of a stranger', { intent: 'leave', member: undefined }, 'intercept', ['misdirected']],
  [
    '"unsubscribe" where the list does not intercept',
    { intent: 'leave', settings: { misdirected: 'off' } },
    'accept',
    [],
  ],
  ['a post to a moderated list', { settings: { moderated: true } }, 'hold', ['moderated']],
  ['a post at exactly the size limit', { mail: { bytes: 1000 }, settings: { max_size: 1000 } }, 'accept', []],
  ['one byte more', { mail: { bytes: 1001 }, settings: { max_size: 1000 } }, 'reject', ['too-large']],
  [
    'a stranger with too large a post: the refusal is stronger',
    { member: undefined, mail: { bytes: 1001 }, settings: { max_size: 1000 } },
    'reject',
    ['not-a-member', 'too-large'],
  ],
];

describe('a post is judged', () => {
  test.each(cases)('%s', (_, change, verdict, reasons) => {
    const decision = decide(facts(change));
    expect(decision.verdict).toBe(verdict);
    expect(decision.reasons.map((reason) => reason.rule)).toEqual(reasons);
  });

  test('every rule has a name of its own and a sentence', () => {
    expect(new Set(rules.map((rule) => rule.name)).size).toBe(rules.length);
    for (const rule of rules) expect(rule.summary).toMatch(/^[A-Z].*\.$/);
  });
});

describe("a moderator's yes", () => {
  test.each([
    ['lifts the hold of a stranger', { member: undefined }, 'accept'],
    ['lifts an emergency', { settings: { emergency: true } }, 'accept'],
    ['does not lift a size limit', { mail: { bytes: 1001 }, settings: { max_size: 1000 } }, 'reject'],
  ] satisfies [string, Change, string][])('%s', (_, change, verdict) => {
    expect(decideAgain(facts(change), 'moderator').verdict).toBe(verdict);
  });
});

describe("an author's “post it anyway”", () => {
  test.each([
    ['posts what was read as a command', { intent: 'leave' }, 'accept'],
    ['does not get around moderation', { intent: 'leave', settings: { moderated: true } }, 'hold'],
    ['does not make a stranger a member', { intent: 'leave', member: undefined }, 'hold'],
  ] satisfies [string, Change, string][])('%s', (_, change, verdict) => {
    expect(decideAgain(facts(change), 'author').verdict).toBe(verdict);
  });
});

function fail(): never {
  throw new Error('not an address');
}
