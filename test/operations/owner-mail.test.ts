import { describe, expect, test } from 'vitest';
import { signToken } from '../../src/mail/signed-token.ts';
import { createList } from '../../src/operations/create-list.ts';
import { leaveByToken } from '../../src/operations/leave.ts';
import { findMembership } from '../../src/store/memberships.ts';
import { createDesk, type Desk } from '../support/desk.ts';
import { deliverOne, takeOutbox } from '../support/letterbox.ts';
import { onEachEngine, type TestEngine } from '../support/stores.ts';

const letter = { from: 'cy@example.com', to: 'birds-owner@lists.example.org', text: 'I need a person.' };

/** The only owner of the list has left it, by the link in a copy: nobody can be kept from leaving. */
async function ownerless(engine: TestEngine, operators: readonly string[]): Promise<Desk> {
  const desk = createDesk(await engine.freshStore(), { operators });
  const { listId } = await desk.operate(createList, { address: 'birds', owners: ['ana@example.org'] });
  const owner = await desk.store.read((db) => findMembership(db, listId, 'ana@example.org'));
  const token = signToken(desk.keys, 'leave', owner?.id ?? 0, 23);
  await desk.perform(leaveByToken, { kind: 'holder', of: 'test' }, { token, how: 'one-click' });
  await takeOutbox(desk);
  return desk;
}

onEachEngine((engine) => {
  describe('mail to the owners of a list that has none', () => {
    test('reaches the operators', async () => {
      const desk = await ownerless(engine, ['root@example.org']);
      expect(await deliverOne(desk, letter)).toMatchObject({ kind: 'accepted' });
      expect(await takeOutbox(desk)).toMatchObject([{ to: 'root@example.org', kind: 'forward' }]);
    });

    test('stays with its sender where there are no operators either', async () => {
      const desk = await ownerless(engine, []);
      expect(await deliverOne(desk, letter)).toMatchObject({ kind: 'refused', code: 451 });
      expect(await takeOutbox(desk)).toEqual([]);
    });
  });
});
