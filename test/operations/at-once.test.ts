import { describe, expect, test } from 'vitest';
import type { Checks } from '../../src/domain/checks.ts';
import { signToken } from '../../src/mail/signed-token.ts';
import { createList } from '../../src/operations/lists/create-list.ts';
import { addMembers } from '../../src/operations/members/add-members.ts';
import { leaveByToken } from '../../src/operations/members/leave.ts';
import { listMembers } from '../../src/operations/members/list-members.ts';
import { removeMembers } from '../../src/operations/members/remove-members.ts';
import { setMember } from '../../src/operations/members/set-member.ts';
import { showMember } from '../../src/operations/members/show-member.ts';
import { confirm } from '../../src/operations/requests/confirm.ts';
import { findMembership } from '../../src/store/memberships.ts';
import { moveAddress } from '../../src/store/move-address.ts';
import { createDesk, type Desk } from '../support/desk.ts';
import { deliverOne, type Letter, takeOutbox, tokenIn } from '../support/letterbox.ts';
import { onEachEngine, type TestEngine } from '../support/stores.ts';

const verified: Partial<Checks> = {
  identity: { class: 'verified', why: 'DKIM matches', policy: 'none', temporary: false },
};
const holder = { kind: 'holder', of: 'test' } as const;
const [ana, bo] = ['ana@example.org', 'bo@example.org'] as const;

/** Ana owns birds and owls; Bo is on both. */
async function birds(engine: TestEngine): Promise<Desk> {
  const desk = createDesk(await engine.freshStore());
  for (const address of ['birds', 'owls']) {
    await desk.operate(createList, { address, owners: [ana], title: address });
    await desk.operate(addMembers, { list: address, members: [{ email: bo, name: 'Bo' }] });
  }
  return desk;
}

const write = (desk: Desk, letter: Partial<Letter> & { to: string }) =>
  deliverOne(desk, { from: bo, checks: verified, ...letter });

async function emails(desk: Desk, list: string): Promise<string[]> {
  return (await desk.operate(listMembers, { list })).members.map(({ email }) => email).sort();
}

