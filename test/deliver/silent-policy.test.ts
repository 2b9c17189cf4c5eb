import { expect, onTestFinished, test } from 'vitest';
import { openMailWorld, startDirectWorker } from '../support/mail-world.ts';
import { addAddresses, makeList, postTo, start } from '../support/outbox.ts';
import { onEachEngine } from '../support/stores.ts';

onEachEngine((engine) => {
  test('a domain whose policy never comes keeps nobody else from their mail', async () => {
    const store = await engine.freshStore();
    const world = await openMailWorld({ 'well.example': {}, 'mute.example': {} });
    const list = await store.write((tx) => makeList(tx, 'birds'));
    await addAddresses(store, list, [
      ...Array.from({ length: 1_100 }, (_, i) => `m${i}@mute.example`),
      ...Array.from({ length: 30 }, (_, i) => `m${i}@well.example`),
    ]);
    const worker = startDirectWorker({
      store,
      world,
      now: () => start,
      policyOf: (domain) => (domain === 'mute.example' ? new Promise(() => {}) : Promise.resolve(undefined)),
    });
    onTestFinished(() => worker.close());
    await store.write((tx) => postTo(tx, { list }));
    worker.wake();
    await world.sink('well.example').received(30);
    expect(world.sink('mute.example').mails).toEqual([]);
  });
});
