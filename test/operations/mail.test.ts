import { describe, expect, test } from 'vitest';
import type { SiteLimits } from '../../src/domain/site.ts';
import { signToken } from '../../src/mail/signed-token.ts';
import { closeList } from '../../src/operations/lists/close-list.ts';
import { createList } from '../../src/operations/lists/create-list.ts';
import { deleteList } from '../../src/operations/lists/delete-list.ts';
import { renameList } from '../../src/operations/lists/rename-list.ts';
import { setList } from '../../src/operations/lists/set-list.ts';
import { addMembers } from '../../src/operations/members/add-members.ts';
import { inviteMembers } from '../../src/operations/members/invite-members.ts';
import { leaveByToken } from '../../src/operations/members/leave.ts';
import { listMembers } from '../../src/operations/members/list-members.ts';
import { removeMembers } from '../../src/operations/members/remove-members.ts';
import { setMember } from '../../src/operations/members/set-member.ts';
import { approveHeld, discardHeld, rejectHeld } from '../../src/operations/moderation/decide-held.ts';
import { expireHeld } from '../../src/operations/moderation/expire-held.ts';
import { listHeld } from '../../src/operations/moderation/list-held.ts';
import { cancel, confirm } from '../../src/operations/requests/confirm.ts';
import { pruneTokens } from '../../src/store/prune.ts';
import { createDesk, type Desk } from '../support/desk.ts';
import {
  afterRcpt,
  deliver,
  deliverOne,
  incoming,
  proved,
  takeOutbox,
  tokenIn,
} from '../support/letterbox.ts';
import { onEachEngine, type TestEngine } from '../support/stores.ts';

const holder = { kind: 'holder', of: 'test' } as const;
const day = 86_400_000;

/** A list `birds` with Ana as owner and Bo as member, and an empty outbox. */
async function birds(
  engine: TestEngine,
  settings: Record<string, string> = {},
  limits: SiteLimits = {},
): Promise<Desk> {
  const desk = createDesk(await engine.freshStore(), { limits });
  await desk.operate(createList, { address: 'birds', owners: ['ana@example.org'], title: 'Birds' });
  await desk.operate(addMembers, { list: 'birds', members: [{ email: 'bo@example.org', name: 'Bo' }] });
  if (Object.keys(settings).length > 0) await desk.operate(setList, { list: 'birds', changes: settings });
  await takeOutbox(desk);
  return desk;
}

async function emails(desk: Desk): Promise<string[]> {
  const { members } = await desk.operate(listMembers, { list: 'birds' });
  return members.map((member) => member.email).sort();
}

const members = ['ana@example.org', 'bo@example.org'];

