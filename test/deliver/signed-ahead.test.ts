import { expect, test } from 'vitest';
import type { Copies } from '../../src/deliver/copies.ts';
import type { Portion } from '../../src/deliver/ready.ts';
import { createSignedAhead, type SigningBudget } from '../../src/deliver/signed-ahead.ts';

interface Copy {
  readonly name: string;
  readonly portion: Portion;
}

function open(budget: SigningBudget = { used: 0 }) {
  const events: string[] = [];
  const ahead = createSignedAhead<Copy>({
    budget,
    ready: () => events.push('ready'),
    failed: (portion, error) =>
      events.push(`failed: ${portion.deliveries.length} ${error instanceof Error ? error.message : error}`),
  });
  return { ahead, events, budget };
}

function copies(...names: readonly string[]): Copy[] {
  return names.map((name) => ({
    name,
    portion: { copies: {} as Copies, deliveries: [], alone: false },
  }));
}

/** A promise that is settled from outside. */
function later() {
  let resolve: () => void = () => {};
  let reject: (error: Error) => void = () => {};
  const promise = new Promise<void>((good, bad) => {
    resolve = good;
    reject = bad;
  });
  return { promise, resolve, reject };
}

test('copies leave in the order in which they came, however their signatures do', async () => {
  const { ahead, events } = open();
  const [first, second] = [later(), later()];
  ahead.push(copies('a', 'b'), first.promise);
  ahead.push(copies('c'), second.promise);
  ahead.push(copies('d'), undefined);
  second.resolve();
  await second.promise;
  expect([ahead.shift(), events]).toEqual([undefined, []]);
  first.resolve();
  await first.promise;
  expect(events).toEqual(['ready']);
  const left = [ahead.shift(), ahead.shift(), ahead.shift(), ahead.shift(), ahead.shift()];
  expect(left.map((copy) => copy?.name)).toEqual(['a', 'b', 'c', 'd', undefined]);
});

test('those that cannot be signed are told of, and hold up nobody', async () => {
  const { ahead, events, budget } = open();
  const [first, second] = [later(), later()];
  ahead.push(copies('a', 'b'), first.promise);
  ahead.push(copies('c'), second.promise);
  second.resolve();
  first.reject(new Error('no key'));
  await first.promise.catch(() => {});
  await second.promise;
  expect(events).toEqual(['failed: 0 no key', 'failed: 0 no key', 'ready']);
  expect([ahead.shift()?.name, budget.used]).toEqual(['c', 0]);
});

test('what was put back is signed for nobody', async () => {
  const { ahead, events, budget } = open();
  const [first, second] = [later(), later()];
  ahead.push(copies('a', 'b'), first.promise);
  ahead.push(copies('c'), second.promise);
  expect(ahead.drain()).toHaveLength(3);
  first.resolve();
  second.reject(new Error('no key'));
  await second.promise.catch(() => {});
  expect([ahead.shift(), events, budget.used]).toEqual([undefined, [], 0]);
});

test('few are signed ahead in all, and a few for each destination in any case', () => {
  const budget = { used: 0 };
  const [busy, other] = [open(budget).ahead, open(budget).ahead];
  const groups: number[] = [];
  for (let { room } = busy; room > 0; { room } = busy) {
    groups.push(room);
    busy.push(copies(...new Array<string>(room).fill('x')), undefined);
  }
  // Small ones first: a connection waits for them.
  expect(groups.slice(0, 5)).toEqual([4, 4, 4, 4, 4]);
  expect(Math.max(...groups)).toBe(64);
  expect([busy.size > 448, busy.size <= 512]).toEqual([true, true]);
  busy.push(copies(...new Array<string>(512 - budget.used).fill('x')), undefined);
  while (other.room > 0) other.push(copies('x'), undefined);
  expect(other.size).toBe(4);
});
