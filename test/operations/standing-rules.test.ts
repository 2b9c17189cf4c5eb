import { describe, expect, test } from 'vitest';
import type { Actor } from '../../src/domain/actor.ts';
import type { Address } from '../../src/domain/address.ts';
import { createList } from '../../src/operations/lists/create-list.ts';
import { deleteList } from '../../src/operations/lists/delete-list.ts';
import { setList } from '../../src/operations/lists/set-list.ts';
import { addMembers } from '../../src/operations/members/add-members.ts';
import { setMember } from '../../src/operations/members/set-member.ts';
import { approveHeld } from '../../src/operations/moderation/decide-held.ts';
import { listHeld } from '../../src/operations/moderation/list-held.ts';
import { forgetSenderRule } from '../../src/operations/rules/forget-sender-rule.ts';
import { listHeaderRules } from '../../src/operations/rules/list-header-rules.ts';
import { listSenderRules } from '../../src/operations/rules/list-sender-rules.ts';
import { setHeaderRule } from '../../src/operations/rules/set-header-rule.ts';
import { setSenderRule } from '../../src/operations/rules/set-sender-rule.ts';
import { createDesk, type Desk } from '../support/desk.ts';
import { deliverOne, type Letter, proved } from '../support/letterbox.ts';
import { onEachEngine, type TestEngine } from '../support/stores.ts';

const owner = 'olga@example.com' as Address;
const bob = 'bob@mail.example.net';
const birds = 'birds@lists.example.org';

/** A site with the list `birds` of Olga, to which anybody may post. */
async function site(engine: TestEngine): Promise<Desk> {
  const desk = createDesk(await engine.freshStore());
  await desk.operate(createList, { address: 'birds', owners: [owner] });
  await desk.operate(setList, { list: 'birds', changes: { post: 'anyone' } });
  return desk;
}

/** What becomes of a post, in a word and its reasons. */
async function post(desk: Desk, letter: Partial<Letter> = {}): Promise<string> {
  const result = await deliverOne(desk, {
    from: bob,
    to: birds,
    subject: 'Nests',
    text: 'Hello',
    ...letter,
  });
  return `${result.kind}: ${result.kind === 'refused' ? result.why : result.note}`;
}

