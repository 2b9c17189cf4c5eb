import { describe, expect, test } from 'vitest';
import type { Reason } from '../../src/domain/verdict.ts';
import { decide, decideAgain, hearAll, rules } from '../../src/policy/decide.ts';
import {
  address,
  as,
  author,
  type Change,
  checksOf,
  factsOf,
  failed,
  failedReject,
  headerRule,
  senderRule,
  stranger,
  unverified,
  verified,
} from './facts.ts';

type Case = readonly [name: string, change: Change, verdict: string, reasons: readonly string[]];

const robot = { automatic: 'Precedence: bulk' };
const spam = (action: 'accept' | 'mark' | 'later' | 'reject') =>
  checksOf({ class: 'verified' }, { spam: { action, score: 7, symbols: [] } });

const closed = '"a.7z" is a 7z archive, which nobody can look into';
const attached = (...objections: readonly { danger?: string; closed?: string }[]) => ({
  ...verified,
  attachments: objections.map((each) => ({ filename: 'a', type: 'application/pdf', bytes: 9, ...each })),
});

const cases: readonly Case[] = [
  ['a post of a member', {}, 'accept', []],

  ['our own List-Id', { mail: { listIds: ['birds.lists.example.org'] } }, 'discard', ['loop']],
  ['our own address in X-BeenThere', { mail: { beenAt: ['birds@lists.example.org'] } }, 'discard', ['loop']],
  ['an old name of ours in X-Loop', { mail: { beenAt: ['vogels@lists.example.org'] } }, 'discard', ['loop']],

  [
    'a mail that was too much to be looked into',
    { checks: { ...verified, unread: 'it takes too long to check' } },
    'hold',
    ['attachment'],
  ],
  [
    'the same where anything may be attached',
    { checks: { ...verified, unread: 'it takes too long to check' }, settings: { attachments: 'any' } },
    'accept',
    [],
  ],

  ['an attachment that nobody could look into', { checks: attached({ closed }) }, 'hold', ['attachment']],
  [
    'one beside a dangerous one',
    { checks: attached({ closed }, { danger: '"a.exe" is a program' }) },
    'reject',
    ['attachment'],
  ],
  [
    'one where only text is taken',
    { checks: attached({ closed }), settings: { attachments: 'none' } },
    'reject',
    ['attachment'],
  ],
  [
    'one where anything may be attached',
    { checks: attached({ closed }), settings: { attachments: 'any' } },
    'accept',
    [],
  ],

  ['the same post again', { earlier: { sameBody: true, sameAuthor: true } }, 'already-there', ['duplicate']],
  [
    'another text under a used Message-ID',
    { earlier: { sameBody: false, sameAuthor: true } },
    'hold',
    ['duplicate'],
  ],
  [
    'a text that somebody else has posted',
    { earlier: { sameBody: true, sameAuthor: false } },
    'hold',
    ['duplicate'],
  ],
  // Whoever has read the archive knows one: it must be no way past the other rules.
  [
    'another text under a used Message-ID, of somebody banned',
    { earlier: { sameBody: false, sameAuthor: false }, senderRule: senderRule('discard') },
    'discard',
    ['duplicate', 'sender-rule'],
  ],
  [
    'one that its domain disowns, of a stranger',
    { earlier: { sameBody: false, sameAuthor: false }, ...stranger, checks: failedReject },
    'reject',
    ['duplicate', 'identity', 'not-a-member'],
  ],
  [
    'one that the spam filter is sure of',
    { earlier: { sameBody: true, sameAuthor: false }, checks: spam('reject') },
    'reject',
    ['duplicate', 'spam'],
  ],
  [
    'a delivery report under the Message-ID of the post that it is about',
    { earlier: { sameBody: false, sameAuthor: false }, mail: { report: true }, nullSender: true },
    'divert',
    ['duplicate', 'bounce'],
  ],
  [
    'the same post again, of somebody banned since',
    { earlier: { sameBody: true, sameAuthor: true }, senderRule: senderRule('reject') },
    'already-there',
    ['duplicate'],
  ],

  ['a delivery report', { mail: { report: true }, nullSender: true }, 'divert', ['bounce']],
  ['anything from the null sender', { nullSender: true }, 'divert', ['bounce']],

  ['a vacation notice', { mail: { vacation: true, ...robot } }, 'discard', ['automatic']],
  [
    'one from the null sender',
    { mail: { vacation: true, ...robot }, nullSender: true },
    'discard',
    ['automatic'],
  ],
  ['mail of a program', { mail: robot }, 'reject', ['automatic']],
  ['the same through our front MTA', { mail: robot, behindFrontMta: true }, 'hold', ['automatic']],
  [
    'one through our front MTA whose author is nobody and proves nothing',
    { mail: robot, behindFrontMta: true, ...stranger, checks: unverified },
    'reject',
    ['automatic', 'identity', 'not-a-member'],
  ],
  [
    'a program that the list names',
    { mail: robot, settings: { robots: `ci@example.net, ${author}` } },
    'accept',
    [],
  ],
  ['a program of a domain that it names', { mail: robot, settings: { robots: 'example.com' } }, 'accept', []],
  ['a program of a domain below that', { mail: robot, settings: { robots: 'com' } }, 'reject', ['automatic']],
  [
    'a vacation notice of a named program',
    { mail: { vacation: true, ...robot }, settings: { robots: 'example.com' } },
    'discard',
    ['automatic'],
  ],
  [
    'a named program that is no member',
    { mail: robot, settings: { robots: 'example.com' }, ...stranger },
    'hold',
    ['not-a-member'],
  ],

  ["another list's List-Id", { mail: { listIds: ['fish.lists.example.org'] } }, 'hold', ['other-list']],
  ['“Precedence: list” and no List-Id', { mail: { precedence: 'list' } }, 'hold', ['other-list']],
  [
    'mail of a parent list',
    {
      mail: { listIds: ['fish.lists.example.org'] },
      settings: { parent_lists: 'x.example.org, fish.lists.example.org' },
    },
    'accept',
    [],
  ],
  [
    'mail of a list where others are welcome',
    { mail: { listIds: ['fish.example.org'] }, settings: { other_lists: 'accept' } },
    'accept',
    [],
  ],

  ['a banned author', { senderRule: senderRule('discard') }, 'discard', ['sender-rule']],
  [
    'a banned author whose post would be refused for other reasons, too',
    { senderRule: senderRule('discard'), mail: { bytes: 1e9 } },
    'discard',
    ['sender-rule'],
  ],
  ['an author whose posts are refused', { senderRule: senderRule('reject') }, 'reject', ['sender-rule']],
  ['an author whose posts are held', { senderRule: senderRule('hold') }, 'hold', ['sender-rule']],
  ['an allowed stranger', { senderRule: senderRule('allow'), ...stranger }, 'accept', ['sender-rule']],
  [
    'an allowed stranger through another list',
    { senderRule: senderRule('allow'), ...stranger, mail: { listIds: ['fish.example.org'] } },
    'accept',
    ['sender-rule'],
  ],
  [
    'an allowed author where every post is moderated',
    { senderRule: senderRule('allow'), settings: { moderated: true } },
    'accept',
    ['sender-rule'],
  ],
  [
    'an allowed author whom a moderator keeps from posting',
    { senderRule: senderRule('allow'), member: as('member', { posting: 'reject' }) },
    'accept',
    ['sender-rule'],
  ],
  [
    'an allowed author in an emergency',
    { senderRule: senderRule('allow'), settings: { emergency: true } },
    'hold',
    ['sender-rule', 'emergency'],
  ],
  [
    'an allowed author with too large a post',
    { senderRule: senderRule('allow'), mail: { bytes: 1e9 } },
    'reject',
    ['sender-rule', 'too-large'],
  ],
  [
    'an allowed stranger whom nothing proves',
    { senderRule: senderRule('allow'), ...stranger, checks: unverified },
    'reject',
    ['sender-rule', 'identity'],
  ],
  ['an allowed program', { senderRule: senderRule('allow'), mail: robot }, 'reject', ['automatic']],

  ['a post in an emergency', { settings: { emergency: true } }, 'hold', ['emergency']],

  ['"unsubscribe" to the list', { intent: 'leave' }, 'intercept', ['misdirected']],
  ['"unsubscribe" of a stranger', { intent: 'leave', ...stranger }, 'intercept', ['misdirected']],
  [
    '"unsubscribe" of a member whom nothing proves',
    { intent: 'leave', checks: unverified },
    'intercept',
    ['identity', 'misdirected'],
  ],
  [
    '"unsubscribe" in an emergency',
    { intent: 'leave', settings: { emergency: true } },
    'intercept',
    ['emergency', 'misdirected'],
  ],
  [
    '"unsubscribe" where the list does not intercept',
    { intent: 'leave', settings: { misdirected: 'off' } },
    'accept',
    [],
  ],

  ['a header that is held', { headerRules: [headerRule('hold')] }, 'hold', ['header-rule']],
  [
    'a header that lets strangers in',
    { headerRules: [headerRule('accept')], ...stranger },
    'accept',
    ['header-rule'],
  ],

  ['a stranger', stranger, 'hold', ['not-a-member']],
  [
    'a stranger whom the spam filter marks',
    { ...stranger, checks: spam('mark') },
    'reject',
    ['not-a-member', 'spam'],
  ],
  [
    'a stranger where proof is not asked for',
    { ...stranger, checks: unverified, spoofProtection: 'off' },
    'hold',
    ['not-a-member'],
  ],
  [
    'a stranger, where strangers are turned away',
    { ...stranger, settings: { nonmember: 'reject' } },
    'reject',
    ['not-a-member'],
  ],
  [
    'a stranger, where strangers vanish',
    { ...stranger, settings: { nonmember: 'discard' } },
    'discard',
    ['not-a-member'],
  ],
  ['a stranger, where anyone may post', { ...stranger, settings: { post: 'anyone' } }, 'accept', []],
  [
    'a mail whose From cannot be read',
    { ...stranger, mail: { author: undefined }, checks: unverified },
    'reject',
    ['identity', 'not-a-member'],
  ],
  [
    'one that names a member',
    { ...stranger, mail: { author: undefined }, namesMember: true, checks: unverified },
    'hold',
    ['identity', 'not-a-member'],
  ],
  [
    'a member on an announcement list',
    { settings: { post: 'owners', nonmember: 'reject' } },
    'reject',
    ['not-a-member'],
  ],
  ['an owner there', { member: as('owner'), settings: { post: 'owners' } }, 'accept', []],
  ['a moderator there', { member: as('moderator'), settings: { post: 'owners' } }, 'accept', []],
  [
    'a member there whom a moderator named',
    { member: as('member', { posting: 'accept' }), settings: { post: 'owners' } },
    'accept',
    [],
  ],

  ['a post to a moderated list', { settings: { moderated: true } }, 'hold', ['moderated']],
  ['one of an owner', { member: as('owner'), settings: { moderated: true } }, 'hold', ['moderated']],
  [
    'one of a member who need not wait',
    { member: as('member', { posting: 'accept' }), settings: { moderated: true } },
    'accept',
    [],
  ],
  [
    'the same, believed without being asked for proof',
    {
      member: as('member', { posting: 'accept' }),
      settings: { moderated: true },
      checks: unverified,
      spoofProtection: 'off',
    },
    'hold',
    ['moderated'],
  ],
  ['a member whose posts are held', { member: as('member', { posting: 'hold' }) }, 'hold', ['moderated']],
  [
    'a member whose posts are refused',
    { member: as('member', { posting: 'reject' }) },
    'reject',
    ['moderated'],
  ],
  ['the first post of a newcomer', { member: as('member', { firstPostsLeft: 1 }) }, 'hold', ['moderated']],
  [
    'the first post of a newcomer whom a moderator trusts',
    { member: as('member', { firstPostsLeft: 1, posting: 'accept' }) },
    'accept',
    [],
  ],

  ['a blind copy', { mail: { addressed: [address('bo@example.org')] } }, 'hold', ['not-addressed']],
  [
    'a post to an old name of the list',
    { mail: { addressed: [address('vogels@lists.example.org')] } },
    'accept',
    [],
  ],
  [
    'a blind copy where that is welcome',
    { mail: { addressed: [] }, settings: { require_addressed: false } },
    'accept',
    [],
  ],

  ['exactly as many recipients as allowed', { mail: { addressedCount: 20 } }, 'accept', []],
  ['one more', { mail: { addressedCount: 21 } }, 'hold', ['too-many-recipients']],
  [
    'any number where there is no limit',
    { mail: { addressedCount: 1000 }, settings: { max_recipients: 0 } },
    'accept',
    [],
  ],

  ['a post at exactly the size limit', { mail: { bytes: 1000 }, settings: { max_size: 1000 } }, 'accept', []],
  ['one byte more', { mail: { bytes: 1001 }, settings: { max_size: 1000 } }, 'reject', ['too-large']],
  [
    'a stranger with too large a post: the refusal is stronger',
    { ...stranger, mail: { bytes: 1001 }, settings: { max_size: 1000 } },
    'reject',
    ['not-a-member', 'too-large'],
  ],

  ['a post that the spam filter likes', { checks: spam('accept') }, 'accept', []],
  ['one that it marks', { checks: spam('mark') }, 'hold', ['spam']],
  [
    'one that it marks, where such are refused',
    { checks: spam('mark'), settings: { spam: 'reject' } },
    'reject',
    ['spam'],
  ],
  ['one that it wants to see again', { checks: spam('later') }, 'defer', ['spam']],
  ['one that it is sure of', { checks: spam('reject') }, 'reject', ['spam']],
  [
    'one that it wants to see again, and that is too large',
    { checks: spam('later'), mail: { bytes: 1e9 } },
    'reject',
    ['too-large', 'spam'],
  ],
  [
    'one that it wants to see again, in an emergency',
    { checks: spam('later'), settings: { emergency: true } },
    'defer',
    ['emergency', 'spam'],
  ],

  ['an answer into a locked conversation', { threadLocked: true }, 'hold', ['locked']],
  ['a post without a word', { empty: true }, 'accept', ['empty']],
];