onEachEngine((engine) => {
  describe('a member whose mail is verified', () => {
    test.each<[string, Partial<Letter> & { to: string }]>([
      ['writes to -leave', { to: 'birds-leave@lists.example.org' }],
      ['writes “unsubscribe” to -request', { to: 'birds-request@lists.example.org', subject: 'unsubscribe' }],
      ['writes “signoff birds” to listserv@', { to: 'listserv@lists.example.org', text: 'signoff birds' }],
    ])('%s and has left, with a way back', async (_, letter) => {
      const desk = await birds(engine);
      await write(desk, letter);
      expect(await emails(desk, 'birds')).toEqual([ana]);
      const [goodbye, ...others] = await takeOutbox(desk);
      expect(others).toEqual([]);
      expect(goodbye).toMatchObject({ to: bo, subject: 'You have left birds' });
      await desk.perform(confirm, holder, { token: tokenIn(goodbye) });
      expect(await emails(desk, 'birds')).toEqual([ana, bo]);
    });

    test('leaves every list at once by “leave *”', async () => {
      const desk = await birds(engine);
      await write(desk, { to: 'listserv@lists.example.org', text: 'leave *' });
      expect([await emails(desk, 'birds'), await emails(desk, 'owls')]).toEqual([[ana], [ana]]);
      expect((await takeOutbox(desk)).map(({ subject }) => subject)).toEqual([
        'You have left birds',
        'You have left owls',
      ]);
    });

    test('who writes “unsubscribe” to the list has left, and nobody read it', async () => {
      const desk = await birds(engine);
      await write(desk, { to: 'birds@lists.example.org', subject: 'unsubscribe' });
      expect(await emails(desk, 'birds')).toEqual([ana]);
      const sent = await takeOutbox(desk);
      expect(sent.map(({ to, subject }) => [to, subject])).toEqual([
        [bo, 'You have left birds'],
        [bo, 'About your mail to birds'],
      ]);
      expect(sent[1]?.text).toContain('You have left the list.');
    });

    test.each([
      ['set nomail', { mode: 'none' }, { mode: 'each' }],
      ['set norepro', { ownCopy: false }, { ownCopy: true }],
      ['name "Bo Lind"', { name: 'Bo Lind' }, { name: 'Bo' }],
      ['vacation until 2026-12-31', { state: 'paused' }, { state: 'active' }],
    ])('changes settings at once by “%s”, and puts them back by the link', async (command, after, before) => {
      const desk = await birds(engine);
      await write(desk, { to: 'birds-request@lists.example.org', text: command });
      expect(await desk.operate(showMember, { list: 'birds', email: bo })).toMatchObject(after);
      const [told, ...others] = await takeOutbox(desk);
      expect(others).toEqual([]);
      expect(told).toMatchObject({ to: bo, subject: 'Your settings on birds' });
      await desk.perform(confirm, holder, { token: tokenIn(told) });
      expect(await desk.operate(showMember, { list: 'birds', email: bo })).toMatchObject(before);
    });

    test('asks for the same again and again: it is told once an hour', async () => {
      const desk = await birds(engine);
      for (let i = 0; i < 5; i++) await write(desk, { to: 'birds-nomail@lists.example.org' });
      expect(await takeOutbox(desk)).toHaveLength(1);
    });

    test.each<[string, Partial<Letter> & { to: string }, RegExp]>([
      ['joining', { from: 'cy@example.com', to: 'birds-join@lists.example.org' }, /^Please confirm: join/],
      [
        'leaving with another address',
        { from: 'cy@example.com', to: 'birds-request@lists.example.org', text: `leave ${bo}` },
        /^Please confirm: leave/,
      ],
      [
        'moving to another address',
        { to: 'birds-request@lists.example.org', text: 'address bo@new.example' },
        /^Please confirm: bo@example.org becomes/,
      ],
    ])('is asked all the same about %s', async (_, letter, subject) => {
      const desk = await birds(engine);
      await write(desk, letter);
      for (const mail of await takeOutbox(desk)) expect(mail.subject).toMatch(subject);
      expect(await emails(desk, 'birds')).toEqual([ana, bo]);
    });
  });

  test('one whose mail proves nothing is asked', async () => {
    const desk = await birds(engine);
    await write(desk, { to: 'birds-leave@lists.example.org', checks: {} });
    await write(desk, { to: 'birds-request@lists.example.org', text: 'set nomail', checks: {} });
    expect((await takeOutbox(desk)).map(({ subject }) => subject)).toEqual([
      'Please confirm: leave birds',
      'Please confirm: change your settings on birds',
    ]);
    expect(await desk.operate(showMember, { list: 'birds', email: bo })).toMatchObject({ mode: 'each' });
  });

  describe('the last owner of a list', () => {
    const staysOwner = async (desk: Desk) =>
      expect(await desk.operate(showMember, { list: 'birds', email: ana })).toMatchObject({
        role: 'owner',
        mode: 'none',
      });

    test('who presses the link in a copy gets no more posts, and stays', async () => {
      const desk = await birds(engine);
      const { listId } = await desk.operate(setMember, {
        list: 'birds',
        email: ana,
        changes: { name: 'Ana' },
      });
      const member = await desk.store.read((db) => findMembership(db, listId, ana));
      const token = signToken(desk.keys, 'leave', member?.id ?? 0, 23);
      expect(await desk.perform(leaveByToken, holder, { token, how: 'one-click' })).toMatchObject({
        kind: 'stays',
      });
      await staysOwner(desk);
      const [note] = await takeOutbox(desk);
      expect(note).toMatchObject({ to: ana, subject: 'You stay the owner of birds' });
      await desk.perform(confirm, holder, { token: tokenIn(note) });
      expect(await desk.operate(showMember, { list: 'birds', email: ana })).toMatchObject({ mode: 'each' });
    });

    test('who leaves by mail, too', async () => {
      const desk = await birds(engine);
      await write(desk, { from: ana, to: 'listserv@lists.example.org', text: 'leave *' });
      await staysOwner(desk);
    });

    test('who confirms leaving, too', async () => {
      const desk = await birds(engine);
      await write(desk, { from: ana, to: 'birds-leave@lists.example.org', checks: {} });
      const { sentence } = await desk.perform(confirm, holder, {
        token: tokenIn((await takeOutbox(desk))[0]),
      });
      expect(sentence).toBe('ana@example.org gets no more posts from birds, and stays its last owner.');
      await staysOwner(desk);
    });

    test('leaves for good once there is another one', async () => {
      const desk = await birds(engine);
      await desk.operate(setMember, { list: 'birds', email: bo, changes: { role: 'owner' } });
      await write(desk, { from: ana, to: 'birds-leave@lists.example.org' });
      expect(await emails(desk, 'birds')).toEqual([bo]);
    });

    test('is neither removed nor demoted', async () => {
      const desk = await birds(engine);
      for (const attempt of [
        desk.operate(removeMembers, { list: 'birds', emails: [ana, bo] }),
        desk.operate(setMember, { list: 'birds', email: ana, changes: { role: 'moderator' } }),
      ]) {
        await expect(attempt).rejects.toMatchObject({ code: 'conflict' });
      }
      expect(await emails(desk, 'birds')).toEqual([ana, bo]);
    });

    test('moves to an address that is a member already, which becomes the owner', async () => {
      const desk = await birds(engine);
      await desk.store.write((tx) => moveAddress(tx, { from: ana as never, to: bo as never, now: desk.now }));
      expect(await desk.operate(showMember, { list: 'birds', email: bo })).toMatchObject({ role: 'owner' });
      expect(await emails(desk, 'birds')).toEqual([bo]);
    });
  });
});
