import { describe, expect, test } from 'vitest';
import { createList } from '../../src/operations/lists/create-list.ts';
import { findMembership, leaveMember } from '../../src/store/memberships.ts';
import { createDesk, type Desk } from '../support/desk.ts';
import { deliverOne, takeOutbox } from '../support/letterbox.ts';
import { onEachEngine, type TestEngine } from '../support/stores.ts';

const letter = { from: 'cy@example.com', to: 'birds-owner@lists.example.org', text: 'I need a person.' };

/** Nobody can leave a list to nobody, but a database that came from elsewhere may have such lists. */
async function ownerless(engine: TestEngine, operators: readonly string[]): Promise<Desk> {
  const desk = createDesk(await engine.freshStore(), { operators });
  const { listId } = await desk.operate(createList, { address: 'birds', owners: ['ana@example.org'] });
  const owner = await desk.store.read((db) => findMembership(db, listId, 'ana@example.org'));
  await desk.store.write((tx) => leaveMember(tx, owner?.id ?? 0, desk.now));
  return desk;
}

onEachEngine((engine) => {
  describe('mail to the owners of a list that has none', () => {
    test('reaches the operators', async () => {
      const desk = await ownerless(engine, ['root@example.org']);
      expect(await deliverOne(desk, letter)).toMatchObject({ kind: 'passed-on' });
      expect(await takeOutbox(desk)).toMatchObject([{ to: 'root@example.org', kind: 'forward' }]);
    });

    test('stays with its sender where there are no operators either', async () => {
      const desk = await ownerless(engine, []);
      expect(await deliverOne(desk, letter)).toMatchObject({ kind: 'refused', code: 451 });
      expect(await takeOutbox(desk)).toEqual([]);
    });
  });
});
