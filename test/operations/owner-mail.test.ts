import { describe, expect, test } from 'vitest';
import type { AskedPolicy } from '../../src/domain/authentication.ts';
import { unchecked } from '../../src/domain/checks.ts';
import { createList } from '../../src/operations/lists/create-list.ts';
import { setList } from '../../src/operations/lists/set-list.ts';
import { findMembership, leaveMember } from '../../src/store/memberships.ts';
import { createDesk, type Desk } from '../support/desk.ts';
import { deliver, deliverOne, takeOutbox } from '../support/letterbox.ts';
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
  describe('mail to owners, where DNS does not tell whether its domain disowns it', () => {
    test.each<[string, AskedPolicy, number | undefined]>([
      ['comes again', 'unknown', 451],
      ['comes again where it may be refused', 'reject', 451],
      ['is theirs where nobody asks for refusal', 'quarantine', undefined],
    ])('%s', async (_, policy, code) => {
      const desk = createDesk(await engine.freshStore(), { senderChecks: 'own' });
      await desk.operate(createList, { address: 'birds', owners: ['ana@example.org'] });
      await takeOutbox(desk);
      const identity = { ...unchecked.identity, policy, temporary: true };
      const mail = { ...letter, messageId: 'one@example.com', checks: { identity } };
      const passedOn = { kind: 'passed-on' };
      expect(await deliverOne(desk, mail)).toMatchObject(code ? { kind: 'refused', code } : passedOn);
      expect(await takeOutbox(desk)).toHaveLength(code ? 0 : 1);
      desk.now += 4 * 3_600_000;
      expect(await deliverOne(desk, mail)).toMatchObject(passedOn);
    });

    test.each([
      ['the people who run the site', 'postmaster@lists.example.org'],
      ['a command', 'birds-request@lists.example.org'],
      ['the list, which asks for no proof', 'birds@lists.example.org'],
    ])('comes again for four hours and no longer where it is to %s as well', async (_, other) => {
      const desk = createDesk(await engine.freshStore(), {
        senderChecks: 'own',
        operators: ['root@example.org'],
      });
      await desk.operate(createList, { address: 'birds', owners: ['ana@example.org'] });
      const changes = { spoof_protection: 'off', post: 'anyone', require_addressed: 'false' };
      await desk.operate(setList, { list: 'birds', changes });
      await takeOutbox(desk);
      const identity = { ...unchecked.identity, policy: 'unknown' as const, temporary: true };
      const mail = { ...letter, to: [letter.to, other], messageId: 'one@example.com', checks: { identity } };
      const again = { kind: 'refused', code: 451, enhanced: '4.4.3' };
      for (let tries = 0; tries < 4; tries++) {
        expect(await deliver(desk, mail)).toMatchObject([again, again]);
        desk.now += 3_600_000;
      }
      expect(await takeOutbox(desk)).toEqual([]);
      const results = await deliver(desk, mail);
      expect(results).toMatchObject([{ kind: 'passed-on' }, { kind: expect.not.stringMatching('refused') }]);
    });
  });

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
