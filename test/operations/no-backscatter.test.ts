import { describe, expect, test } from 'vitest';
import type { Checks } from '../../src/domain/checks.ts';
import type { Peer, RecipientResult } from '../../src/domain/incoming.ts';
import type { SiteLimits } from '../../src/domain/site.ts';
import { createList } from '../../src/operations/lists/create-list.ts';
import { addMembers } from '../../src/operations/members/add-members.ts';
import { confirm } from '../../src/operations/requests/confirm.ts';
import { requestByPage } from '../../src/operations/requests/request-by-page.ts';
import { createDesk, type Desk } from '../support/desk.ts';
import { deliverOne, type Letter, proved, takeOutbox, tokenIn } from '../support/letterbox.ts';
import { onEachEngine, sqlite, type TestEngine } from '../support/stores.ts';

const [hour, day] = [3_600_000, 86_400_000];
const token = '0123456789abcde';
/** As the configuration has them. */
const limits: SiteLimits = {
  postsPerSender: { count: 30, ms: hour },
  postsPerList: { count: 200, ms: hour },
  joinsPerNetwork: { count: 30, ms: hour },
  confirmationsPerAddress: { count: 5, ms: day },
  repliesPerAddress: { count: 10, ms: day },
  mailToStrangers: { count: 1000, ms: hour },
};

const listMailboxes = [
  'birds',
  'birds-request',
  'birds+help',
  'birds-join',
  'birds-leave',
  `birds-leave+${token}`,
  'birds-digest',
  'birds-nomail',
  'birds-mail',
  `birds-confirm+${token}`,
  `birds-mod+${token}`,
  `birds-from+${token}`,
  'birds-owner',
  'birds-bounces',
  `birds-bounces+${token}`,
];
const services = ['listserv', 'majordomo', 'postmaster', 'abuse', 'fbl', 'mailer-daemon', 'noreply'];
const mailboxes = [...listMailboxes, ...services].map((local) => `${local}@lists.example.org`);

const identity = (known: 'failed' | 'unverified', policy: 'none' | 'reject' = 'none'): Partial<Checks> => ({
  identity: { class: known, why: 'nothing matches', policy, temporary: false },
});
const spam = (action: 'mark' | 'reject' | 'later'): Partial<Checks> => ({
  ...identity('unverified'),
  spam: { action, score: 12, symbols: [] },
});

const commands = [
  'help',
  'lists',
  'which',
  'which birds',
  'status',
  'who',
  'index',
  'get 1',
  'search nests',
  'join',
  'subscribe birds',
  'join address=other@far.example',
  'leave',
  'signoff *',
  'set nomail',
  'vacation until 2027-01-31',
  'name Vera',
  'address other@far.example',
  'hold',
  'invite other@far.example',
  'add other@far.example',
  'remove bo@example.org',
  'ban bo@example.org',
  'pending',
  'approve 1',
  `approve ${token}`,
  `confirm ${token}`,
  'lock 1',
];

type Kind = readonly [name: string, letter: Partial<Omit<Letter, 'to'>>];
const human: readonly Kind[] = [
  ['an empty mail', {}],
  ['words', { subject: 'Hello', text: 'Is anybody there? I have a question about nest boxes.' }],
  ['a misdirected “unsubscribe”', { subject: 'unsubscribe' }],
  ['a misdirected “subscribe”', { text: 'Please add me to the list' }],
  ['“yes”', { text: 'yes' }],
  ...commands.map((text): Kind => [`“${text}”`, { text }]),
];
const unanswerable: readonly Kind[] = [
  ['an automatic reply', { text: 'help', headers: ['Auto-Submitted: auto-replied'] }],
  ['a robot', { text: 'help', headers: ['Auto-Submitted: auto-generated'] }],
  ['a vacation notice by its subject', { subject: 'Out of office: Re: help', text: 'join' }],
  ['bulk mail', { text: 'join', headers: ['Precedence: bulk'] }],
  ['mail of another list', { text: 'join', headers: ['List-Id: <other.example.com>'] }],
  ['who asks for silence', { text: 'join', headers: ['X-Auto-Response-Suppress: All'] }],
  ['a null sender', { text: 'join', envelopeSender: '' }],
  [
    'a delivery report',
    { text: 'join', headers: ['Content-Type: multipart/report; report-type=delivery-status; boundary=x'] },
  ],
  ['a mail its domain disowns', { text: 'join', checks: identity('failed') }],
  ['one that its domain wants refused', { text: 'join', checks: identity('failed', 'reject') }],
  ['marked spam', { text: 'join', checks: spam('mark') }],
  ['sure spam', { text: 'join', checks: spam('reject') }],
  ['what the filter wants to see later', { text: 'join', checks: spam('later') }],
];

