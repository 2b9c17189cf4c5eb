import { expect, test } from 'vitest';
import { createFloodGauge } from '../../src/deliver/flood.ts';

function gaugeAt(start: number) {
  let at = start;
  const gauge = createFloodGauge(() => at);
  return {
    ...gauge,
    /** Commits spread evenly over the time. */
    commits(count: number, over: number) {
      for (let i = 0; i < count; i++) {
        at += over / count;
        gauge.count();
      }
    },
    pass(ms: number) {
      at += ms;
    },
  };
}

test('single commits are no flood, however many hours they go on', () => {
  const gauge = gaugeAt(0);
  for (let hour = 0; hour < 3; hour++) {
    gauge.commits(500, 10_000);
    expect(gauge.isFlood()).toBe(false);
    gauge.pass(3_600_000);
  }
});

test('hundreds a second are one, and it is over soon after the last', () => {
  const gauge = gaugeAt(0);
  gauge.commits(300, 1000);
  expect(gauge.isFlood()).toBe(true);
  gauge.pass(400);
  expect(gauge.isFlood()).toBe(false);
});

test('it is known after its first commits, not only at the end of a window', () => {
  const gauge = gaugeAt(0);
  gauge.commits(39, 20);
  expect(gauge.isFlood()).toBe(false);
  gauge.commits(1, 1);
  expect(gauge.isFlood()).toBe(true);
});

test('it ends although the clock is set back', () => {
  const gauge = gaugeAt(10_000_000);
  gauge.commits(100, 100);
  gauge.pass(-5_000_000);
  expect(gauge.isFlood()).toBe(false);
});
