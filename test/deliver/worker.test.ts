import { expect } from 'vitest';
import { addMembers, deliveryRows, makeList, notify, postTo, startWorker } from '../support/outbox.ts';
import { openSink } from '../support/sink.ts';
import { eachStore } from '../support/stores.ts';

eachStore('every member gets a copy with a return path and leave link of their own', async (store) => {
  const sink = await openSink();
  const list = await store.write((tx) => makeList(tx, 'birds'));
  await addMembers(store, list, 25);
  await store.write((tx) => postTo(tx, { list }));
  const worker = startWorker({ store, url: sink.url });
  await sink.received(25);
  await worker.idle();
  expect(new Set(sink.mails.flatMap((mail) => mail.to)).size).toBe(25);
  expect(new Set(sink.mails.map((mail) => mail.from)).size).toBe(25);
  expect(sink.mails[0]?.from).toMatch(/^birds-bounces\+[0-9a-z]{15}@lists\.example\.org$/);
  expect(sink.mails[0]?.data).toMatch(/List-Unsubscribe: <https:\/\/lists\.example\.org\/u\/[0-9a-z]{23}>/);
  expect((await deliveryRows(store)).map((row) => row.state)).toEqual(Array(25).fill('sent'));
  await worker.close();
});