describe('a post is judged', () => {
  test.each(cases)('%s', (_, change, verdict, reasons) => {
    const decision = decide(factsOf(change));
    expect([decision.verdict, ...decision.reasons.map((reason) => reason.rule)]).toEqual([
      verdict,
      ...reasons,
    ]);
  });

  test.each(cases)('and explained: %s', (_, change, verdict) => {
    const facts = factsOf(change);
    const counted = hearAll(facts).filter(({ finding, ignored }) => finding && !ignored);
    expect(counted.map(({ rule }) => rule)).toEqual(decide(facts).reasons.map(({ rule }) => rule));
    if (verdict !== 'accept') expect(counted.map(({ finding }) => finding?.verdict)).toContain(verdict);
  });
});

describe('the rules', () => {
  test('are those of the specification, in its order', () => {
    expect(rules.map(({ name }) => name).join(', ')).toBe(
      'loop, duplicate, bounce, automatic, other-list, sender-rule, identity, emergency, misdirected, header-rule, ' +
        'not-a-member, moderated, not-addressed, too-many-recipients, too-large, attachment, spam, digest-reply, empty, locked',
    );
  });

  test.each(rules.map((rule) => [rule.name, rule] as const))('%s says what it does', (_, { summary }) => {
    expect(summary).toMatch(/^[A-Z].*\.$/);
  });

  test('that refuse tell the sender what to do', () => {
    const silent = cases
      .filter(([, , verdict]) => verdict === 'reject')
      .map(
        ([name, change]) =>
          [name, decide(factsOf(change)).reasons.flatMap(({ advice }) => advice ?? [])] as const,
      )
      .filter(([, advice]) => advice.length === 0);
    // Whoever is banned by name is told no more than that.
    expect(silent.map(([name]) => name)).toEqual(['an author whose posts are refused']);
  });
});

