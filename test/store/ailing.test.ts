import { expect, test } from 'vitest';
import type { Ailing } from '../../src/domain/ailing.ts';
import { ailingAmong, dueAiling, findAiling, saveAiling } from '../../src/store/ailing.ts';
import { onEachEngine } from '../support/stores.ts';

const email = 'bo@example.com';
const failing: Ailing = {
  email,
  domain: 'example.com',
  score: 300,
  countedOn: '2026-11-21',
  counted: 100,
  firstAt: 1,
  lastAt: 1,
  lastClass: 'gone',
  lastSaid: 'No such user',
  suspendedAt: null,
  probes: 0,
  probedAt: null,
  nextAt: 1,
  removedAt: null,
};

onEachEngine((engine) => {
  test('who counts a failure and who suspends the address do not undo each other', async () => {
    const store = await engine.freshStore();
    await store.write((tx) => saveAiling(tx, [failing]));
    let suspensions = 0;
    let counting = () => {};
    const read = new Promise<void>((resolve) => {
      counting = resolve;
    });
    let suspended: Promise<void> | undefined;
    const counted = store.write(
      async (tx) => {
        const before = (await ailingAmong(tx, [email])).get(email) ?? failing;
        counting();
        // As long as this is under way the other one finds nothing that it may write.
        if (engine.name === 'postgres') await suspended;
        await saveAiling(tx, [{ ...before, score: before.score + 25 }]);
      },
      { isolation: 'read committed' },
    );
    const suspend = () =>
      store.write(async (tx) => {
        const due = await dueAiling(tx, 1, 10);
        suspensions += due.length;
        await saveAiling(
          tx,
          due.map((each) => ({ ...each, suspendedAt: 2, probes: 1, nextAt: 3 })),
        );
      });
    suspended = read.then(suspend);
    await Promise.all([counted, suspended]);
    await suspend();
    expect(suspensions).toBe(1);
    const after = await store.read((db) => findAiling(db, email));
    expect(after).toMatchObject({ score: 325, suspendedAt: 2, probes: 1 });
  });
});
