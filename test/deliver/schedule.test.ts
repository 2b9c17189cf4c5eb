import { expect, onTestFinished } from 'vitest';
import { startSchedule, type TimedJob } from '../../src/deliver/schedule.ts';
import { silentLog } from '../../src/domain/log.ts';
import type { Store } from '../../src/store/store.ts';
import { start } from '../support/outbox.ts';
import { eachStore } from '../support/stores.ts';

function node(store: Store, jobs: readonly TimedJob[], clock: { now: number }) {
  const schedule = startSchedule({ store, jobs, log: silentLog, now: () => clock.now });
  onTestFinished(() => schedule.close());
  return schedule;
}

eachStore('a job runs at once, then in its turn, until nothing is left each time', async (store) => {
  const clock = { now: start };
  let batches = 0;
  const job = { name: 'prune', every: 60_000, run: async () => ++batches % 3 !== 0 };
  const schedule = node(store, [job], clock);
  await schedule.runDue();
  expect(batches).toBe(3);
  clock.now = start + 59_999;
  await schedule.runDue();
  expect(batches).toBe(3);
  clock.now = start + 60_000;
  await schedule.runDue();
  expect(batches).toBe(6);
});

eachStore('of two nodes one runs it', async (store) => {
  const clock = { now: start };
  let runs = 0;
  const job = { name: 'prune', every: 60_000, run: async () => ++runs < 0 };
  await Promise.all([node(store, [job], clock).runDue(), node(store, [job], clock).runDue()]);
  expect(runs).toBe(1);
});

eachStore('a job that fails stops neither the others nor its next turn', async (store) => {
  const clock = { now: start };
  const ran: string[] = [];
  const broken: TimedJob = {
    name: 'broken',
    every: 1_000,
    run: () => {
      ran.push('broken');
      return Promise.reject(new Error('no'));
    },
  };
  const sound: TimedJob = { name: 'sound', every: 1_000, run: async () => ran.push('sound') < 0 };
  const schedule = node(store, [broken, sound], clock);
  await schedule.runDue();
  clock.now += 1_000;
  await schedule.runDue();
  expect(ran).toEqual(['broken', 'sound', 'broken', 'sound']);
});

eachStore('a clock that ran years ahead and was put right stops no job', async (store) => {
  const clock = { now: start + 3650 * 86_400_000 };
  let runs = 0;
  const schedule = node(store, [{ name: 'prune', every: 60_000, run: async () => ++runs < 0 }], clock);
  await schedule.runDue();
  clock.now = start;
  await schedule.runDue();
  clock.now += 59_999;
  await schedule.runDue();
  expect(runs).toBe(2);
  clock.now += 1;
  await schedule.runDue();
  expect(runs).toBe(3);
});
