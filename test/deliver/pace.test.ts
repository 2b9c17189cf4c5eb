import { expect, test } from 'vitest';
import { createPace, type PaceLimits } from '../../src/deliver/pace.ts';

const minute = 60_000;

function paceOf(limits: Partial<PaceLimits> = {}) {
  const clock = { now: 1_000_000 };
  const pace = createPace({ first: 10, most: 10, now: () => clock.now, random: () => 0.5, ...limits });
  return { pace, clock };
}

test('a stranger gets few connections, and one more for each hundred deliveries, up to the most', () => {
  const { pace } = paceOf({ first: 3, most: 5 });
  const seen = [pace.connections];
  for (let i = 0; i < 4; i++) {
    for (let k = 0; k < 100; k++) pace.delivered(1, 10);
    seen.push(pace.connections);
  }
  expect(seen).toEqual([3, 4, 5, 5, 5]);
});

test('who asks for less gets half the connections each time, and longer pauses', () => {
  const { pace } = paceOf();
  const pauses = [1, 2, 3, 4, 5, 6].map(() => [pace.throttled() / minute, pace.connections]);
  expect(pauses).toEqual([
    [5, 5],
    [10, 2],
    [20, 1],
    [40, 1],
    [60, 1],
    [60, 1],
  ]);
});

test('a hundred deliveries later it is asked as gently as the first time', () => {
  const { pace } = paceOf();
  pace.throttled();
  pace.throttled();
  pace.delivered(100, 10);
  expect([pace.throttled() / minute, pace.connections]).toEqual([5, 1]);
});

test('who asks for less gets half of what it got in the last minute', () => {
  const { pace, clock } = paceOf();
  pace.delivered(120, 10);
  pace.throttled();
  pace.began(1);
  expect(pace.nextAt - clock.now).toBe(1_000);
});

test('a rate that the operator gave is kept, whatever goes well', () => {
  const { pace, clock } = paceOf({ perMinute: 60 });
  for (let i = 0; i < 10; i++) pace.delivered(100, 10);
  pace.began(5);
  expect(pace.nextAt - clock.now).toBe(5_000);
});

test('what it can take is known by how long it takes', () => {
  const { pace } = paceOf({ first: 4, most: 4 });
  expect(pace.rate).toBeUndefined();
  pace.delivered(1, 500);
  expect(pace.rate).toBe(8);
});

test('a clock that is put back makes nobody wait for what it was ahead', () => {
  const { pace, clock } = paceOf({ perMinute: 60 });
  pace.began(5);
  clock.now -= 3_600_000;
  expect(pace.nextAt - clock.now).toBe(5_000);
  clock.now += 5_000;
  expect(pace.nextAt).toBe(clock.now);
});
