import { expect, test } from 'vitest';
import type { Copies } from '../../src/deliver/copies.ts';
import type { Portion } from '../../src/deliver/ready.ts';
import { createSignedAhead, type SigningBudget } from '../../src/deliver/signed-ahead.ts';

function open(budget: SigningBudget = { used: 0 }) {
  const events: string[] = [];
  const ahead = createSignedAhead<string>({
    budget,
    ready: () => events.push('ready'),
    failed: (_, error) => events.push(`failed: ${error instanceof Error ? error.message : error}`),
  });
  return { ahead, events, budget };
}

const portion: Portion = { copies: {} as Copies, deliveries: [], alone: false };

/** A promise that is settled from outside. */
function later() {
  let resolve: (value: string) => void = () => {};
  let reject: (error: Error) => void = () => {};
  const promise = new Promise<string>((good, bad) => {
    resolve = good;
    reject = bad;
  });
  return { promise, resolve, reject };
}

test('copies leave in the order in which they came, however their signatures do', async () => {
  const { ahead, events } = open();
  const [a, b] = [later(), later()];
  ahead.push('a', portion, a.promise);
  ahead.push('b', portion, b.promise);
  ahead.push('c', portion, undefined);
  b.resolve('b signed');
  await b.promise;
  expect([ahead.shift(), events]).toEqual([undefined, []]);
  a.resolve('a signed');
  await a.promise;
  expect(events).toEqual(['ready']);
  expect([ahead.shift(), ahead.shift(), ahead.shift(), ahead.shift()]).toEqual([
    'a signed',
    'b signed',
    'c',
    undefined,
  ]);
});

test('one that cannot be signed is told of, and holds up nobody', async () => {
  const { ahead, events, budget } = open();
  const [a, b] = [later(), later()];
  ahead.push('a', portion, a.promise);
  ahead.push('b', portion, b.promise);
  b.resolve('b signed');
  a.reject(new Error('no key'));
  await a.promise.catch(() => {});
  await b.promise;
  expect(events).toEqual(['failed: no key', 'ready']);
  expect([ahead.shift(), budget.used]).toEqual(['b signed', 0]);
});

test('what was put back is signed for nobody', async () => {
  const { ahead, events, budget } = open();
  const [a, b] = [later(), later()];
  ahead.push('a', portion, a.promise);
  ahead.push('b', portion, b.promise);
  expect(ahead.drain()).toHaveLength(2);
  a.resolve('a signed');
  b.reject(new Error('no key'));
  await b.promise.catch(() => {});
  expect([ahead.shift(), events, budget.used]).toEqual([undefined, [], 0]);
});

test('few are signed ahead in all, and a few for each destination in any case', () => {
  const budget = { used: 0 };
  const [busy, other] = [open(budget).ahead, open(budget).ahead];
  while (busy.wants) busy.push('x', portion, undefined);
  expect(busy.size).toBe(256);
  while (other.wants) other.push('x', portion, undefined);
  expect(other.size).toBe(4);
});