onEachEngine((engine) => {
  describe('sender rules', () => {
    test.each([
      ['an address', 'Bob@Mail.Example.NET'],
      ['its domain', '*@mail.example.net'],
      ['the domains around it', '*@*.example.net'],
      ['all of a top-level domain', '*@*.net'],
      ['a pattern', '/^bob@/'],
      ['a pattern with the sign that many write', '/^BOB@/i'],
    ])('are about %s', async (_, pattern) => {
      const desk = await site(engine);
      await desk.operate(setSenderRule, { list: 'birds', pattern, action: 'hold' });
      expect(await post(desk)).toMatch(
        /^held: .*every post of bob@mail\.example\.net is read by a moderator/,
      );
      await desk.operate(forgetSenderRule, { list: 'birds', pattern });
      expect(await post(desk)).toMatch(/^accepted/);
    });

    test.each([
      ['another address of the domain', 'alice@mail.example.net'],
      ['the domain around it alone', '*@example.net'],
      ['what is below its domain', '*@*.mail.example.net'],
      ['a pattern that does not fit', '/^bo@/'],
    ])('are not about %s', async (_, pattern) => {
      const desk = await site(engine);
      await desk.operate(setSenderRule, { list: 'birds', pattern, action: 'hold' });
      expect(await post(desk)).toMatch(/^accepted/);
    });

    test('refuse, drop, and let pass', async () => {
      const desk = await site(engine);
      await desk.operate(setList, { list: 'birds', changes: { moderated: 'true' } });
      const set = (action: string) => desk.operate(setSenderRule, { list: 'birds', pattern: bob, action });
      expect(await set('reject')).toMatchObject({ formerly: null });
      expect(await post(desk)).toMatch(/^refused: .*this list takes no mail from bob@mail\.example\.net/);
      expect(await set('discard')).toMatchObject({ formerly: 'reject' });
      expect(await post(desk)).toMatch(/^dropped: .*is banned from this list/);
      await set('allow');
      expect(await post(desk)).toMatch(/^accepted/);
    });

    test('of one list say nothing to another; those of the site do', async () => {
      const desk = await site(engine);
      await desk.operate(createList, { address: 'fish', owners: [owner] });
      await desk.operate(setList, { list: 'fish', changes: { post: 'anyone' } });
      await desk.operate(setSenderRule, { list: 'fish', pattern: bob, action: 'discard' });
      expect(await post(desk)).toMatch(/^accepted/);
      await desk.operate(setSenderRule, { list: null, pattern: bob, action: 'discard' });
      expect(await post(desk)).toMatch(/^dropped: .*is banned from this site/);
    });

    test('a list cannot lift a ban of the site', async () => {
      const desk = await site(engine);
      await desk.operate(setSenderRule, { list: null, pattern: '*@*.example.net', action: 'discard' });
      await desk.operate(setSenderRule, { list: 'birds', pattern: bob, action: 'allow' });
      expect(await post(desk)).toMatch(/^dropped/);
    });

    test('look at the author, not at who else stands in the mail', async () => {
      const desk = await site(engine);
      await desk.operate(setSenderRule, { list: 'birds', pattern: bob, action: 'discard' });
      expect(
        await post(desk, { from: 'eve@example.org', headers: [`Sender: ${bob}`, `Reply-To: ${bob}`] }),
      ).toMatch(/^accepted/);
      expect(await post(desk, { envelopeSender: 'eve@example.org' })).toMatch(/^dropped/);
    });

    test('are made by moderators whose address is proved, for their list only', async () => {
      const desk = await site(engine);
      await desk.operate(addMembers, {
        list: 'birds',
        members: [{ email: 'mia@example.com', role: 'moderator' }, { email: 'max@example.com' }],
        consent: '',
      });
      const rule = { list: 'birds', pattern: bob, action: 'discard' };
      const as = (kind: 'verified' | 'claimed', email: string): Actor => ({ kind, email: email as Address });
      await expect(desk.perform(setSenderRule, as('claimed', 'mia@example.com'), rule)).rejects.toThrow(
        /Only/,
      );
      await expect(desk.perform(setSenderRule, as('verified', 'max@example.com'), rule)).rejects.toThrow(
        /Only/,
      );
      await desk.perform(setSenderRule, as('verified', 'mia@example.com'), rule);
      const onSite = { ...rule, list: null };
      await expect(desk.perform(setSenderRule, as('verified', owner), onSite)).rejects.toThrow(
        /Only the operator/,
      );
      await expect(desk.perform(listSenderRules, as('verified', owner), {})).rejects.toThrow(
        /Only the operator/,
      );
      const { rules } = await desk.perform(listSenderRules, as('verified', owner), { list: 'birds' });
      expect(rules).toMatchObject([{ pattern: bob, list: birds, createdBy: 'verified:mia@example.com' }]);
      expect(await auditOf(desk, 'set-sender-rule')).toEqual([
        { listId: 1, pattern: bob, action: 'discard', formerly: null },
      ]);
    });

    test('keep nobody out who looks after the list', async () => {
      const desk = await site(engine);
      const ban = { list: 'birds', pattern: owner, action: 'discard' };
      await expect(desk.operate(setSenderRule, ban)).rejects.toThrow(
        'olga@example.com looks after birds@lists.example.org: take that role away first.',
      );
    });

    test.each(['*@example.com', '*@*.com', '/^OLGA/'])(
      'of a moderator keep nobody out who looks after it by %s, either; the operator may mean the domain',
      async (pattern) => {
        const desk = await site(engine);
        const members = [{ email: 'mia@example.edu', role: 'moderator' }];
        await desk.operate(addMembers, { list: 'birds', members, consent: '' });
        const mia: Actor = { kind: 'verified', email: 'mia@example.edu' as Address };
        const ban = { list: 'birds', pattern, action: 'reject' };
        await expect(desk.perform(setSenderRule, mia, ban)).rejects.toThrow(
          'olga@example.com looks after birds@lists.example.org: take that role away first.',
        );
        await expect(desk.operate(setSenderRule, ban)).resolves.toMatchObject({ pattern });
      },
    );

    test.each([
      ['hold', owner],
      ['hold', '*@example.com'],
      ['allow', 'mia@example.edu'],
      ['forget', 'mia@example.edu'],
    ])(
      'of a moderator: whether somebody waits who looks after the list is an owner’s to say: %s %s',
      async (action, pattern) => {
        const desk = await site(engine);
        const members = [{ email: 'mia@example.edu', role: 'moderator' }];
        await desk.operate(addMembers, { list: 'birds', members, consent: '' });
        const verified = (email: string): Actor => ({ kind: 'verified', email: email as Address });
        const rule = { list: 'birds', pattern: 'mia@example.edu', action: 'hold' };
        await desk.perform(setSenderRule, verified(owner), rule);
        const asked =
          action === 'forget'
            ? desk.perform(forgetSenderRule, verified('mia@example.edu'), { list: 'birds', pattern })
            : desk.perform(setSenderRule, verified('mia@example.edu'), { list: 'birds', pattern, action });
        await expect(asked).rejects.toThrow('Only owners of this list may do that.');
        await desk.perform(forgetSenderRule, verified(owner), { list: 'birds', pattern: 'mia@example.edu' });
      },
    );

    test.each([
      ['ned@example.net', 'discard'],
      ['*@example.net', 'reject'],
    ])(
      'of a moderator from before somebody looked after the list do not shut them out: %s',
      async (pattern, action) => {
        const desk = await site(engine);
        const members = [{ email: 'mia@example.edu', role: 'moderator' }, { email: 'ned@example.net' }];
        await desk.operate(addMembers, { list: 'birds', members, consent: '' });
        const mia: Actor = { kind: 'verified', email: 'mia@example.edu' as Address };
        await desk.perform(setSenderRule, mia, { list: 'birds', pattern, action });
        const ned = { from: 'ned@example.net', checks: proved };
        expect(await post(desk, ned)).toMatch(/^(dropped|refused)/);
        await desk.operate(setMember, {
          list: 'birds',
          email: 'ned@example.net',
          changes: { role: 'owner' },
        });
        expect(await post(desk, ned)).toMatch(/^accepted/);
        expect(await post(desk, { ...ned, checks: {} })).toMatch(/^(dropped|refused)/);
        await desk.operate(setSenderRule, { list: null, pattern, action });
        expect(await post(desk, ned)).toMatch(/^(dropped|refused)/);
      },
    );

    test.each([
      [{ list: 'birds', pattern: '*@example.net', action: 'reject' }, /^refused/],
      [{ list: null, pattern: 'ned@example.net', action: 'hold' }, /^held/],
    ])(
      'of a moderator from before somebody looked after the list hide none of the operator',
      async (rule, outcome) => {
        const desk = await site(engine);
        const members = [{ email: 'mia@example.edu', role: 'moderator' }, { email: 'ned@example.net' }];
        await desk.operate(addMembers, { list: 'birds', members, consent: '' });
        const mia: Actor = { kind: 'verified', email: 'mia@example.edu' as Address };
        await desk.perform(setSenderRule, mia, {
          list: 'birds',
          pattern: 'ned@example.net',
          action: 'discard',
        });
        await desk.operate(setSenderRule, rule);
        const changes = { role: 'owner' };
        await desk.operate(setMember, { list: 'birds', email: 'ned@example.net', changes });
        expect(await post(desk, { from: 'ned@example.net', checks: proved })).toMatch(outcome);
      },
    );

    test('come a page at a time, oldest first', async () => {
      const desk = await site(engine);
      for (const name of ['a', 'b', 'c'])
        await desk.operate(setSenderRule, { list: null, pattern: `${name}@example.net`, action: 'hold' });
      const first = await desk.operate(listSenderRules, { limit: 2 });
      const second = await desk.operate(listSenderRules, { limit: 2, after: first.next });
      expect([...first.rules, ...second.rules].map((each) => each.pattern)).toEqual([
        'a@example.net',
        'b@example.net',
        'c@example.net',
      ]);
      expect(second.next).toBeUndefined();
    });

    test('have room for so many patterns, and no more', async () => {
      const desk = await site(engine);
      const large = (i: number) => ({ list: 'birds', pattern: `/(?:[ab]?[cd]?){45}${i}/`, action: 'hold' });
      let made = 0;
      const fill = async () => {
        for (; made < 100; made++) await desk.operate(setSenderRule, large(made));
      };
      await expect(fill()).rejects.toThrow(
        /patterns of birds@lists\.example\.org would be too large together/,
      );
      expect(made).toBeGreaterThan(5);
      // What is there may still be changed, and another list has its own.
      await desk.operate(setSenderRule, { ...large(0), action: 'allow' });
      await desk.operate(setSenderRule, { ...large(100), list: null });
    });

    test('go with their list', async () => {
      const desk = await site(engine);
      await desk.operate(setSenderRule, { list: 'birds', pattern: bob, action: 'discard' });
      await desk.operate(setHeaderRule, { list: 'birds', field: 'Subject', pattern: 'x', action: 'hold' });
      await desk.operate(deleteList, { list: 'birds' });
      expect((await desk.operate(listSenderRules, {})).rules).toEqual([]);
      expect((await desk.operate(listHeaderRules, {})).rules).toEqual([]);
    });
  });

  describe('header rules', () => {
    const subject = (pattern: string, action: string) => ({
      list: 'birds',
      field: 'Subject',
      pattern,
      action,
    });

    test.each([
      [
        'a word of the subject',
        subject('\\bcasino\\b', 'hold'),
        { subject: 'Your CASINO' },
        /^held: .*Subject/,
      ],
      [
        'a word of an encoded subject',
        subject('^vögel', 'reject'),
        { subject: '=?utf-8?Q?V=C3=B6gel?=' },
        /^refused: .*a rule about its Subject says so/,
      ],
      [
        'any field of the name',
        { ...subject('mass', 'discard'), field: 'X-Mailer' },
        { headers: ['X-Mailer: nice', 'x-mailer: MassSender'] },
        /^dropped: .*X-Mailer/,
      ],
      ['another word', subject('\\bcasino\\b', 'hold'), { subject: 'Casinos' }, /^accepted/],
      [
        'a field that is not there',
        { ...subject('', 'hold'), field: 'X-Spam', pattern: '.' },
        {},
        /^accepted/,
      ],
    ])('see %s', async (_, rule, letter, outcome) => {
      const desk = await site(engine);
      await desk.operate(setHeaderRule, rule);
      expect(await post(desk, letter)).toMatch(outcome);
    });

    test('of several the strictest counts', async () => {
      const desk = await site(engine);
      await desk.operate(setHeaderRule, subject('nests', 'accept'));
      await desk.operate(setHeaderRule, { ...subject('nests', 'hold'), list: null, field: 'subject' });
      expect(await post(desk)).toMatch(/^held/);
    });

    const mia = 'mia@example.edu';

    test.each([
      ['a moderator', mia, owner, 'reject', /^accepted/],
      ['a moderator', mia, owner, 'discard', /^accepted/],
      ['a moderator', mia, owner, 'hold', /^accepted/],
      ['a moderator', mia, 'max@example.edu', 'reject', /^accepted/],
      ['an owner', owner, mia, 'discard', /^accepted/],
      ['a moderator', mia, bob, 'reject', /^refused/],
      ['the operator', undefined, owner, 'reject', /^refused/],
    ] as const)('of %s (%s) about mail of %s: %s', async (_, maker, from, action, outcome) => {
      const desk = await site(engine);
      const moderators = [mia, 'max@example.edu'].map((email) => ({ email, role: 'moderator' }));
      await desk.operate(addMembers, { list: 'birds', members: moderators, consent: '' });
      const rule = { list: 'birds', field: 'From', pattern: from.replaceAll('.', '\\.'), action };
      const actor: Actor = maker
        ? { kind: 'verified', email: maker as Address }
        : { kind: 'operator', via: 'cli' };
      await desk.perform(setHeaderRule, actor, rule);
      expect(await post(desk, { from, checks: proved })).toMatch(outcome);
    });

    test('of a moderator do not end the wait of their own posts, nor do those about their domain: an owner has decided it', async () => {
      const desk = await site(engine);
      await desk.operate(addMembers, {
        list: 'birds',
        members: [{ email: mia, role: 'moderator' }],
        consent: '',
      });
      await desk.operate(setMember, { list: 'birds', email: mia, changes: { posting: 'hold' } });
      const actor: Actor = { kind: 'verified', email: mia as Address };
      const byMia = () => post(desk, { from: mia, checks: proved });
      await desk.perform(setHeaderRule, actor, {
        list: 'birds',
        field: 'From',
        pattern: 'mia',
        action: 'accept',
      });
      expect(await byMia()).toMatch(/^held/);
      for (const pattern of ['/^mia@/', '*@example.edu']) {
        await desk.perform(setSenderRule, actor, { list: 'birds', pattern, action: 'allow' });
        expect(await byMia()).toMatch(/^held/);
      }
      await desk.perform(
        setSenderRule,
        { kind: 'verified', email: owner },
        { list: 'birds', pattern: mia, action: 'allow' },
      );
      expect(await byMia()).toMatch(/^accepted/);
    });

    test('of a moderator stop what only pretends to be of an owner', async () => {
      const desk = await site(engine);
      const members = [{ email: mia, role: 'moderator' }];
      await desk.operate(addMembers, { list: 'birds', members, consent: '' });
      const actor: Actor = { kind: 'verified', email: mia as Address };
      await desk.perform(setHeaderRule, actor, subject('casino', 'discard'));
      expect(await post(desk, { from: owner, subject: 'Casino' })).toMatch(/^dropped/);
      expect(await post(desk, { from: owner, subject: 'Casino', checks: proved })).toMatch(/^accepted/);
    });

    test('that accept let strangers pass where members post', async () => {
      const desk = await site(engine);
      await desk.operate(setList, { list: 'birds', changes: { post: 'members' } });
      await desk.operate(setHeaderRule, subject('^nests', 'accept'));
      expect(await post(desk)).toMatch(/^accepted/);
      expect(await post(desk, { subject: 'Eggs' })).toMatch(/^(held|refused)/);
    });
  });

  describe('what a post carries', () => {
    test('an answer to a digest waits', async () => {
      const desk = await site(engine);
      expect(await post(desk, { subject: 'Re: Birds Digest, Vol 3, Issue 4' })).toMatch(
        /^held: .*please edit the subject/,
      );
      const text = `Yes!\n> Today's Topics:\n>   1. Nests\n> ${'-'.repeat(30)}\n> Message: 1`;
      expect(await post(desk, { text })).toMatch(/^held: .*quotes a whole digest/);
      await desk.operate(setList, { list: 'birds', changes: { digest_replies: 'accept' } });
      expect(await post(desk, { text })).toMatch(/^accepted/);
    });

    test('a dangerous attachment is refused by its name, any other where only text is taken', async () => {
      const desk = await site(engine);
      const pdf = { filename: 'plan.pdf', type: 'application/pdf', bytes: 10 };
      const exe = { filename: 'a.exe', type: 'application/pdf', bytes: 10, danger: '"a.exe" is a program' };
      const closed = '"a.7z" is a 7z archive, which nobody can look into';
      const packed = { filename: 'a.7z', type: 'application/x-7z-compressed', bytes: 10, closed };
      const send = (...attachments: (typeof pdf)[]) => post(desk, { checks: { attachments } });
      expect(await send(pdf)).toMatch(/^accepted/);
      expect(await send(pdf, exe)).toMatch(/^refused: .*"a\.exe" is a program/);
      expect(await send(pdf, packed)).toMatch(/^held: /);
      const [waiting] = await desk.operate(listHeld, {});
      expect(waiting?.reasons).toMatchObject([{ rule: 'attachment', why: closed }]);
      expect(await desk.operate(approveHeld, { id: waiting?.id })).toMatchObject({ number: 2 });
      await desk.operate(setList, { list: 'birds', changes: { attachments: 'none' } });
      expect(await send(pdf)).toMatch(/^refused: .*text only, and it carries the attachment “plan\.pdf”/);
      await desk.operate(setList, { list: 'birds', changes: { attachments: 'any' } });
      expect(await send(exe)).toMatch(/^accepted/);
    });

    test('nothing at all goes out, and a moderator of other reasons hears of it', async () => {
      const desk = await site(engine);
      expect(await post(desk, { text: '' })).toMatch(/^accepted/);
      await desk.operate(setList, { list: 'birds', changes: { moderated: 'true' } });
      expect(await reasonsOfLast(desk, { text: '' })).toEqual(['moderated', 'empty']);
      expect(await reasonsOfLast(desk, { subject: '' })).toEqual(['moderated', 'empty']);
      expect(await reasonsOfLast(desk, {})).toEqual(['moderated']);
    });
  });
});

async function reasonsOfLast(desk: Desk, letter: Partial<Letter>): Promise<string[]> {
  await post(desk, letter);
  const row = await desk.store.read((db) =>
    db.selectFrom('held').select('reasons').orderBy('id', 'desc').executeTakeFirstOrThrow(),
  );
  return (JSON.parse(row.reasons) as { rule: string }[]).map(({ rule }) => rule);
}

async function auditOf(desk: Desk, operation: string): Promise<unknown[]> {
  const rows = await desk.store.read((db) =>
    db.selectFrom('audit').select('detail').where('operation', '=', operation).execute(),
  );
  return rows.map(({ detail }) => JSON.parse(detail));
}
