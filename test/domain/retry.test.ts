import { describe, expect, test } from 'vitest';
import { nextAttempt, parseRetrySchedule, type RetrySchedule } from '../../src/domain/retry.ts';

const minute = 60_000;

describe('a schedule', () => {
  test.each([
    ['5m', [5], false],
    [' 6m  15m 1h* ', [6, 15, 60], true],
    ['default', [6, 15, 30, 60, 120, 240, 480, 720], true],
  ])('%j is read', (text, minutes, repeats) => {
    expect(parseRetrySchedule(text)).toEqual({ delays: minutes.map((m) => m * minute), repeats });
  });

  test.each(['', '*', '5', '5m x', '0', '5m** '])('%j is none', (text) => {
    expect(parseRetrySchedule(text)).toBeUndefined();
  });
});

describe('the next attempt', () => {
  const ask = (text: string, attempts: number, more: { now?: number; random?: number } = {}) =>
    nextAttempt({
      schedule: parseRetrySchedule(text) as RetrySchedule,
      attempts,
      now: 0,
      giveUpAt: 1000 * minute,
      random: 0.5,
      ...more,
    });

  test.each([
    ['the first failure waits for the first time', ask('6m 15m', 1), 6 * minute],
    ['the second for the second', ask('6m 15m', 2), 15 * minute],
    ['then it is given up', ask('6m 15m', 3), undefined],
    ['unless the last is repeated', ask('6m 15m*', 9), 15 * minute],
    ['a tenth earlier', ask('10m', 1, { random: 0 }), 9 * minute],
    ['or later', ask('10m', 1, { random: 1 }), 11 * minute],
    ['the last try is at the time to give up', ask('6m*', 1, { now: 999 * minute }), 1000 * minute],
    ['and after that there is none', ask('6m*', 1, { now: 1000 * minute }), undefined],
  ])('%s', (_, found, expected) => {
    expect(found).toBe(expected);
  });
});