describe("a moderator's yes", () => {
  const held = (rule: string, verdict: Reason['verdict'] = 'hold'): Reason[] => [{ rule, verdict, why: '' }];
  test.each([
    ['lifts the hold of a stranger', stranger, [], 'accept'],
    [
      'lifts that of a stranger who would be refused by now',
      { ...stranger, settings: { nonmember: 'reject' } },
      held('not-a-member'),
      'accept',
    ],
    ['lifts that of another list', { mail: { listIds: ['fish.example.org'] } }, held('other-list'), 'accept'],
    ['lifts an emergency', { settings: { emergency: true } }, held('emergency'), 'accept'],
    ['lifts want of proof', { checks: failed }, held('identity'), 'accept'],
    [
      'lifts want of proof on a list that has become strict since',
      { checks: failed, spoofProtection: 'strict' },
      held('identity'),
      'accept',
    ],
    [
      'lifts what the spam filter wanted to see again',
      { checks: spam('later') },
      held('spam', 'defer'),
      'accept',
    ],
    [
      'does not lift what was refused for want of proof',
      { checks: failed, spoofProtection: 'strict' },
      held('identity', 'reject'),
      'reject',
    ],
    [
      'does not lift a size limit',
      { mail: { bytes: 1001 }, settings: { max_size: 1000 } },
      held('emergency'),
      'reject',
    ],
    ['does not lift a ban', { senderRule: senderRule('reject') }, held('moderated'), 'reject'],
    [
      'lifts that posts of its author are held',
      { senderRule: senderRule('hold') },
      held('sender-rule'),
      'accept',
    ],
    [
      'does not lift a ban that came after such a hold',
      { senderRule: senderRule('discard') },
      held('sender-rule'),
      'discard',
    ],
    ['lifts what a header holds', { headerRules: [headerRule('hold')] }, held('header-rule'), 'accept'],
    [
      'does not lift what is refused for its header since',
      { headerRules: [headerRule('reject')] },
      held('header-rule'),
      'reject',
    ],
  ] satisfies [string, Change, Reason[], string][])('%s', (_, change, reasons, verdict) => {
    expect(decideAgain(factsOf(change), 'moderator', reasons).verdict).toBe(verdict);
  });
});

describe("an author's yes", () => {
  test.each([
    ['posts what was read as a command', { intent: 'leave' }, 'accept'],
    ['does not get around moderation', { intent: 'leave', settings: { moderated: true } }, 'hold'],
    ['does not make a stranger a member', { intent: 'leave', ...stranger }, 'hold'],
    ['has nobody come again', { checks: spam('later') }, 'hold'],
  ] satisfies [string, Change, string][])('%s', (_, change, verdict) => {
    expect(decideAgain(factsOf(change), 'author').verdict).toBe(verdict);
  });
});