onEachEngine((engine) => {
  describe('joining by mail', () => {
    const ask = { from: 'Cy Ha <cy@example.com>', to: 'birds-join@lists.example.org' };

    test('asks the address, and nothing else happens', async () => {
      const desk = await birds(engine);
      expect(await deliverOne(desk, ask)).toMatchObject({ kind: 'done' });
      const [question, ...rest] = await takeOutbox(desk);
      expect(rest).toEqual([]);
      expect(question).toMatchObject({ to: 'cy@example.com', returnPath: 'verp' });
      expect(question?.from).toContain(`birds-confirm+${tokenIn(question)}@lists.example.org`);
      expect(question?.header('Auto-Submitted')).toBe('auto-replied');
      expect(question?.header('List-Id')).toBeUndefined();
      expect(question?.text).toContain('192.0.2.x');
      expect(await emails(desk)).toEqual(members);
    });

    test.each([
      ['a reply that says yes', 'yes', true],
      ['a reply that adds nothing', '', true],
      ['a reply with only the quoted question', '> To join, simply reply to this mail', true],
      ['a reply that says no', 'no', false],
      ['a reply that says something else', 'What is this about? I have never heard of you.', false],
    ])('%s', async (_, text, joins) => {
      const desk = await birds(engine);
      await deliverOne(desk, ask);
      const token = tokenIn((await takeOutbox(desk))[0]);
      await deliverOne(desk, {
        from: ask.from,
        to: `birds-confirm+${token}@lists.example.org`,
        subject: 'Re: Please confirm',
        text,
      });
      expect((await emails(desk)).includes('cy@example.com')).toBe(joins);
    });

    test.each([
      ['marked by its header', ['Auto-Submitted: auto-replied'], 'Re: Please confirm'],
      ['marked by its subject only', [], 'Automatic reply: Please confirm'],
      ['in German', [], 'Abwesenheitsnotiz: Please confirm'],
    ])('an out-of-office reply %s confirms nothing, and is not answered', async (_, headers, subject) => {
      const desk = await birds(engine);
      await deliverOne(desk, ask);
      const token = tokenIn((await takeOutbox(desk))[0]);
      const result = await deliverOne(desk, {
        from: ask.from,
        to: `birds-confirm+${token}@lists.example.org`,
        subject,
        headers,
      });
      expect(result.kind).toBe('dropped');
      expect(await emails(desk)).toEqual(members);
      expect(await takeOutbox(desk)).toEqual([]);
    });

    test('the address that was asked joins, whoever forwards the reply', async () => {
      const desk = await birds(engine);
      await deliverOne(desk, ask);
      const token = tokenIn((await takeOutbox(desk))[0]);
      await deliverOne(desk, {
        from: 'cy@private.example',
        to: `birds-confirm+${token}@lists.example.org`,
        text: 'yes',
      });
      expect(await emails(desk)).toContain('cy@example.com');
    });

    test('a token is used once, and says so politely after that', async () => {
      const desk = await birds(engine);
      await deliverOne(desk, ask);
      const token = tokenIn((await takeOutbox(desk))[0]);
      expect(await desk.perform(confirm, holder, { token })).toMatchObject({ again: false });
      expect(await desk.perform(confirm, holder, { token: token.toUpperCase() })).toMatchObject({
        again: true,
      });
    });

    test('a list that takes no members any more takes none who asked before; those whom its owners asked may come', async () => {
      const desk = await birds(engine);
      await deliverOne(desk, ask);
      const token = tokenIn((await takeOutbox(desk))[0]);
      const wanted = { list: 'birds', how: 'confirm', members: [{ email: 'di@example.com' }] };
      await desk.operate(inviteMembers, wanted);
      const byOwner = tokenIn((await takeOutbox(desk))[0]);
      await desk.operate(setList, { list: 'birds', changes: { join: 'closed' } });
      await expect(desk.perform(confirm, holder, { token })).rejects.toMatchObject({ code: 'closed' });
      await desk.perform(confirm, holder, { token: byOwner });
      expect(await emails(desk)).toEqual([...members, 'di@example.com']);
    });

    test('an invitation ends when somebody takes its address off the list', async () => {
      const desk = await birds(engine, { join: 'approve' });
      const asked = { list: 'birds', how: 'invite', members: [{ email: 'di@example.com' }] };
      await desk.operate(inviteMembers, asked);
      const token = tokenIn((await takeOutbox(desk))[0]);
      await desk.operate(removeMembers, { list: 'birds', emails: ['di@example.com'] });
      expect(await desk.perform(confirm, holder, { token })).toMatchObject({ again: true });
      expect(await emails(desk)).toEqual(members);
    });

    test('a token runs out after seven days', async () => {
      const desk = await birds(engine);
      await deliverOne(desk, ask);
      const token = tokenIn((await takeOutbox(desk))[0]);
      desk.now += 7 * day;
      await expect(desk.perform(confirm, holder, { token })).rejects.toMatchObject({ code: 'expired' });
    });

    test('the fourth request in a day gets no mail, and no other answer', async () => {
      const desk = await birds(engine, {}, { confirmationsPerAddress: { count: 5, ms: day } });
      const results = [];
      for (let i = 0; i < 4; i++) results.push(await deliverOne(desk, ask));
      expect(new Set(results.map((result) => result.kind)).size).toBe(1);
      expect(await takeOutbox(desk)).toHaveLength(3);
    });

    test('a robot that asks is not answered', async () => {
      const desk = await birds(engine);
      await deliverOne(desk, { ...ask, headers: ['Precedence: bulk'] });
      expect(await takeOutbox(desk)).toEqual([]);
    });

    test('where owners decide, they are asked after the address, and the first answer counts', async () => {
      const desk = await birds(engine, { join: 'approve' });
      await deliverOne(desk, ask);
      await desk.perform(confirm, holder, { token: tokenIn((await takeOutbox(desk))[0]) });
      expect(await emails(desk)).toEqual(members);
      const mails = await takeOutbox(desk);
      expect(mails.map((mail) => mail.to).sort()).toEqual(['ana@example.org', 'cy@example.com']);
      const token = tokenIn(mails.find((mail) => mail.to === 'ana@example.org'));
      await deliverOne(desk, {
        from: 'ana@example.org',
        to: `birds-confirm+${token}@lists.example.org`,
        text: '',
      });
      expect(await emails(desk)).toEqual(members); // an empty reply admits nobody
      await deliverOne(desk, {
        from: 'ana@example.org',
        to: `birds-confirm+${token}@lists.example.org`,
        text: 'yes',
      });
      expect(await emails(desk)).toContain('cy@example.com');
    });

    test('who looks after the list no more lets nobody in', async () => {
      const desk = await birds(engine, { join: 'approve' });
      await desk.operate(setMember, {
        list: 'birds',
        email: 'bo@example.org',
        changes: { role: 'moderator' },
      });
      await deliverOne(desk, ask);
      await desk.perform(confirm, holder, { token: tokenIn((await takeOutbox(desk))[0]) });
      const token = tokenIn((await takeOutbox(desk)).find((mail) => mail.to === 'bo@example.org'));
      await desk.operate(setMember, { list: 'birds', email: 'bo@example.org', changes: { role: 'member' } });
      for (const verb of [confirm, cancel])
        await expect(desk.perform(verb, holder, { token })).rejects.toMatchObject({ code: 'not-allowed' });
      expect(await emails(desk)).toEqual(members);
    });

    test('an owner who says no keeps the door shut', async () => {
      const desk = await birds(engine, { join: 'approve' });
      await deliverOne(desk, ask);
      await desk.perform(confirm, holder, { token: tokenIn((await takeOutbox(desk))[0]) });
      const token = tokenIn((await takeOutbox(desk)).find((mail) => mail.to === 'ana@example.org'));
      await desk.perform(cancel, holder, { token });
      expect(await desk.perform(confirm, holder, { token })).toMatchObject({ again: true });
      expect(await emails(desk)).toEqual(members);
    });
  });

  describe('leaving', () => {
    test('is possible however often somebody tried other things that day', async () => {
      const desk = await birds(engine, {}, { confirmationsPerAddress: { count: 2, ms: day } });
      const request = { from: 'bo@example.org', to: 'birds-request@lists.example.org' };
      for (const text of ['set nomail', 'set mail', 'name Bo']) await deliverOne(desk, { ...request, text });
      expect(await takeOutbox(desk)).toHaveLength(2);
      expect(await deliverOne(desk, { ...request, text: 'name Bob' })).toMatchObject({
        note: 'name: not-sent',
      });
      await deliverOne(desk, { ...request, text: 'leave' });
      expect(await takeOutbox(desk)).toMatchObject([{ subject: 'Please confirm: leave Birds' }]);
    });

    test('by mail is confirmed, tells the person, and can be undone for a week', async () => {
      const desk = await birds(engine);
      await deliverOne(desk, { from: 'bo@example.org', to: 'birds-leave@lists.example.org' });
      const [question] = await takeOutbox(desk);
      expect(await emails(desk)).toEqual(members);
      await desk.perform(confirm, holder, { token: tokenIn(question) });
      expect(await emails(desk)).toEqual(['ana@example.org']);
      const [goodbye] = await takeOutbox(desk);
      expect(goodbye?.subject).toBe('You have left Birds');
      await desk.perform(confirm, holder, { token: tokenIn(goodbye) });
      expect(await emails(desk)).toEqual(members);
    });

    test('by the token of a copy is immediate, whoever sends it, and twice is once', async () => {
      const desk = await birds(engine);
      const { id } = await desk.store.read((db) =>
        db
          .selectFrom('memberships')
          .innerJoin('addresses', 'addresses.id', 'address_id')
          .select('memberships.id')
          .where('email', '=', 'bo@example.org')
          .executeTakeFirstOrThrow(),
      );
      const token = signToken(desk.keys, 'leave', id, 15);
      const to = `birds-leave+${token}@lists.example.org`;
      expect(await deliverOne(desk, { from: 'someone@else.example', to })).toMatchObject({ kind: 'done' });
      expect(await deliverOne(desk, { from: 'someone@else.example', to })).toMatchObject({ kind: 'done' });
      expect(await emails(desk)).toEqual(['ana@example.org']);
      const forged = `birds-leave+${signToken({ secrets: [Buffer.alloc(32)] }, 'leave', id, 15)}@lists.example.org`;
      expect(await deliverOne(desk, { from: 'someone@else.example', to: forged })).toMatchObject({
        kind: 'refused',
        code: 550,
      });
      await expect(
        desk.perform(leaveByToken, holder, { token: signToken(desk.keys, 'bounce', id, 23), how: 'page' }),
      ).rejects.toMatchObject({ code: 'not-found' });
    });

    test('of somebody who is not on the list tells only them', async () => {
      const desk = await birds(engine);
      await deliverOne(desk, { from: 'no@example.com', to: 'birds-leave@lists.example.org' });
      expect(await takeOutbox(desk)).toMatchObject([
        { to: 'no@example.com', returnPath: 'null', subject: 'Not on Birds: no@example.com' },
      ]);
    });
  });

  describe('posts', () => {
    const post = {
      from: 'Bo <bo@example.org>',
      to: 'birds@lists.example.org',
      subject: 'Nests',
      text: 'Three eggs.',
    };

    test('of a member go to every member under one return path each, and into the archive', async () => {
      const desk = await birds(engine);
      expect(await deliverOne(desk, post)).toMatchObject({ kind: 'accepted', note: 'accepted as 1' });
      const copies = await takeOutbox(desk);
      expect(copies.map((copy) => copy.to).sort()).toEqual(members);
      expect(copies.every((copy) => copy.kind === 'post' && copy.returnPath === 'verp')).toBe(true);
    });

    test('sent again after a lost answer are taken and go out once', async () => {
      const desk = await birds(engine);
      const again = { ...post, messageId: 'same@example.org' };
      await deliverOne(desk, again);
      expect(
        await deliverOne(desk, {
          ...again,
          headers: ['Received: from elsewhere by here; Sat, 21 Nov 2026 12:00:00 +0000'],
        }),
      ).toMatchObject({ kind: 'accepted' });
      expect(await takeOutbox(desk)).toHaveLength(2);
    });

    test('with a used Message-ID and another text are held, and can be approved', async () => {
      const desk = await birds(engine);
      await deliverOne(desk, { ...post, messageId: 'same@example.org' });
      const held = await deliverOne(desk, { ...post, text: 'Four eggs.', messageId: 'same@example.org' });
      expect(held).toMatchObject({ kind: 'held' });
      await takeOutbox(desk);
      await desk.operate(approveHeld, { id: held.kind === 'held' ? held.id : 0 });
      expect(await takeOutbox(desk)).toHaveLength(2);
    });

    test('that share a held Message-ID are each held once, however often they are sent', async () => {
      const desk = await birds(engine);
      const first = { ...post, messageId: 'same@example.org' };
      await deliverOne(desk, first);
      for (let i = 0; i < 3; i++) await deliverOne(desk, { ...first, text: 'Four eggs.' });
      expect(await desk.operate(listHeld, {})).toHaveLength(1);
    });

    test('that wait are told to their author each, not once an hour', async () => {
      const desk = await birds(engine, { moderated: 'true' });
      await deliverOne(desk, { ...post, checks: proved });
      await deliverOne(desk, { ...post, checks: proved, subject: 'Ospreys' });
      await deliverOne(desk, { ...post, subject: 'Not proved to be of Bo' });
      const told = (await takeOutbox(desk)).filter(({ to }) => to === 'bo@example.org');
      expect(told.map((mail) => mail.subject)).toEqual([
        'Waiting for a moderator: “Nests”',
        'Waiting for a moderator: “Ospreys”',
      ]);
    });

    test('held before the list was closed go out only after it is open again', async () => {
      const desk = await birds(engine);
      const held = await deliverOne(desk, { ...post, from: 'eve@example.edu' });
      const id = held.kind === 'held' ? held.id : 0;
      await desk.operate(closeList, { list: 'birds' });
      await expect(desk.operate(approveHeld, { id })).rejects.toMatchObject({ code: 'closed' });
    });

    test('of a stranger are held without a word to them, and wait for a moderator', async () => {
      const desk = await birds(engine);
      const result = await deliverOne(desk, { ...post, from: 'Eve <eve@example.edu>' });
      expect(result).toMatchObject({ kind: 'held' });
      expect((await takeOutbox(desk)).map(({ to }) => to)).toEqual(['ana@example.org']);
      const [waiting] = await desk.operate(listHeld, {});
      expect(waiting).toMatchObject({
        list: 'birds@lists.example.org',
        from: 'Eve <eve@example.edu>',
        reasons: [{ rule: 'not-a-member' }],
      });
      const id = waiting?.id ?? 0;
      await desk.operate(approveHeld, { id });
      expect((await takeOutbox(desk)).map((copy) => copy.to).sort()).toEqual(members);
      await expect(desk.operate(approveHeld, { id })).rejects.toMatchObject({
        code: 'conflict',
        message: expect.stringContaining('already approved by the operator of this site'),
      });
      await expect(desk.operate(discardHeld, { id })).rejects.toMatchObject({ code: 'conflict' });
    });

    test('that wait are told to their author once a day for each conversation', async () => {
      const desk = await birds(engine, { moderated: 'true' });
      const answer = {
        ...post,
        checks: proved,
        headers: ['References: <first@example.org> <last@example.org>'],
      };
      await deliverOne(desk, answer);
      await deliverOne(desk, { ...answer, subject: 'Re: Nests' });
      const toBo = async () => (await takeOutbox(desk)).filter(({ to }) => to === 'bo@example.org');
      expect(await toBo()).toHaveLength(1);
      desk.now += day;
      await deliverOne(desk, answer);
      expect(await toBo()).toHaveLength(1);
    });

    test('of a proved author that are held say so to the author, who may take them back', async () => {
      const desk = await birds(engine, { moderated: 'true' });
      await deliverOne(desk, { ...post, checks: proved });
      const notice = (await takeOutbox(desk)).find(({ to }) => to === 'bo@example.org');
      expect(notice).toMatchObject({ to: 'bo@example.org', subject: 'Waiting for a moderator: “Nests”' });
      await desk.perform(confirm, holder, { token: tokenIn(notice) });
      expect(await desk.operate(listHeld, {})).toEqual([]);
    });

    test('rejected with a reason tell a proved author, and nobody else', async () => {
      const desk = await birds(engine, { moderated: 'true' });
      await deliverOne(desk, { ...post, checks: proved });
      await deliverOne(desk, post);
      await takeOutbox(desk);
      const [ofBo, ofSomebody] = await desk.operate(listHeld, {});
      expect(await desk.operate(rejectHeld, { id: ofBo?.id, reason: 'Not about birds.' })).toEqual({
        told: true,
      });
      expect(await desk.operate(rejectHeld, { id: ofSomebody?.id, reason: 'Not about birds.' })).toEqual({
        told: false,
      });
      const mails = await takeOutbox(desk);
      expect(mails.map((mail) => mail.to)).toEqual(['bo@example.org']);
      expect(mails[0]?.text).toContain('Not about birds.');
    });

    test('that nobody decides about come back when their time is over, and not before', async () => {
      const desk = await birds(engine, { moderated: 'true', held_expires: '2d' });
      await deliverOne(desk, { ...post, checks: proved });
      await takeOutbox(desk);
      desk.now += 2 * day - 1;
      expect(await desk.operate(expireHeld, {})).toEqual({ expired: 0 });
      desk.now += 1;
      expect(await desk.operate(expireHeld, {})).toEqual({ expired: 1 });
      expect(await takeOutbox(desk)).toMatchObject([
        { to: 'bo@example.org', subject: 'Not posted: “Nests”' },
      ]);
    });

    test.each([
      ['a vacation notice', { headers: ['Auto-Submitted: auto-replied'] }, 'dropped'],
      ['our own mail come back', { headers: ['List-Id: Birds <birds.lists.example.org>'] }, 'dropped'],
      [
        'a delivery report without a token of ours',
        { headers: ['Content-Type: multipart/report; report-type=delivery-status; boundary=x'] },
        'dropped',
      ],
      ['mail of a robot', { headers: ['Precedence: bulk'] }, 'refused'],
    ])('%s: nobody hears of it', async (_, change, kind) => {
      const desk = await birds(engine);
      expect((await deliverOne(desk, { ...post, ...change })).kind).toBe(kind);
      expect(await takeOutbox(desk)).toEqual([]);
    });

    test('too large for the list are refused with the limit', async () => {
      const desk = await birds(engine, { max_size: '1 KiB' });
      expect(await deliverOne(desk, { ...post, text: 'x'.repeat(1200) })).toMatchObject({
        kind: 'refused',
        code: 552,
        enhanced: '5.3.4',
        why: expect.stringContaining('the list allows 1 KiB'),
      });
    });

    test('under two names of one list is one post', async () => {
      const desk = await birds(engine);
      await desk.operate(renameList, { list: 'birds', address: 'owls' });
      const results = await deliver(desk, {
        ...post,
        to: ['birds@lists.example.org', 'owls@lists.example.org'],
      });
      expect(results).toMatchObject([
        { kind: 'accepted', id: 1 },
        { kind: 'accepted', id: 1 },
      ]);
      expect((await takeOutbox(desk)).map(({ to }) => to).sort()).toEqual(members);
    });

    test('to a list and its owners at once: the list holds what it would have refused; a flood waits as a whole', async () => {
      const strict = await birds(engine, { nonmember: 'reject' });
      const full = createDesk(strict.store, { limits: { postsPerSender: { count: 0, ms: day } } });
      const both = ['birds@lists.example.org', 'birds-owner@lists.example.org'];
      const stranger = { ...post, from: 'eve@example.edu', messageId: 'a@example.edu' };
      const flood = { ...post, messageId: 'b@example.org' };
      expect(await deliverOne(strict, stranger)).toMatchObject({ kind: 'refused', code: 550 });
      expect(await deliverOne(full, flood)).toMatchObject({ kind: 'refused', code: 450 });
      const kept = [{ kind: 'held' }, { kind: 'passed-on' }];
      expect(await deliver(strict, { ...stranger, to: both })).toMatchObject(kept);
      await expect(deliver(full, { ...flood, to: both })).rejects.toMatchObject({ code: 'busy' });
    });

    test('to two lists at once: one takes it, so the one that would refuse holds it', async () => {
      const desk = await birds(engine);
      await desk.operate(createList, { address: 'fish', owners: ['ana@example.org'], preset: 'private' });
      await takeOutbox(desk);
      const results = await deliver(desk, {
        ...post,
        to: ['birds@lists.example.org', 'fish@lists.example.org'],
      });
      expect(results.map((result) => result.kind)).toEqual(['accepted', 'held']);
      const lmtp = await deliver(desk, {
        ...post,
        to: ['birds@lists.example.org', 'fish@lists.example.org'],
        peer: { protocol: 'lmtp', trusted: true },
      });
      expect(lmtp.map((result) => result.kind)).toEqual(['accepted', 'dropped']);
    });

    test('over the rate of a sender are put off', async () => {
      const desk = createDesk(await engine.freshStore(), {
        limits: { postsPerSender: { count: 2, ms: 3_600_000 } },
      });
      await desk.operate(createList, { address: 'birds', owners: ['bo@example.org'], title: 'Birds' });
      const results = [];
      for (let i = 0; i < 3; i++) results.push(await deliverOne(desk, post));
      expect(results.map((result) => result.kind)).toEqual(['accepted', 'accepted', 'refused']);
      expect(results[2]).toMatchObject({ code: 450, enhanced: '4.7.1' });
      desk.now += 3_600_000;
      expect(await deliverOne(desk, post)).toMatchObject({ kind: 'accepted' });
    });
  });

  describe('a list that ends between RCPT and DATA', () => {
    const letter = { from: 'bo@example.org', to: 'birds@lists.example.org', text: 'The swifts are back.' };

    test('takes no post any more once it is closed, and says so', async () => {
      const desk = await birds(engine);
      const mail = await incoming(desk, letter);
      await desk.operate(closeList, { list: 'birds' });
      expect(await afterRcpt(desk, mail)).toMatchObject([
        { kind: 'refused', code: 550, enhanced: '5.7.1', why: expect.stringMatching(/^This list is closed/) },
      ]);
      expect(await takeOutbox(desk)).toEqual([]);
    });

    test('is told to be gone, and is no fault of ours, once it is deleted', async () => {
      const desk = await birds(engine);
      const mail = await incoming(desk, letter);
      await desk.operate(deleteList, { list: 'birds' });
      expect(await afterRcpt(desk, mail)).toMatchObject([
        { kind: 'refused', code: 550, enhanced: '5.1.6', why: 'This list no longer exists.' },
      ]);
    });

    test.each(['join', 'leave', 'nomail', 'request', 'owner'])(
      'takes nothing at -%s@ any more',
      async (suffix) => {
        const desk = await birds(engine);
        const mail = await incoming(desk, { ...letter, to: `birds-${suffix}@lists.example.org` });
        await desk.operate(deleteList, { list: 'birds' });
        expect(await afterRcpt(desk, mail)).toMatchObject([
          { kind: 'refused', code: 550, enhanced: '5.1.6' },
        ]);
      },
    );

    test('bounces to nobody where a server in front has the mail already', async () => {
      const desk = await birds(engine);
      const mail = await incoming(desk, { ...letter, peer: { protocol: 'lmtp', trusted: true } });
      await desk.operate(closeList, { list: 'birds' });
      expect(await afterRcpt(desk, mail)).toMatchObject([
        { kind: 'dropped', note: expect.stringMatching(/^refused: This list is closed/) },
      ]);
    });
  });

  describe('a request sent to the list by mistake', () => {
    const plea = {
      from: 'Bo <bo@example.org>',
      to: 'birds@lists.example.org',
      subject: 'unsubscribe',
      text: 'Please remove me, thanks!\n\nSent from my iPhone',
    };

    test('is not posted, but asked about and explained', async () => {
      const desk = await birds(engine);
      expect(await deliverOne(desk, plea)).toMatchObject({ kind: 'done' });
      const mails = await takeOutbox(desk);
      expect(mails.map((mail) => mail.to)).toEqual(['bo@example.org', 'bo@example.org']);
      expect(mails.map((mail) => mail.subject).sort()).toEqual([
        'About your mail to Birds',
        'Please confirm: leave Birds',
      ]);
      await desk.perform(confirm, holder, {
        token: tokenIn(mails.find((mail) => mail.subject.startsWith('About'))),
      });
      expect((await takeOutbox(desk)).map((copy) => copy.to).sort()).toEqual(members);
    });

    test('posted anyway is looked at like any post: its attachments, too', async () => {
      const desk = await birds(engine);
      const danger = 'setup.exe is a program';
      await deliverOne(desk, {
        ...plea,
        checks: { attachments: [{ filename: 'setup.exe', type: 'application/x-dosexec', bytes: 9, danger }] },
      });
      const offer = (await takeOutbox(desk)).find((mail) => mail.subject.startsWith('About'));
      const { sentence } = await desk.perform(confirm, holder, { token: tokenIn(offer) });
      expect(sentence).toBe(`Your mail was not posted: ${danger}.`);
      expect(await takeOutbox(desk)).toEqual([]);
    });

    test('is called by its number on the list when it is posted anyway', async () => {
      const desk = await birds(engine);
      await desk.operate(createList, { address: 'owls', owners: ['ana@example.org'] });
      await deliverOne(desk, { from: 'ana@example.org', to: 'owls@lists.example.org', text: 'Hoo.' });
      await takeOutbox(desk);
      await deliverOne(desk, plea);
      const offer = (await takeOutbox(desk)).find((mail) => mail.subject.startsWith('About'));
      const { sentence } = await desk.perform(confirm, holder, { token: tokenIn(offer) });
      expect(sentence).toBe('Your mail went out to Birds as post 1.');
    });

    test('is forgotten with the offer to post it anyway', async () => {
      const desk = await birds(engine);
      await deliverOne(desk, plea);
      const bodies = () =>
        desk.store.read((db) => db.selectFrom('bodies').select('id').where('bytes', '>', 0).execute());
      const before = (await bodies()).length;
      // Two days of the offer, and thirty in which a second press is answered.
      const later = desk.now + 32 * day;
      expect(await desk.store.write((tx) => pruneTokens(tx, later - 30 * day, 10))).toBe(0);
      expect(await desk.store.write((tx) => pruneTokens(tx, later - 30 * day + 1, 10))).toBe(1);
      expect(await bodies()).toHaveLength(before - 1);
    });

    test('is a post where the list wants it so', async () => {
      const desk = await birds(engine, { misdirected: 'off' });
      expect(await deliverOne(desk, plea)).toMatchObject({ kind: 'accepted' });
    });
  });

  describe('commands', () => {
    const to = 'birds-request@lists.example.org';
    const from = 'Bo <bo@example.org>';

    test.each([
      ['help', 'Help: Birds'],
      ['status', 'Your settings on Birds'],
      ['which', 'Your mailing lists at lists.example.org'],
      ['lists', 'Mailing lists at lists.example.org'],
      ['set nomail', 'Please confirm: change your settings on Birds'],
      ['vacation until 2026-12-31', 'Please confirm: change your settings on Birds'],
      ['vacation until 2026-01-31', 'Not understood: vacation until 2026-01-31'],
      ['name "Bo Lind"', 'Please confirm: change your settings on Birds'],
      ['set conceal', 'Not possible by mail: set conceal'],
      ['who', 'Members of Birds'],
      ['index', 'Birds: the newest posts'],
      ['leave', 'Please confirm: leave Birds'],
      ['please take me off this list', 'Please confirm: leave Birds'],
      ['Bitte abmelden', 'Please confirm: leave Birds'],
      ['Guten Tag, wie geht es?', 'Sorry, I did not understand that'],
    ])('“%s” is answered to its author alone', async (command, subject) => {
      const desk = await birds(engine);
      await deliverOne(desk, { from, to, subject: command });
      expect(await takeOutbox(desk)).toMatchObject([{ to: 'bo@example.org', subject }]);
    });

    test('settings change after the confirmation, and are mailed back', async () => {
      const desk = await birds(engine);
      await deliverOne(desk, { from, to, text: 'set nomail\nset norepro\n\n-- \nBo\nset mail' });
      for (const mail of await takeOutbox(desk))
        await desk.perform(confirm, holder, { token: tokenIn(mail) });
      const [, settings] = await takeOutbox(desk);
      expect(settings?.text).toContain('no mail');
      expect(settings?.text).toContain('you do not get them');
    });

    test('moving to a new address asks both, and moves when both agree', async () => {
      const desk = await birds(engine);
      await deliverOne(desk, { from, to, subject: 'address bo@new.example' });
      const questions = await takeOutbox(desk);
      expect(questions.map((mail) => mail.to).sort()).toEqual(['bo@example.org', 'bo@new.example']);
      const [first, second] = questions;
      await desk.perform(confirm, holder, { token: tokenIn(first) });
      expect(await emails(desk)).toEqual(members);
      await desk.perform(confirm, holder, { token: tokenIn(second) });
      expect(await emails(desk)).toEqual(['ana@example.org', 'bo@new.example']);
    });

    test('a private archive is told to members only', async () => {
      const desk = await birds(engine);
      await deliverOne(desk, { from, to: 'birds@lists.example.org', subject: 'Nests', text: 'Three eggs.' });
      await takeOutbox(desk);
      await deliverOne(desk, { from, to, subject: 'get 1' });
      await deliverOne(desk, { from: 'eve@example.edu', to, subject: 'get 1' });
      const [mine, hers] = await takeOutbox(desk);
      expect(mine?.text).toContain('Three eggs.');
      expect(hers?.text).not.toContain('eggs');
    });

    test('at listserv@ name their list, in LISTSERV’s words', async () => {
      const desk = await birds(engine);
      await deliverOne(desk, {
        from: 'cy@example.com',
        to: 'listserv@lists.example.org',
        text: 'SUBSCRIBE birds Cy Ha',
      });
      const [question] = await takeOutbox(desk);
      await desk.perform(confirm, holder, { token: tokenIn(question) });
      const { members: all } = await desk.operate(listMembers, { list: 'birds' });
      expect(all.find((member) => member.email === 'cy@example.com')?.name).toBe('Cy Ha');
      await takeOutbox(desk);
    });

    test('“signoff *” asks one question for all lists, however many', async () => {
      const desk = await birds(engine);
      for (const address of ['fish', 'moths'])
        await desk.operate(createList, { address, owners: ['ana@example.org', 'bo@example.org'] });
      await takeOutbox(desk);
      await deliverOne(desk, { from, to: 'listserv@lists.example.org', text: 'signoff *' });
      const [question, ...rest] = await takeOutbox(desk);
      expect(rest).toEqual([]);
      expect(question?.subject).toBe('Please confirm: leave every list at lists.example.org');
      expect(question?.text).toContain('moths@lists.example.org');
      expect(await desk.perform(confirm, holder, { token: tokenIn(question) })).toMatchObject({
        sentence: 'bo@example.org has left 3 lists.',
      });
      expect(await emails(desk)).toEqual(['ana@example.org']);
      expect(await takeOutbox(desk)).toHaveLength(3);
    });

    test('of strangers get one answer a week', async () => {
      const desk = await birds(engine);
      for (const subject of ['help', 'lists', 'status'])
        await deliverOne(desk, { from: 'eve@example.edu', to, subject });
      expect(await takeOutbox(desk)).toHaveLength(1);
      desk.now += 7 * day;
      await deliverOne(desk, { from: 'eve@example.edu', to, subject: 'help' });
      expect(await takeOutbox(desk)).toHaveLength(1);
    });

    test('for another address are asked of that address, naming who asked', async () => {
      const desk = await birds(engine);
      await deliverOne(desk, { from, to, text: 'join address=bo@work.example' });
      const [question] = await takeOutbox(desk);
      expect(question?.to).toBe('bo@work.example');
      expect(question?.text).toContain('in the name of bo@example.org');
    });
  });

  describe('mail to people', () => {
    test('birds-owner@ reaches the owners, and does not go in circles', async () => {
      const desk = await birds(engine);
      const letter = {
        from: 'eve@example.edu',
        to: 'birds-owner@lists.example.org',
        subject: 'Hello',
        text: 'May I join?',
      };
      await deliverOne(desk, letter);
      expect(await takeOutbox(desk)).toMatchObject([
        { kind: 'forward', to: 'ana@example.org', returnPath: 'verp' },
      ]);
      const back = await deliverOne(desk, {
        ...letter,
        headers: ['X-BeenThere: birds-owner@lists.example.org'],
      });
      expect(back.kind).toBe('dropped');
    });

    test('postmaster@ reaches the operators; without any, the sender keeps the mail', async () => {
      const desk = await birds(engine);
      const letter = { from: 'eve@example.edu', to: 'postmaster@lists.example.org', subject: 'Abuse' };
      await deliverOne(desk, letter);
      expect(await takeOutbox(desk)).toMatchObject([
        { kind: 'forward', to: 'root@example.org', returnPath: 'null' },
      ]);
      const nobody = createDesk(desk.store, { operators: [] });
      expect(await deliverOne(nobody, letter)).toMatchObject({ kind: 'refused', code: 451 });
    });

    test('a bounce is kept only where its token is ours, and is never answered', async () => {
      const desk = await birds(engine);
      await deliverOne(desk, {
        from: 'bo@example.org',
        to: 'birds@lists.example.org',
        subject: 'Nests',
        text: 'x',
      });
      await takeOutbox(desk);
      const report = {
        from: 'MAILER-DAEMON@mx.example.com',
        envelopeSender: '',
        headers: ['Content-Type: multipart/report; report-type=delivery-status; boundary=b'],
      };
      const ours = `birds-bounces+${signToken(desk.keys, 'bounce', 1)}@lists.example.org`;
      const forged = `birds-bounces+${signToken({ secrets: [Buffer.alloc(32)] }, 'bounce', 1)}@lists.example.org`;
      expect(await deliverOne(desk, { ...report, to: ours })).toMatchObject({ kind: 'accepted' });
      expect(await deliverOne(desk, { ...report, to: forged })).toMatchObject({ kind: 'dropped' });
      expect(await takeOutbox(desk)).toEqual([]);
      const kept = await desk.store.read((db) => db.selectFrom('bounces').select('delivery_id').execute());
      expect(kept).toEqual([{ delivery_id: 1 }]);
    });

    test.each([
      ['noreply@', 'eve@example.edu', 'refused'],
      ['mailer-daemon@', 'eve@example.edu', 'refused'],
      ['noreply@', '', 'dropped'],
    ])('%s from “%s”', async (local, envelopeSender, kind) => {
      const desk = await birds(engine);
      const result = await deliverOne(desk, {
        from: 'eve@example.edu',
        to: `${local}lists.example.org`,
        envelopeSender,
      });
      expect(result.kind).toBe(kind);
    });
  });
});
