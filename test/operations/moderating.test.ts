import { describe, expect, test } from 'vitest';
import type { Address } from '../../src/domain/address.ts';
import type { Checks } from '../../src/domain/checks.ts';
import { readHead } from '../../src/mail/headers.ts';
import { inspectLines } from '../../src/mail/line-ends.ts';
import { readMime } from '../../src/mail/mime-tree.ts';
import { createList } from '../../src/operations/lists/create-list.ts';
import { setList } from '../../src/operations/lists/set-list.ts';
import { addMembers } from '../../src/operations/members/add-members.ts';
import { removeMembers } from '../../src/operations/members/remove-members.ts';
import { setMember } from '../../src/operations/members/set-member.ts';
import { approveHeld, discardHeld, rejectHeld } from '../../src/operations/moderation/decide-held.ts';
import { expireHeld } from '../../src/operations/moderation/expire-held.ts';
import { listHeld } from '../../src/operations/moderation/list-held.ts';
import { remindModerators } from '../../src/operations/moderation/remind-moderators.ts';
import { tellDecisions } from '../../src/operations/moderation/tell-decisions.ts';
import { writeToModerators } from '../../src/operations/moderation/write-to-moderators.ts';
import { confirm } from '../../src/operations/requests/confirm.ts';
import { setSenderRule } from '../../src/operations/rules/set-sender-rule.ts';
import { findHeld } from '../../src/store/held.ts';
import { noteAtWork } from '../../src/store/time-off.ts';
import { createDesk, type Desk } from '../support/desk.ts';
import { deliverOne, type Letter, type Sent, takeOutbox, tokenIn } from '../support/letterbox.ts';
import { onEachEngine, type TestEngine } from '../support/stores.ts';

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;
const [ana, bob, mia] = ['ana@example.org', 'bob@example.org', 'mia@example.org'] as Address[] as [
  Address,
  Address,
  Address,
];
const bo = 'bo@example.org' as Address;
const eve = 'eve@example.edu';

/** `birds`: Ana owns it, Bob and Mia moderate it, Bo is a member; everything waits. */
async function birds(engine: TestEngine, settings: Record<string, string> = {}): Promise<Desk> {
  const desk = createDesk(await engine.freshStore());
  await desk.operate(createList, { address: 'birds', owners: [ana], title: 'Birds' });
  await desk.operate(addMembers, {
    list: 'birds',
    members: [
      { email: bob, name: 'Bob Finch', role: 'moderator' },
      { email: mia, role: 'moderator' },
      { email: bo, name: 'Bo' },
    ],
  });
  await desk.operate(setList, { list: 'birds', changes: { moderated: 'true', ...settings } });
  await takeOutbox(desk);
  return desk;
}

const proved = {
  identity: {
    class: 'verified',
    why: 'DKIM of example.org matches the From',
    policy: 'none',
    temporary: false,
  },
} as const satisfies Partial<Checks>;

/** A post of Bo's. */
const post = {
  from: `Bo <${bo}>`,
  to: 'birds@lists.example.org',
  subject: 'Nests',
  text: 'Three eggs.',
  checks: proved,
} as const satisfies Letter;

/** Sends a post that waits; what moderators and its author heard, and its id. */
async function hold(
  desk: Desk,
  letter: Partial<Letter> = {},
): Promise<{ id: number; mails: readonly Sent[] }> {
  const result = await deliverOne(desk, { ...post, ...letter });
  if (result.kind !== 'held') throw new Error(`it was not held: ${JSON.stringify(result)}`);
  return { id: result.id, mails: await takeOutbox(desk) };
}

function to(mails: readonly Sent[], email: string): Sent | undefined {
  return mails.find((mail) => mail.to === email);
}

/** Answers a notice as a mail program does. */
function reply(desk: Desk, notice: Sent | undefined, letter: Partial<Letter>) {
  return deliverOne(desk, {
    from: notice?.to ?? '',
    to: `birds-mod+${tokenIn(notice)}@lists.example.org`,
    subject: `Re: ${notice?.subject}`,
    ...letter,
  });
}

async function decisionOf(desk: Desk, id: number): Promise<string> {
  const held = await desk.store.read((db) => findHeld(db, id));
  return `${held?.decision ?? 'waits'}${held?.decidedBy ? ` by ${held.decidedBy}` : ''}`;
}

/** The copies of posts among mails. */
const copies = (mails: readonly Sent[]) => mails.filter(({ kind }) => kind === 'post').map((mail) => mail.to);