/** Ana owns birds; Bo is a member. Senders are checked, as in earnest. */
async function birds(engine: TestEngine = sqlite, own: SiteLimits = {}): Promise<Desk> {
  const desk = createDesk(await engine.freshStore(), { limits: { ...limits, ...own }, senderChecks: 'own' });
  await desk.operate(createList, { address: 'birds', owners: ['ana@example.org'] });
  await desk.operate(addMembers, { list: 'birds', members: [{ email: 'bo@example.org', name: 'Bo' }] });
  await takeOutbox(desk);
  return desk;
}

/** The people who run the site and the list: they hear of mail that was written to them, and of posts that wait. */
const staff: ReadonlySet<string> = new Set(['ana@example.org', 'root@example.org']);

const sentTo = async (desk: Desk) => (await takeOutbox(desk)).filter(({ to }) => !staff.has(to));

function write(desk: Desk, letter: Partial<Letter> & { to: string }): Promise<RecipientResult> {
  return deliverOne(desk, { from: 'vera@far.example', checks: identity('unverified'), ...letter });
}

describe('mail in the name of a stranger who never wrote it', { timeout: 60_000 }, () => {
  test.each(mailboxes)(
    'to %s: at most one question and one answer reach them, and no other stranger',
    async (to) => {
      const desk = await birds();
      for (const [, letter] of human) {
        for (let i = 0; i < 3; i++) {
          const result = await write(desk, { to, ...letter });
          // Six requests later the domain and the network are at their limits, too: another hour.
          if (result.kind === 'refused' && result.code === 450) desk.now += hour;
        }
      }
      const sent = await sentTo(desk);
      expect(sent.filter(({ subject }) => !subject.startsWith('Please confirm')).length).toBeLessThanOrEqual(
        1,
      );
      // `join address=` and the vain `address` name somebody else: one question each, of their allowance.
      for (const who of ['vera@far.example', 'other@far.example']) {
        const questions = sent.filter((mail) => mail.to === who && mail.subject.startsWith('Please confirm'));
        expect(questions.length).toBeLessThanOrEqual(3);
      }
      // “remove bo@…” is a request to leave, of which the member is asked.
      const known = ['vera@far.example', 'other@far.example', 'bo@example.org'];
      expect(sent.filter(({ to: who }) => !known.includes(who))).toEqual([]);
      expect(sent.filter(({ to: who }) => who === 'bo@example.org').length).toBeLessThanOrEqual(1);
    },
  );

  test('in the name of a member, it makes no more than questions to that member', async () => {
    const desk = await birds();
    for (const to of mailboxes) {
      for (const [, letter] of human) await write(desk, { to, from: 'bo@example.org', ...letter });
    }
    const sent = await sentTo(desk);
    expect(new Set(sent.map(({ to }) => to))).toEqual(new Set(['bo@example.org', 'other@far.example']));
    const questions = sent.filter(({ subject }) => subject.startsWith('Please confirm'));
    expect(questions.length).toBeLessThanOrEqual(5 + 3 + 3);
    expect(sent.length - questions.length).toBeLessThanOrEqual(10);
  });

  test('nothing of the mail comes back but its subject, cut', async () => {
    const desk = await birds();
    const advert = 'Buy at http://spam.example now';
    for (const to of mailboxes) await write(desk, { to, subject: 'help', text: advert });
    for (const { text, subject } of await sentTo(desk))
      expect(`${subject} ${text}`).not.toContain('spam.example');
  });
});

