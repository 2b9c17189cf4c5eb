import { expect } from 'vitest';
import { overQuota, takeQuota } from '../../src/store/quotas.ts';
import { start } from '../support/outbox.ts';
import { eachStore } from '../support/stores.ts';

const hour = 3_600_000;
const rate = { count: 2, ms: hour };

eachStore('a bucket is full for as long as its window lasts', async (store) => {
  const take = (now: number) => store.write((tx) => takeQuota(tx, 'a', { rate, now }));
  const over = (now: number) => store.read((db) => overQuota(db, 'a', { rate, now }));
  expect([await take(start), await take(start + 1), await take(start + 2)]).toEqual([true, true, false]);
  expect(await take(start + hour - 1)).toBe(false);
  expect([await over(start + hour - 1), await over(start + hour)]).toEqual([2, 0]);
  expect(await take(start + hour)).toBe(true);
});

eachStore('a clock that ran ahead and was put right leaves no bucket full for years', async (store) => {
  const take = (now: number) => store.write((tx) => takeQuota(tx, 'a', { rate, now }));
  const future = start + 3650 * 24 * hour;
  expect([await take(future), await take(future), await take(future)]).toEqual([true, true, false]);
  expect(await store.read((db) => overQuota(db, 'a', { rate, now: start }))).toBe(0);
  expect([await take(start), await take(start), await take(start)]).toEqual([true, true, false]);
});

eachStore('a node whose clock is a little behind counts on', async (store) => {
  const take = (now: number) => store.write((tx) => takeQuota(tx, 'a', { rate, now }));
  expect([await take(start + 500), await take(start), await take(start)]).toEqual([true, true, false]);
});