onEachEngine((engine) => {
  describe('a notice', () => {
    test.each([
      [
        'a line of text that is too long for a mail',
        { text: 'x'.repeat(5000) },
        ['text/plain', 'message/rfc822'],
      ],
      ['a subject that is', { subject: 'w '.repeat(3000) }, ['text/plain', 'message/rfc822']],
      ['a word of a field that cannot be parted', { headers: [`X-Id: ${'x'.repeat(3000)}`] }, []],
    ])('reaches moderators whose servers keep to the standard: %s', async (_, letter, parts) => {
      const { mails } = await hold(await birds(engine), letter);
      const raw = to(mails, bob)?.raw ?? Buffer.alloc(0);
      expect(inspectLines(raw).longest).toBeLessThan(999);
      const tree = readMime(raw, readHead(raw));
      expect(tree.children.map(({ type }) => type)).toEqual(parts);
    });

    test('shows the moderators who wrote what, and how to answer, with the mail itself attached', async () => {
      const desk = await birds(engine);
      const { mails } = await hold(desk);
      expect(mails.map((mail) => mail.to).sort()).toEqual([bo, bob, mia].sort());
      const notice = to(mails, bob);
      const token = tokenIn(notice);
      expect(notice).toMatchObject({ subject: 'Please decide: “Nests” (Birds)', returnPath: 'verp' });
      expect(notice?.from).toBe(`"Birds (mailing list)" <birds-mod+${token}@lists.example.org>`);
      expect(notice?.header('Auto-Submitted')).toBe('auto-generated');
      expect(notice?.header('X-Auto-Response-Suppress')).toBe('OOF, AutoReply');
      expect(notice?.header('List-Id')).toBeUndefined();
      for (const said of [
        'every post to this list is read by a moderator first',
        'Bo <bo@example.org>',
        'yes: DKIM of example.org matches the From',
        'member since 21 Nov 2026; this would be the first post',
        '> Three eggs.',
        `mailto:birds-mod+${token}@lists.example.org?subject=approve`,
        `https://lists.example.org/c/${token}`,
        'it is rejected on 5 Dec 2026',
      ])
        expect(notice?.text).toContain(said);
      const tree = readMime(notice?.raw ?? Buffer.alloc(0), readHead(notice?.raw ?? Buffer.alloc(0)));
      expect(tree.children.map(({ type }) => type)).toEqual(['text/plain', 'message/rfc822']);
      expect(tree.children[1]?.body.toString()).toContain('Three eggs.');
      expect(tokenIn(to(mails, mia))).not.toBe(token);
    });

    test('of a mail without a single author does not take the envelope for one', async () => {
      const desk = await birds(engine);
      const from = 'Bo <bo@example.org>, Eve <eve@example.edu>';
      const { mails } = await hold(desk, { from, envelopeSender: bo, checks: {} });
      expect(to(mails, bob)?.text).toContain(`From:      (no single author, sent by ${bo})`);
    });

    test('of a large mail has no attachment', async () => {
      const desk = await birds(engine);
      const { mails } = await hold(desk, { text: 'Three eggs.\n'.repeat(6000) });
      expect(to(mails, bob)?.text).toContain('too much to attach');
      expect(to(mails, bob)?.header('Content-Type')).toMatch(/^text\/plain/);
    });

    test.each<[string, Record<string, string>, string[], string[]]>([
      ['the moderators', {}, [], [bob, mia]],
      [
        'the moderators and the owners where the list wants it so',
        { moderation_mail: 'owners-too' },
        [],
        [ana, bob, mia],
      ],
      ['the owners where there is no moderator', {}, [bob, mia], [ana]],
    ])('goes to %s', async (_, settings, gone, expected) => {
      const desk = await birds(engine, settings);
      if (gone.length > 0) await desk.operate(removeMembers, { list: 'birds', emails: gone });
      await takeOutbox(desk);
      const { mails } = await hold(desk);
      expect(
        mails
          .map((mail) => mail.to)
          .filter((email) => email !== bo)
          .sort(),
      ).toEqual(expected);
    });

    test('goes to the operators where a list has nobody, and they may decide', async () => {
      const desk = await birds(engine);
      await desk.store.write((tx) =>
        tx.updateTable('memberships').set({ left_at: 1 }).where('role', '!=', 'member').execute(),
      );
      const { id, mails } = await hold(desk);
      expect(to(mails, 'root@example.org')?.subject).toBe('Please decide: “Nests” (Birds)');
      await reply(desk, to(mails, 'root@example.org'), { text: 'ok' });
      expect(await decisionOf(desk, id)).toBe('approved by operator:mail');
    });

    test('of text that pretends to be ours is a quote, on lines of its own', async () => {
      const desk = await birds(engine);
      const { mails } = await hold(desk, {
        from: '"Bo\u202Eknurd" <bo@example.org>',
        subject: '=?utf-8?Q?Nests=0AReally=3F_yes?=',
        text: 'Really?  yes: he is known to me\nallow mailto:evil@example.net',
      });
      const lines = to(mails, bob)?.text.split(/\r?\n/) ?? [];
      expect(lines.filter((line) => line.startsWith('Really?'))).toHaveLength(1);
      expect(lines).toContain('> Really? yes: he is known to me');
      expect(lines).toContain('From:      Boknurd <bo@example.org>');
    });
  });

  describe('a moderator’s reply', () => {
    test.each<[string, Partial<Letter>, string]>([
      ['“ok” posts it', { text: 'ok\n\n> Three eggs.' }, `approved by verified:${bob}`],
      [
        'above a quote with its header posts it',
        { text: 'Yes\n\nOn Sat, 21 Nov 2026 at 12:00, Birds wrote:\n> x' },
        `approved by verified:${bob}`,
      ],
      ['of a mailto link posts it', { subject: 'approve' }, `approved by verified:${bob}`],
      ['with a reason rejects it', { text: 'reject: off topic' }, `rejected by verified:${bob}`],
      ['“discard” drops it', { text: 'discard' }, `discarded by verified:${bob}`],
      ['“ban” drops it', { text: 'ban' }, `discarded by verified:${bob}`],
      ['“allow” posts it', { text: 'allow' }, `approved by verified:${bob}`],
      [
        'from another address of hers counts',
        { from: 'bob@private.example', text: 'ok' },
        `approved by verified:${bob}`,
      ],
      ['without a word decides nothing', { text: '' }, 'waits'],
      ['with only the quote decides nothing', { text: '> ok' }, 'waits'],
      ['that asks something decides nothing', { text: 'Who is this?' }, 'waits'],
    ])('%s', async (_, letter, expected) => {
      const desk = await birds(engine);
      const { id, mails } = await hold(desk);
      expect(await reply(desk, to(mails, bob), letter)).toMatchObject({ kind: 'done' });
      expect(await decisionOf(desk, id)).toBe(expected);
    });

    test('that posts it sends it to everybody, as it came, and is not answered', async () => {
      const desk = await birds(engine);
      const { mails } = await hold(desk);
      await reply(desk, to(mails, bob), { text: 'ok' });
      const sent = await takeOutbox(desk);
      expect(copies(sent).sort()).toEqual([ana, bo, bob, mia].sort());
      expect(sent).toHaveLength(4);
      expect(sent[0]?.header('X-Moderated-Edit')).toBeUndefined();
    });

    test.each([
      ['marked by its header', { headers: ['Auto-Submitted: auto-replied'], text: 'ok' }],
      ['marked by its subject', { subject: 'Automatic reply: Please decide', text: 'ok' }],
      ['that quotes a link of ours', { headers: ['X-Autoreply: yes'], subject: 'approve' }],
      ['from nobody', { envelopeSender: '', text: 'ok' }],
      ['through another list', { headers: ['List-Id: <mods.example.net>'], text: 'ok' }],
    ])('of a program, %s, decides nothing and hears nothing', async (_, letter) => {
      const desk = await birds(engine);
      const { id, mails } = await hold(desk);
      expect(await reply(desk, to(mails, bob), letter)).toMatchObject({ kind: 'dropped' });
      expect(await decisionOf(desk, id)).toBe('waits');
      expect(await takeOutbox(desk)).toEqual([]);
    });

    test('that says nothing gets one helping answer, to which one can reply', async () => {
      const desk = await birds(engine);
      const { id, mails } = await hold(desk);
      const notice = to(mails, bob);
      await reply(desk, notice, { text: '' });
      await reply(desk, notice, { text: 'Hm?' });
      const [help, ...others] = await takeOutbox(desk);
      expect(others).toEqual([]);
      expect(help).toMatchObject({ to: bob, subject: 'Nothing decided yet: Birds', returnPath: 'null' });
      expect(help?.from).toContain(`birds-mod+${tokenIn(notice)}@`);
      await reply(desk, help, { text: 'discard' });
      expect(await decisionOf(desk, id)).toBe(`discarded by verified:${bob}`);
    });

    test('that is not answered, for a limit, says so in the log', async () => {
      const desk = await birds(engine);
      const { mails } = await hold(desk);
      const again = (text: string) => reply(desk, to(mails, bob), { text, messageId: 'one@example.org' });
      const note = async (text: string) => ((await again(text)) as { note?: string }).note;
      expect(await note('')).toBe('asked again');
      expect(await note('')).toBe('empty, not answered');
      expect(await note('Hm?')).toBe('unclear, not answered');
      expect(await takeOutbox(desk)).toHaveLength(1);
      expect(await note('ok')).toBe('moderated: approve 1');
      expect(await note('ok')).toBe('moderated: approve 1 (conflict)');
      expect(await note('ok')).toBe('moderated: approve 1 (conflict), not answered');
    });

    test('that cannot be proved is answered where the notice went, whatever address it bears', async () => {
      const desk = await birds(engine);
      const { mails } = await hold(desk);
      const identity = { class: 'failed', why: 'DMARC fails', policy: 'reject', temporary: false } as const;
      await reply(desk, to(mails, bob), { from: mia, text: 'Hm?', checks: { identity } });
      expect(await takeOutbox(desk)).toMatchObject([{ to: bob, subject: 'Nothing decided yet: Birds' }]);
    });

    test.each([
      ['in the moderator’s words', 'reject: Not about birds.', 'Not about birds.'],
      ['by a number of ours', 'reject 2', 'It is advertising, which this list does not carry.'],
      ['of none', 'reject', 'A moderator decided that it does not fit here.'],
    ])('that rejects tells a proved author why: %s', async (_, text, why) => {
      const desk = await birds(engine);
      const { mails } = await hold(desk);
      await reply(desk, to(mails, bob), { text });
      expect(await takeOutbox(desk)).toMatchObject([
        { to: bo, subject: 'Not posted: “Nests”', text: expect.stringContaining(why) },
      ]);
    });

    test('may choose from the list’s own reasons, and hears of a number that is none', async () => {
      const desk = await birds(engine, { reject_reasons: 'Too long.\n\nToo short.' });
      const { id, mails } = await hold(desk);
      await reply(desk, to(mails, bob), { text: 'reject 3' });
      expect((await takeOutbox(desk))[0]?.text).toContain('1: Too long.; 2: Too short.');
      expect(await decisionOf(desk, id)).toBe('waits');
      await reply(desk, to(mails, bob), { text: 'reject #2' });
      expect((await takeOutbox(desk))[0]?.text).toContain('Too short.');
    });

    test('that comes second hears who was first, and when there', async () => {
      const desk = await birds(engine, { timezone: 'Europe/Berlin' });
      const { id, mails } = await hold(desk);
      await reply(desk, to(mails, bob), { text: 'ok' });
      await takeOutbox(desk);
      desk.now += 5 * minute;
      await reply(desk, to(mails, mia), { text: 'discard' });
      const [told, ...others] = await takeOutbox(desk);
      expect(told).toMatchObject({ to: mia });
      expect(told?.text).toContain(
        '“Nests”: Held post 1 was already approved by Bob Finch at 13:00 (Europe/Berlin)',
      );
      expect(others).toEqual([]);
      expect(await decisionOf(desk, id)).toBe(`approved by verified:${bob}`);
    });

    test.each(['reject', 'discard'])(
      '“%s” is about the same mail too that a sender without an answer brings again, for a day',
      async (word) => {
        const desk = await birds(engine);
        const letter = { messageId: 'same@example.org' };
        const { id, mails } = await hold(desk, letter);
        await reply(desk, to(mails, bob), { text: word });
        await takeOutbox(desk);
        desk.now += day - minute;
        const again = {
          ...post,
          ...letter,
          headers: ['Received: from a by b; Sat, 21 Nov 2026 12:00:00 +0000'],
        };
        expect(await deliverOne(desk, again)).toMatchObject({ kind: 'held', id });
        expect([await takeOutbox(desk), await desk.operate(listHeld, {})]).toEqual([[], []]);
        // Another text is none of it, nor is what its author sends anew on another day.
        expect(await deliverOne(desk, { ...again, text: 'Four eggs.' })).toMatchObject({ id: id + 1 });
        desk.now += minute;
        expect(await deliverOne(desk, again)).toMatchObject({ kind: 'held', id: id + 2 });
      },
    );

    test('“reject” is not about a mail that its author sends once more on purpose, as it is', async () => {
      const desk = await birds(engine);
      const letter = { messageId: 'same@example.org' };
      const { id, mails } = await hold(desk, letter);
      await reply(desk, to(mails, bob), { text: 'reject' });
      const resent = (at: number) => ({
        ...post,
        ...letter,
        headers: [`Resent-Date: ${new Date(at).toUTCString()}`],
      });
      desk.now += hour;
      expect(await deliverOne(desk, resent(desk.now - minute))).toMatchObject({ kind: 'held', id: id + 1 });
      await desk.operate(rejectHeld, { id: id + 1, reason: '' });
      expect(await deliverOne(desk, resent(desk.now - minute))).toMatchObject({ kind: 'held', id: id + 1 });
      expect(await desk.operate(listHeld, {})).toEqual([]);
    });

    test('what nobody found the time for within a short while may be sent again', async () => {
      const desk = await birds(engine, { held_expires: '1h' });
      const letter = { messageId: 'same@example.org' };
      const { id } = await hold(desk, letter);
      desk.now += hour;
      await desk.operate(expireHeld, {});
      expect(await deliverOne(desk, { ...post, ...letter })).toMatchObject({ kind: 'held', id: id + 1 });
    });

    test('at the same moment as another’s: one decides, the other hears it', async () => {
      const desk = await birds(engine);
      const { id, mails } = await hold(desk);
      await Promise.all([
        reply(desk, to(mails, bob), { text: 'ok' }),
        reply(desk, to(mails, mia), { text: 'ok' }),
      ]);
      const sent = await takeOutbox(desk);
      expect(copies(sent)).toHaveLength(4);
      expect(sent.filter(({ text }) => text.includes('already approved by'))).toHaveLength(1);
      expect(await decisionOf(desk, id)).toMatch(/^approved by verified:(bob|mia)@/);
    });

    test('of somebody who has lost the role decides nothing', async () => {
      const desk = await birds(engine);
      const { id, mails } = await hold(desk);
      await desk.operate(setMember, { list: 'birds', email: bob, changes: { role: 'member' } });
      await reply(desk, to(mails, bob), { text: 'ok' });
      expect(await decisionOf(desk, id)).toBe('waits');
      expect((await takeOutbox(desk))[0]?.text).toContain(
        'Only moderators and owners of this list may do that.',
      );
    });

    test('to a token that is not ours, or another list’s, is refused', async () => {
      const desk = await birds(engine);
      await desk.operate(createList, { address: 'fish', owners: [ana] });
      const { id, mails } = await hold(desk);
      const token = tokenIn(to(mails, bob));
      for (const address of ['birds-mod+000000000000000', `fish-mod+${token}`]) {
        const result = await deliverOne(desk, { from: bob, to: `${address}@lists.example.org`, text: 'ok' });
        expect(result).toMatchObject({ kind: 'refused', code: 550, enhanced: '5.1.1' });
      }
      expect(await decisionOf(desk, id)).toBe('waits');
    });
  });

  describe('about the author for good', () => {
    const stranger = { from: `Eve <${eve}>`, checks: proved };
    const again = { ...post, ...stranger, subject: 'More' };

    test('“allow” lets a member’s next post through', async () => {
      const desk = await birds(engine);
      const { mails } = await hold(desk);
      await reply(desk, to(mails, bob), { text: 'allow' });
      expect((await takeOutbox(desk)).find(({ kind }) => kind === 'notice')?.text).toContain(
        'Posts of bo@example.org to Birds no longer wait.',
      );
      const row = await desk.store.read((db) =>
        db.selectFrom('memberships').select('posting').where('posting', '!=', 'default').execute(),
      );
      expect(row).toEqual([{ posting: 'accept' }]);
    });

    test.each([
      ['the address', bo],
      ['its whole domain', '*@example.org'],
      ['a pattern', '/^bo@/'],
    ])('“allow” lets a member’s next post through whom a rule about %s lets wait', async (_, pattern) => {
      const desk = await birds(engine, { moderated: 'false' });
      await desk.operate(setSenderRule, { list: 'birds', pattern, action: 'hold' });
      const { mails } = await hold(desk);
      await reply(desk, to(mails, bob), { text: 'allow' });
      expect((await deliverOne(desk, { ...post, subject: 'More' })).kind).toBe('accepted');
    });

    test('“allow” of a member whom nothing proves says that proof is still asked for', async () => {
      const desk = createDesk(await engine.freshStore(), { senderChecks: 'own' });
      await desk.operate(createList, { address: 'birds', owners: [ana], title: 'Birds' });
      await desk.operate(addMembers, { list: 'birds', members: [{ email: bo }] });
      await takeOutbox(desk);
      const { mails } = await hold(desk, { checks: {} });
      await reply(desk, to(mails, ana), { text: 'allow' });
      expect((await takeOutbox(desk)).find(({ kind }) => kind === 'notice')?.text).toMatch(
        /no longer wait where something\s+proves who wrote them; nothing proved this one\./,
      );
      expect(await deliverOne(desk, { ...post, checks: {} })).toMatchObject({ kind: 'held' });
    });

    test.each([
      ['allow', 'allow'],
      ['ban', 'discard'],
    ])('“%s” of a stranger makes a rule of the list', async (word, action) => {
      const desk = await birds(engine, { moderated: 'false', nonmember: 'hold' });
      const { mails } = await hold(desk, stranger);
      await reply(desk, to(mails, bob), { text: word });
      const rules = await desk.store.read((db) =>
        db.selectFrom('sender_rules').select(['kind', 'pattern', 'action', 'created_by']).execute(),
      );
      expect(rules).toEqual([{ kind: 'address', pattern: eve, action, created_by: `verified:${bob}` }]);
      await takeOutbox(desk);
      const result = await deliverOne(desk, again);
      expect(result.kind).toBe(word === 'allow' ? 'accepted' : 'dropped');
    });

    test('“allow” of who looks after the list is an owner’s to say, not their own or another moderator’s', async () => {
      const desk = await birds(engine, { moderated: 'false' });
      await desk.operate(setMember, { list: 'birds', email: mia, changes: { posting: 'hold' } });
      const { id, mails } = await hold(desk, { from: mia });
      await reply(desk, to(mails, mia), { text: 'allow' });
      expect(to(await takeOutbox(desk), mia)?.text).toContain(
        '“Nests”: Only owners of this list may do that.',
      );
      expect(await decisionOf(desk, id)).toBe('waits');
      await hold(desk, { from: mia, subject: 'Eggs' });
      await desk.perform(approveHeld, { kind: 'verified', email: ana }, { id, allow: true });
      expect((await deliverOne(desk, { ...post, from: mia, subject: 'Chicks' })).kind).toBe('accepted');
    });

    test('“ban” does not hit a moderator', async () => {
      const desk = await birds(engine);
      const { id, mails } = await hold(desk, { from: mia });
      await reply(desk, to(mails, bob), { text: 'ban' });
      expect((await takeOutbox(desk))[0]?.text).toContain('mia@example.org looks after Birds');
      expect(await decisionOf(desk, id)).toBe('waits');
    });
  });

  describe('many posts', () => {
    /** Six of them within minutes. */
    async function sixPosts(desk: Desk): Promise<{ ids: number[]; mails: Sent[] }> {
      const ids: number[] = [];
      const all: Sent[] = [];
      for (let i = 1; i <= 6; i++) {
        const { id, mails } = await hold(desk, { subject: `Nest ${i}` });
        ids.push(id);
        all.push(...mails.filter((mail) => mail.to === bob));
        desk.now += minute;
      }
      return { ids, mails: all };
    }

    /** Runs the timed jobs, as often as there is something to do. */
    async function tick(desk: Desk): Promise<readonly Sent[]> {
      while ((await desk.operate(remindModerators, {})).lists > 0);
      while ((await desk.operate(tellDecisions, {})).lists > 0);
      while ((await desk.operate(writeToModerators, {})).mails > 0);
      return takeOutbox(desk);
    }

    test('are announced three an hour, then in one bundle', async () => {
      const desk = await birds(engine);
      const { mails } = await sixPosts(desk);
      expect(mails.map(({ subject }) => subject)).toEqual(
        [1, 2, 3].map((i) => `Please decide: “Nest ${i}” (Birds)`),
      );
      expect(await tick(desk)).toEqual([]);
      desk.now += hour;
      const bundle = await tick(desk);
      expect(bundle.map((mail) => mail.to).sort()).toEqual([bob, mia].sort());
      expect(bundle[0]?.subject).toBe('6 posts wait for you on Birds');
      for (let i = 1; i <= 6; i++) expect(bundle[0]?.text).toContain(`${i}  “Nest ${i}”`);
      expect(await tick(desk)).toEqual([]);
    });

    test('are decided about by a line each, or all at once, with one answer', async () => {
      const desk = await birds(engine);
      const { ids } = await sixPosts(desk);
      desk.now += hour;
      const bundle = to(await tick(desk), bob);
      await reply(desk, bundle, { text: '1 ok\n2 reject: off topic\n3-4 discard\n\nBob' });
      const decided = await Promise.all(ids.map((id) => decisionOf(desk, id)));
      expect(decided.map((text) => text.split(' ')[0])).toEqual([
        'approved',
        'rejected',
        'discarded',
        'discarded',
        'waits',
        'waits',
      ]);
      const sent = (await takeOutbox(desk)).filter(({ kind }) => kind === 'notice');
      expect(sent.map((mail) => mail.to).sort()).toEqual([bo, bob].sort());
      expect(to(sent, bob)?.text).toContain('“Nest 1”: it went out as post 1.');
      await reply(desk, bundle, { text: 'all discard' });
      expect(await desk.operate(listHeld, {})).toEqual([]);
    });

    test('“all” means those that are left: what they decided themselves is no news, what others did is', async () => {
      const desk = await birds(engine);
      const { ids } = await sixPosts(desk);
      desk.now += hour;
      const bundles = await tick(desk);
      await reply(desk, to(bundles, bob), { text: '1, 2 ok' });
      await reply(desk, to(bundles, mia), { text: '3 ok' });
      await desk.operate(discardHeld, { id: ids[3] });
      await takeOutbox(desk);
      await reply(desk, to(bundles, bob), { text: '6 ok\nall discard' });
      const told =
        to(
          (await takeOutbox(desk)).filter(({ kind }) => kind === 'notice'),
          bob,
        )?.text ?? '';
      expect(told.match(/“Nest \d”: [^.]*\./g)).toEqual([
        '“Nest 6”: it went out as post 4.',
        expect.stringContaining('“Nest 3”: Held post 3 was already approved by mia@example.'),
        expect.stringContaining(
          '“Nest 4”: Held post 4 was already discarded by the operator of this site at ',
        ),
        '“Nest 5”: it was dropped without a word.',
      ]);
    });

    test('“all” where nothing is left says so', async () => {
      const desk = await birds(engine);
      await sixPosts(desk);
      desk.now += hour;
      const bundle = to(await tick(desk), bob);
      await reply(desk, bundle, { text: 'all ok' });
      await takeOutbox(desk);
      await reply(desk, bundle, { text: 'all ok' });
      expect((await takeOutbox(desk))[0]?.text.match(/already approved by Bob Finch/g)).toHaveLength(6);
    });

    test('one that they name and have decided about is told', async () => {
      const desk = await birds(engine);
      await sixPosts(desk);
      desk.now += hour;
      const bundle = to(await tick(desk), bob);
      await reply(desk, bundle, { text: '1 ok' });
      await takeOutbox(desk);
      await reply(desk, bundle, { text: '1 discard\n2 discard' });
      expect((await takeOutbox(desk))[0]?.text).toContain('already approved by Bob Finch');
    });

    test('a number that the bundle does not have is told, and the lines below it count', async () => {
      const desk = await birds(engine);
      const { ids } = await sixPosts(desk);
      desk.now += hour;
      await reply(desk, to(await tick(desk), bob), { text: '1 ok\n9 ok\n2 discard' });
      expect(await decisionOf(desk, ids[1] ?? 0)).toBe(`discarded by verified:${bob}`);
      const told = (await takeOutbox(desk)).filter(({ kind }) => kind === 'notice');
      expect(to(told, bob)?.text).toContain('“9 ok”: nothing was done');
    });

    test('decided about one by one: who comes later hears it every time', async () => {
      const desk = await birds(engine);
      for (let i = 1; i <= 14; i++) {
        const { mails } = await hold(desk, { subject: `Nest ${i}` });
        await reply(desk, to(mails, mia), { text: 'discard' });
        await takeOutbox(desk);
        await reply(desk, to(mails, bob), { text: 'ok' });
        expect(to(await takeOutbox(desk), bob)?.text).toContain('was already discarded by');
        desk.now += hour;
      }
    });

    test('that wait are reminded of at nine there on days 1, 3, 7 and 12, and end', async () => {
      const desk = await birds(engine, { timezone: 'Europe/Berlin' });
      await hold(desk);
      await hold(desk, { subject: 'Ospreys' });
      const start = desk.now;
      const reminded: string[] = [];
      for (; desk.now < start + 15 * day; desk.now += 4 * hour) {
        await desk.operate(expireHeld, {});
        for (const mail of await tick(desk))
          if (mail.to === bob)
            reminded.push(`${new Date(desk.now).toISOString().slice(0, 13)} ${mail.subject}`);
      }
      expect(reminded).toEqual(
        ['22', '24', '28']
          .map((date) => `2026-11-${date}T08 2 posts wait for you on Birds`)
          .concat('2026-12-03T08 2 posts wait for you on Birds'),
      );
      expect(await desk.operate(listHeld, {})).toEqual([]);
    });

    test('lose nothing of their days while no server is at work, and moderators hear that they still wait', async () => {
      const desk = await birds(engine, { held_expires: '2d' });
      const { id, mails } = await hold(desk);
      const spam = await hold(desk, {
        checks: { ...proved, spam: { action: 'mark', score: 9, symbols: [] } },
      });
      const pass = async (time: number) => {
        desk.now += time;
        await desk.store.write((tx) => noteAtWork(tx, desk.now));
        const { expired } = await desk.operate(expireHeld, {});
        return { expired, reminded: (await tick(desk)).map((mail) => mail.to).sort() };
      };
      const start = desk.now;
      const reminded: string[] = [];
      while (desk.now < start + day) reminded.push(...(await pass(20 * minute)).reminded);
      expect(reminded).toEqual([bob, mia]);
      expect(await pass(21 * day)).toEqual({ expired: 0, reminded: [bob, mia] });
      expect(await pass(20 * minute)).toEqual({ expired: 0, reminded: [] });
      await reply(desk, to(mails, bob), { text: 'ok' });
      expect(await decisionOf(desk, id)).toBe(`approved by verified:${bob}`);
      while (desk.now < start + 23 * day - 20 * minute) expect((await pass(20 * minute)).expired).toBe(0);
      expect((await pass(20 * minute)).expired).toBe(1);
      expect(await decisionOf(desk, spam.id)).toMatch(/^expired/);
    });

    test('are told of within the hour, and so are decisions, once a clock that ran ahead is put right', async () => {
      const desk = await birds(engine);
      const note = () => desk.store.write((tx) => noteAtWork(tx, desk.now));
      await note();
      desk.now += 20 * day;
      await note();
      const [{ mails }] = [await hold(desk), await hold(desk), await hold(desk)];
      await hold(desk, { subject: 'Ospreys' });
      await reply(desk, to(mails, bob), { text: 'discard' });
      await takeOutbox(desk);
      desk.now -= 20 * day;
      await note();
      desk.now += hour;
      const told = await tick(desk);
      const subjects = told.filter((mail) => mail.to === mia).map(({ subject }) => subject);
      expect(subjects.sort()).toEqual(['3 posts wait for you on Birds', 'Decided: “Nests” (Birds)']);
      expect(to(told, bob)?.text).toContain('Ospreys');
    });

    /** `count` more posts like one that waits. */
    async function more(desk: Desk, id: number, count: number, change: object): Promise<void> {
      const { id: _, ...row } = await desk.store.read((db) =>
        db.selectFrom('held').selectAll().where('id', '=', id).executeTakeFirstOrThrow(),
      );
      await desk.store.write(async (tx) => {
        for (let i = 0; i < count; i += 100)
          await tx
            .insertInto('held')
            .values(Array.from({ length: Math.min(100, count - i) }, () => ({ ...row, ...change })))
            .execute();
      });
    }

    const team = Array.from({ length: 30 }, (_, i) => `mod${i}@example.org` as Address);

    async function largeTeam(engine: TestEngine): Promise<Desk> {
      const desk = await birds(engine);
      const members = team.map((email) => ({ email, role: 'moderator' }));
      await desk.operate(addMembers, { list: 'birds', members });
      await takeOutbox(desk);
      return desk;
    }

    test('however many are due make one mail to each, a few in each step, and none twice', async () => {
      const desk = await largeTeam(engine);
      const { id } = await hold(desk);
      while ((await desk.operate(writeToModerators, {})).mails > 0);
      await takeOutbox(desk);
      await more(desk, id, 2500, { noticed_at: null, notice_at: desk.now });
      let steps = 0;
      while ((await desk.operate(remindModerators, {})).lists > 0) steps++;
      expect([steps, await takeOutbox(desk)]).toEqual([7, []]);
      expect((await desk.operate(writeToModerators, {})).mails).toBe(25);
      const first = await takeOutbox(desk);
      // What the next step finds after a crash: those that are left.
      expect((await desk.operate(writeToModerators, {})).mails).toBe(7);
      const all = [...first, ...(await takeOutbox(desk))];
      expect(all.map((mail) => mail.to).sort()).toEqual([bob, mia, ...team].sort());
      expect(new Set(all.map(({ subject }) => subject))).toEqual(
        new Set(['2,501 posts wait for you on Birds']),
      );
      expect(all[0]?.text).toContain('And 2476 more');
      expect(await tick(desk)).toEqual([]);
    });

    test('a post that comes while mails are being written is told to those who have theirs too', async () => {
      const desk = await largeTeam(engine);
      const { id } = await hold(desk);
      await tick(desk);
      await more(desk, id, 1, { subject: 'Due', noticed_at: null, notice_at: desk.now });
      await desk.operate(remindModerators, {});
      await desk.operate(writeToModerators, {});
      await takeOutbox(desk);
      await more(desk, id, 1, { subject: 'Late', noticed_at: null, notice_at: desk.now });
      const mails = await tick(desk);
      expect(mails.map((mail) => mail.to).sort()).toEqual([bob, mia, ...team].sort());
      for (const { text } of mails) expect(text).toContain('Late');
    });

    test('of a large team the first few are asked at once, the others within the minute', async () => {
      const desk = await largeTeam(engine);
      const { mails } = await hold(desk);
      const asked = mails.filter((mail) => mail.to !== bo);
      expect(asked).toHaveLength(5);
      expect((await desk.operate(writeToModerators, {})).mails).toBe(5);
      const others = [...(await takeOutbox(desk)), ...(await tick(desk))];
      expect([...asked, ...others].map((mail) => mail.to).sort()).toEqual([bob, mia, ...team].sort());
      const notice = to(others, team[29] ?? '');
      expect(notice?.text).toContain('> Three eggs.');
      await reply(desk, notice, { text: 'ok' });
      expect(copies(await takeOutbox(desk))).toContain(bo);
    });

    test('that were decided about before a mail was written ask nobody any more', async () => {
      const desk = await largeTeam(engine);
      const { id } = await hold(desk);
      await desk.operate(discardHeld, { id });
      expect(await tick(desk)).toEqual([]);
    });

    test('that their author takes back: those who were asked hear of it', async () => {
      const desk = await birds(engine);
      const { id, mails } = await hold(desk);
      await desk.perform(confirm, { kind: 'holder', of: 'confirmation' }, { token: tokenIn(to(mails, bo)) });
      expect(await decisionOf(desk, id)).toBe(`withdrawn by ${bo}`);
      await takeOutbox(desk);
      desk.now += 10 * minute;
      const told = await tick(desk);
      expect(told.map((mail) => mail.to).sort()).toEqual([bob, mia].sort());
      expect(told[0]?.text).toContain('taken back by its author');
    });

    test('that a rule refuses once their author has confirmed them are not said to be rejected by the author', async () => {
      const desk = createDesk(await engine.freshStore(), { senderChecks: 'own' });
      await desk.operate(createList, { address: 'birds', owners: [ana], title: 'Birds' });
      await desk.operate(addMembers, { list: 'birds', members: [{ email: bo, name: 'Bo' }] });
      await takeOutbox(desk);
      const { id, mails } = await hold(desk, { checks: {} });
      await desk.operate(setMember, { list: 'birds', email: bo, changes: { posting: 'reject' } });
      await desk.perform(confirm, { kind: 'holder', of: 'confirmation' }, { token: tokenIn(to(mails, bo)) });
      expect(await decisionOf(desk, id)).toBe('rejected by system');
      await takeOutbox(desk);
      desk.now += 10 * minute;
      const told = await tick(desk);
      expect(told.map((mail) => mail.to)).toEqual([ana]);
      expect(told[0]?.text).toMatch(/rejected\s+at\s[\s\S]*by\s+a\s+rule,\s+after\s+its\s+author/);
    });

    test('and whose time is over are decided by no reply', async () => {
      const desk = await birds(engine);
      const { id, mails } = await hold(desk);
      desk.now += 14 * day;
      expect((await reply(desk, to(mails, bob), { text: 'ok' })).kind).toBe('refused');
      expect(await decisionOf(desk, id)).toBe('waits');
    });

    test('in the spam folder are only counted', async () => {
      const desk = await birds(engine);
      await hold(desk);
      const { id } = await hold(desk, { subject: 'Pills' });
      await desk.store.write((tx) =>
        tx.updateTable('held').set({ spam: 1, notice_at: null }).where('id', '=', id).execute(),
      );
      desk.now += 21 * hour;
      const reminder = to(await tick(desk), bob);
      expect(reminder?.subject).toBe('A post waits for you on Birds');
      expect(reminder?.text).toContain('In the spam folder: 1.');
      expect(reminder?.text).not.toContain('Pills');
      expect((await desk.operate(listHeld, { spam: true })).map(({ subject }) => subject)).toEqual(['Pills']);
    });

    test('of spam end without a word to anybody', async () => {
      const desk = await birds(engine);
      const { mails } = await hold(desk, {
        checks: { ...proved, spam: { action: 'mark', score: 9, symbols: [] } },
      });
      desk.now += 15 * day;
      expect((await desk.operate(expireHeld, {})).expired).toBe(1);
      expect([mails, await takeOutbox(desk)]).toEqual([[], []]);
    });

    test('of a verified stranger: its author hears that it waits, and that it was rejected', async () => {
      const desk = await birds(engine, { moderated: 'false' });
      const { id, mails } = await hold(desk, { from: eve });
      expect(to(mails, eve)?.subject).toBe('Waiting for a moderator: “Nests”');
      expect(await desk.operate(rejectHeld, { id, reason: 'Off topic.' })).toEqual({ told: true });
      expect(to(await takeOutbox(desk), eve)?.text).toContain('Off topic.');
    });

    test('of which very many were decided about are named up to fifty', async () => {
      const desk = await birds(engine);
      const { id } = await hold(desk);
      await desk.perform(discardHeld, { kind: 'verified', email: bob }, { id });
      const { id: _, ...row } = await desk.store.read((db) =>
        db.selectFrom('held').selectAll().where('id', '=', id).executeTakeFirstOrThrow(),
      );
      await desk.store.write(async (tx) => {
        for (let i = 0; i < 60; i++) await tx.insertInto('held').values(row).execute();
      });
      await takeOutbox(desk);
      desk.now += 10 * minute;
      const told = await tick(desk);
      expect(told.map((mail) => mail.to)).toEqual([mia]);
      expect(told[0]?.text).toContain('And 11 more.');
    });

    test('that others decided about are told in one mail an hour, to each but the one who did it', async () => {
      const desk = await birds(engine);
      const { ids } = await sixPosts(desk);
      await desk.perform(approveHeld, { kind: 'verified', email: bob }, { id: ids[0] });
      await desk.operate(discardHeld, { id: ids[1] });
      await takeOutbox(desk);
      expect(await tick(desk)).toEqual([]);
      desk.now += 10 * minute;
      const told = await tick(desk);
      expect(told.map((mail) => [mail.to, mail.subject])).toEqual([
        [bob, 'Decided: “Nest 2” (Birds)'],
        [mia, 'Decided: 2 posts (Birds)'],
      ]);
      expect(to(told, mia)?.text).toContain('approved by Bob Finch at 12:06 (UTC)');
      expect(to(told, mia)?.text).toContain('discarded by the operator of this site at 12:06 (UTC)');
      await desk.perform(discardHeld, { kind: 'verified', email: bob }, { id: ids[2] });
      desk.now += 10 * minute;
      expect(await tick(desk)).toEqual([]);
      desk.now += 40 * minute;
      expect(
        (await tick(desk)).filter(({ subject }) => subject.startsWith('Decided')).map((mail) => mail.to),
      ).toEqual([mia]);
    });

    test('are told of by nobody where the list does not want it', async () => {
      const desk = await birds(engine, { tell_decisions: 'false' });
      const { id } = await hold(desk);
      await desk.perform(discardHeld, { kind: 'verified', email: bob }, { id });
      desk.now += 2 * hour;
      expect(await tick(desk)).toEqual([]);
    });
  });

  describe('deciding is', () => {
    test.each<[string, Parameters<Desk['perform']>[1], boolean]>([
      ['the operator’s', { kind: 'operator', via: 'cli' }, true],
      ['a verified moderator’s', { kind: 'verified', email: bob }, true],
      ['a verified owner’s', { kind: 'verified', email: ana }, true],
      ['not a member’s', { kind: 'verified', email: bo }, false],
      ['not a claimed moderator’s', { kind: 'claimed', email: bob }, false],
      ['not a visitor’s', { kind: 'visitor', ip: '192.0.2.1' }, false],
    ])('%s', async (_, actor, may) => {
      const desk = await birds(engine);
      const { id } = await hold(desk);
      const deciding = desk.perform(approveHeld, actor, { id });
      if (may) await expect(deciding).resolves.toMatchObject({ number: 1 });
      else await expect(deciding).rejects.toMatchObject({ code: 'not-allowed' });
    });
  });
});