describe('behind a front mail server, whose bounce our refusal would become', { timeout: 60_000 }, () => {
  const peers: readonly Partial<Peer>[] = [
    { trusted: true, protocol: 'lmtp' },
    { trusted: true, protocol: 'smtp' },
  ];

  test.each(mailboxes)('nothing to %s is refused for good', async (to) => {
    const desk = await birds();
    for (const peer of peers) {
      for (const [name, letter] of [...human, ...unanswerable]) {
        desk.now += hour;
        for (const from of ['vera@far.example', 'bo@example.org', 'a@far.example, b@far.example']) {
          const result = await write(desk, { envelopeSender: 'vera@far.example', ...letter, to, from, peer });
          const refused = result.kind === 'refused' && result.code >= 500;
          expect([name, from, refused ? result.why : 'taken']).toEqual([name, from, 'taken']);
        }
      }
    }
  });
});

onEachEngine((engine) => {
  describe('posts that somebody else writes in the name of a member', () => {
    const birdsAddress = 'birds@lists.example.org';
    const own = { from: 'bo@example.org', to: birdsAddress, checks: proved } as const;

    test('use up nothing of what the member may post', async () => {
      const desk = await birds(engine);
      for (let n = 0; n < 40; n++) await write(desk, { from: 'bo@example.org', to: birdsAddress });
      expect((await deliverOne(desk, own)).kind).toBe('accepted');
    });

    test('and however many wait, the list goes on', async () => {
      const desk = await birds(engine, { postsPerList: { count: 5, ms: hour } });
      for (let n = 0; n < 10; n++)
        await deliverOne(desk, { from: `v${n}@far.example`, to: birdsAddress, checks: proved });
      expect((await deliverOne(desk, own)).kind).toBe('accepted');
    });
  });

  const ipOf = (n: number) => `10.${(n >> 8) & 255}.${n & 255}.9`;
  const page = (desk: Desk, request: { list: string; email: string; n: number; want?: 'join' | 'leave' }) => {
    const { n, want = 'join', ...asked } = request;
    return desk.perform(requestByPage, { kind: 'visitor', ip: ipOf(n) }, { want, ip: ipOf(n), ...asked });
  };

  describe('thousands of requests to join, each from another network', { timeout: 120_000 }, () => {
    async function manyLists(own: SiteLimits = {}): Promise<Desk> {
      const desk = await birds(engine, own);
      for (let i = 0; i < 20; i++)
        await desk.operate(createList, { address: `list${i}`, owners: ['ana@example.org'] });
      await takeOutbox(desk);
      return desk;
    }

    test('for one victim, by every list, in every spelling, by mail and by page: five mails a day', async () => {
      const desk = await manyLists();
      for (let n = 0; n < 1000; n++) {
        const email = [
          'v.ictim@gmail.com',
          `victim+${n}@gmail.com`,
          `VIC.TIM+${n}@Gmail.com`,
          'victim@googlemail.com',
        ][n % 4];
        if (n % 2 === 0) await page(desk, { list: `list${n % 20}`, email: email ?? '', n });
        else {
          await write(desk, {
            from: email ?? '',
            to: `list${n % 20}-join@lists.example.org`,
            peer: { ip: ipOf(n) },
          });
        }
      }
      expect(await sentTo(desk)).toHaveLength(5);
      desk.now += day;
      for (let n = 0; n < 100; n++) await page(desk, { list: `list${n % 20}`, email: 'victim@gmail.com', n });
      expect(await sentTo(desk)).toHaveLength(5);
    });

    test('for one victim day after day, who never answers: twenty a month', async () => {
      const desk = await manyLists();
      for (let today = 0; today < 20; today++) {
        for (let n = 0; n < 20; n++) await page(desk, { list: `list${n}`, email: 'victim@far.example', n });
        desk.now += day;
      }
      expect(await sentTo(desk)).toHaveLength(20);
    });

    test('of somebody who answers them, as many as there are lists', async () => {
      const desk = await manyLists();
      for (let n = 0; n < 20; n++) {
        for (const mail of await sentTo(desk)) {
          if (mail.subject.startsWith('Please confirm'))
            await desk.perform(confirm, { kind: 'holder', of: 'test' }, { token: tokenIn(mail) });
        }
        desk.now += day;
        await page(desk, { list: `list${n}`, email: 'joiner@far.example', n });
        await page(desk, { list: 'birds', email: 'joiner@far.example', n });
      }
      expect((await sentTo(desk)).filter(({ to }) => to === 'joiner@far.example')).not.toEqual([]);
    });

    test('for one domain, each to another address: fifty an hour', async () => {
      const desk = await manyLists();
      for (let n = 0; n < 500; n++)
        await page(desk, { list: `list${n % 20}`, email: `v${n}@far.example`, n });
      expect(await sentTo(desk)).toHaveLength(50);
    });

    test('from one network, each for another domain: ten an hour by page, thirty by mail', async () => {
      const desk = await manyLists();
      for (let n = 0; n < 100; n++) await page(desk, { list: 'birds', email: `v@d${n}.example`, n: 7 });
      expect(await sentTo(desk)).toHaveLength(10);
      for (let n = 0; n < 100; n++)
        await write(desk, {
          from: `v@e${n}.example`,
          to: 'birds-join@lists.example.org',
          peer: { ip: '192.0.2.1' },
        });
      expect(await sentTo(desk)).toHaveLength(30);
    });

    test('for any number of domains, from as many networks: what the site mails to strangers in an hour', async () => {
      const desk = await manyLists({ mailToStrangers: { count: 100, ms: hour } });
      for (let n = 0; n < 150; n++) await page(desk, { list: `list${n % 20}`, email: `v@d${n}.example`, n });
      expect(await sentTo(desk)).toHaveLength(100);
    });
  });

  test('questions in the name of strangers at one domain that takes every address: fifty answers an hour', async () => {
    const desk = await birds(engine);
    for (let n = 0; n < 200; n++)
      await write(desk, {
        from: `v${n}@far.example`,
        to: 'birds-request@lists.example.org',
        text: 'help',
        peer: { ip: ipOf(n) },
      });
    expect(await sentTo(desk)).toHaveLength(50);
  });

  describe('questions in the name of strangers, each of another domain, from one network', () => {
    const peer = { ip: '192.0.2.1' };
    const request = 'birds-request@lists.example.org';
    test.each<[string, number, (desk: Desk, n: number) => Promise<unknown>]>([
      [
        'by mail: thirty answers an hour',
        30,
        (desk, n) => write(desk, { from: `v@d${n}.example`, to: request, text: 'help', peer }),
      ],
      [
        'to leave, for somebody else: thirty',
        30,
        (desk, n) =>
          write(desk, { from: 'ed@far.example', to: request, text: `leave address=v@d${n}.example`, peer }),
      ],
      [
        'to leave, by page: ten',
        10,
        (desk, n) => page(desk, { list: 'birds', want: 'leave', email: `v@d${n}.example`, n: 7 }),
      ],
    ])('%s', async (_, most, ask) => {
      const desk = await birds(engine);
      for (let n = 0; n < 50; n++) await ask(desk, n);
      expect(await sentTo(desk)).toHaveLength(most);
      desk.now += hour;
      await ask(desk, 50);
      expect(await sentTo(desk)).toHaveLength(1);
    });
  });
});
