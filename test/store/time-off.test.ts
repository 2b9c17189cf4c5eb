import { expect } from 'vitest';
import { noteAtWork } from '../../src/store/time-off.ts';
import { notify, start } from '../support/outbox.ts';
import { eachStore } from '../support/stores.ts';

const minute = 60_000;
const day = 24 * 60 * minute;

for (const [name, absence, counted] of [
  ['under half an hour is none', 30 * minute - 1, 0],
  ['half an hour is as long as it is', 30 * minute, 30 * minute],
  ['three months are, too', 90 * day, 90 * day],
] as const)
  eachStore(`an absence of a server: ${name}`, async (store) => {
    const note = (now: number) => store.write((tx) => noteAtWork(tx, now));
    expect(await note(start)).toBe(0);
    await store.write((tx) => notify(tx, { to: ['bo@example.org'] }));
    const givenUpAt = () =>
      store.read((db) => db.selectFrom('mailings').select('give_up_at').executeTakeFirstOrThrow());
    const { give_up_at: before } = await givenUpAt();
    expect(await note(start + absence)).toBe(counted);
    expect(await givenUpAt()).toEqual({ give_up_at: before + counted });
    expect(await note(start + absence + 10 * minute)).toBe(0);
    expect(await givenUpAt()).toEqual({ give_up_at: before + counted });
  });

eachStore('a clock that was a year behind gives nothing more time than when it began', async (store) => {
  const note = (now: number) => store.write((tx) => noteAtWork(tx, now));
  await note(start);
  await store.write((tx) => notify(tx, { to: ['bo@example.org'] }));
  const lifetimes = () =>
    store.read((db) =>
      db
        .selectFrom('mailings')
        .select((eb) => eb('give_up_at', '-', eb.ref('created_at')).as('ms'))
        .execute(),
    );
  const [before] = await lifetimes();
  await note(start - 365 * day);
  await note(start + 10 * minute);
  expect(await lifetimes()).toEqual([{ ms: (before?.ms ?? 0) + 10 * minute }]);
});

eachStore('a clock that was ahead and is put right changes nothing of what waits', async (store) => {
  const note = (now: number) => store.write((tx) => noteAtWork(tx, now));
  await note(start);
  await store.write((tx) => notify(tx, { to: ['bo@example.org'] }));
  const waiting = () =>
    store.read((db) =>
      db
        .selectFrom('deliveries')
        .innerJoin('mailings', 'mailings.id', 'mailing_id')
        .select(['next_at', 'give_up_at'])
        .execute(),
    );
  const defer = (until: number) =>
    store.write((tx) => tx.updateTable('deliveries').set({ state: 'deferred', next_at: until }).execute());
  const [before] = await waiting();
  const ahead = 3650 * day;
  for (const [until, then] of [
    [start + ahead + 6 * minute, start + 6 * minute],
    [start + ahead - minute, start],
  ] as const) {
    await note(start + ahead);
    await defer(until);
    await note(start);
    expect(await waiting()).toEqual([{ give_up_at: before?.give_up_at, next_at: then }]);
  }
});

eachStore('a mailing whose time was over before the absence has no more of it', async (store) => {
  await store.write((tx) => notify(tx, { to: ['bo@example.org'] }));
  await store.write((tx) => tx.updateTable('mailings').set({ give_up_at: start }).execute());
  await store.write((tx) => noteAtWork(tx, start));
  await store.write((tx) => noteAtWork(tx, start + 9 * day));
  const rows = await store.read((db) => db.selectFrom('mailings').select('give_up_at').execute());
  expect(rows).toEqual([{ give_up_at: start }]);
});
