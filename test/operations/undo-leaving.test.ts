import { describe, expect, test } from 'vitest';
import type { Address } from '../../src/domain/address.ts';
import { signToken } from '../../src/mail/signed-token.ts';
import { createList } from '../../src/operations/lists/create-list.ts';
import { addMembers } from '../../src/operations/members/add-members.ts';
import { leaveByToken } from '../../src/operations/members/leave.ts';
import { listMembers } from '../../src/operations/members/list-members.ts';
import { removeMembers } from '../../src/operations/members/remove-members.ts';
import { setMember } from '../../src/operations/members/set-member.ts';
import { confirm } from '../../src/operations/requests/confirm.ts';
import { findMembership } from '../../src/store/memberships.ts';
import { createDesk, type Desk } from '../support/desk.ts';
import { takeOutbox, tokenIn } from '../support/letterbox.ts';
import { onEachEngine, type TestEngine } from '../support/stores.ts';

const holder = { kind: 'holder', of: 'test' } as const;
const bo = { list: 'birds', members: [{ email: 'bo@example.org' }] };

/** Bo, a moderator, has left by the link of a copy: the token of the way back. */
async function afterLeaving(engine: TestEngine): Promise<{ desk: Desk; token: string }> {
  const desk = createDesk(await engine.freshStore());
  const { listId } = await desk.operate(createList, { address: 'birds', owners: ['ana@example.org'] });
  await desk.operate(addMembers, bo);
  await desk.operate(setMember, { list: 'birds', email: 'bo@example.org', changes: { role: 'moderator' } });
  const member = await desk.store.read((db) => findMembership(db, listId, 'bo@example.org'));
  const link = signToken(desk.keys, 'leave', member?.id ?? 0, 23);
  await desk.perform(leaveByToken, holder, { token: link, how: 'one-click' });
  desk.now += 1000;
  return { desk, token: tokenIn((await takeOutbox(desk)).at(-1)) };
}

async function roleOfBo(desk: Desk): Promise<string | undefined> {
  const { members } = await desk.operate(listMembers, { list: 'birds' });
  return members.find((member) => member.email === 'bo@example.org')?.role;
}

onEachEngine((engine) => {
  describe('the way back after leaving', () => {
    test('brings the membership back as it was', async () => {
      const { desk, token } = await afterLeaving(engine);
      expect(await roleOfBo(desk)).toBeUndefined();
      const { sentence } = await desk.perform(confirm, holder, { token });
      expect(sentence).toBe('bo@example.org is back on Birds.');
      expect(await roleOfBo(desk)).toBe('moderator');
    });

    test('does nothing for somebody who has joined again', async () => {
      const { desk, token } = await afterLeaving(engine);
      await desk.operate(addMembers, bo);
      const { sentence } = await desk.perform(confirm, holder, { token });
      expect(sentence).toBe('bo@example.org is on Birds already.');
      expect(await roleOfBo(desk)).toBe('member');
    });

    test('leads nobody back whom somebody has taken off meanwhile, who had left: not as a moderator, not at all', async () => {
      const { desk, token } = await afterLeaving(engine);
      const taken = await desk.operate(removeMembers, { list: 'birds', emails: ['bo@example.org'] });
      expect(taken).toMatchObject({ removed: [], notMembers: ['bo@example.org'] });
      const { sentence } = await desk.perform(confirm, holder, { token });
      expect(sentence).toContain('birds-join@lists.example.org');
      expect(await roleOfBo(desk)).toBeUndefined();
    });

    test('is closed by an owner to one who looked after the list, for as long as it is open, and by no moderator', async () => {
      const { desk, token } = await afterLeaving(engine);
      await desk.operate(addMembers, {
        list: 'birds',
        members: [{ email: 'mo@example.org', role: 'moderator' }],
      });
      const mo = { kind: 'verified', email: 'mo@example.org' as Address } as const;
      const asked = { list: 'birds', emails: ['bo@example.org'] };
      await expect(desk.perform(removeMembers, mo, asked)).rejects.toMatchObject({ code: 'not-allowed' });
      await desk.perform(confirm, holder, { token });
      expect(await roleOfBo(desk)).toBe('moderator');
    });

    test('leads nobody back whom the operator has taken off since', async () => {
      const { desk, token } = await afterLeaving(engine);
      await desk.operate(addMembers, bo);
      await desk.operate(removeMembers, { list: 'birds', emails: ['bo@example.org'] });
      const { sentence } = await desk.perform(confirm, holder, { token });
      expect(sentence).toContain('birds-join@lists.example.org');
      expect(await roleOfBo(desk)).toBeUndefined();
    });
  });
});
