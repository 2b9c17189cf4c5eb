import { expect } from 'vitest';
import { insertBounces } from '../../src/store/bounces.ts';
import { decideHeld } from '../../src/store/held.ts';
import { pruneBounces, pruneHeld, pruneMailings } from '../../src/store/prune.ts';
import { pauseQueue, resumeQueue } from '../../src/store/queue-pause.ts';
import type { Store } from '../../src/store/store.ts';
import { holdText } from '../support/held.ts';
import { deliveryRows, keepBody, makeList, notify, start } from '../support/outbox.ts';
import { eachStore } from '../support/stores.ts';

eachStore('held mail goes some time after it was decided about, with what was kept of it', async (store) => {
  const [first, second, waiting, shared] = await store.write(async (tx) => {
    const list = await makeList(tx, 'birds');
    const ids = [];
    for (const text of ['one', 'two', 'waits', 'waits'])
      ids.push(await holdText(tx, text, { listId: list.id }));
    return ids;
  });
  await decide(store, first, start);
  await decide(store, second, start + 10);
  await decide(store, shared, start);
  const prune = (before: number) => store.write((tx) => pruneHeld(tx, before, 1));
  expect(await prune(start)).toBe(0);
  expect([await prune(start + 1), await prune(start + 1), await prune(start + 1)]).toEqual([1, 1, 0]);
  expect(await idsIn(store, 'held')).toEqual([second, waiting]);
  expect(await texts(store)).toEqual(['two', 'waits']);
});

eachStore('a delivery report goes some time after it came', async (store) => {
  await store.write(async (tx) => {
    for (const [i, text] of ['old', 'new'].entries()) {
      const bodyId = await keepBody(tx, Buffer.from(text));
      await insertBounces(tx, [
        {
          listId: null,
          deliveryId: 1,
          bodyId,
          receivedAt: start + i,
          kind: 'report',
          email: null,
          class: 'unknown',
          status: null,
          said: '',
          points: 0,
        },
      ]);
    }
  });
  expect(await store.write((tx) => pruneBounces(tx, start + 1, 10))).toBe(1);
  expect(await texts(store)).toEqual(['new']);
});

eachStore('the number of a mailing or delivery that is gone is never given to another', async (store) => {
  const mail = () => store.write((tx) => notify(tx, { to: ['alice@example.com', 'bob@example.com'] }));
  await mail();
  const mailing = await mail();
  const [, , , last] = await deliveryRows(store);
  while (await store.write((tx) => pruneMailings(tx, Number.MAX_SAFE_INTEGER)));
  expect(await deliveryRows(store)).toEqual([]);
  expect(await mail()).toBeGreaterThan(mailing);
  expect((await deliveryRows(store)).map(({ id }) => id > (last?.id ?? Number.NaN))).toEqual([true, true]);
});

eachStore(
  'what waits in a paused queue is there when it is resumed, however long that was',
  async (store) => {
    await store.write((tx) => notify(tx, { to: ['bo@example.org'] }));
    await store.write((tx) => pauseQueue(tx, { at: start, why: 'a backup was restored' }));
    expect(await store.write((tx) => pruneMailings(tx, Number.MAX_SAFE_INTEGER))).toBe(false);
    expect(await deliveryRows(store)).toHaveLength(1);
    await store.write((tx) => resumeQueue(tx));
    while (await store.write((tx) => pruneMailings(tx, Number.MAX_SAFE_INTEGER)));
    expect(await deliveryRows(store)).toEqual([]);
  },
);

function decide(store: Store, id: number | undefined, at: number): Promise<boolean> {
  return store.write((tx) => decideHeld(tx, id ?? 0, { kind: 'discarded', by: 'a test', at }));
}

async function idsIn(store: Store, table: 'held'): Promise<number[]> {
  const rows = await store.read((db) => db.selectFrom(table).select('id').orderBy('id').execute());
  return rows.map((row) => row.id);
}

async function texts(store: Store): Promise<string[]> {
  const rows = await store.read((db) => db.selectFrom('bodies').select('raw').orderBy('id').execute());
  return rows.map((row) => row.raw.toString());
}
