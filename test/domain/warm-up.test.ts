import { expect, test } from 'vitest';
import { dayOf, nextDay, warmUpAllowance } from '../../src/domain/warm-up.ts';

const start = Date.UTC(2026, 10, 28);
const hour = 3_600_000;

test.each([
  ['the day before', start - 1, undefined],
  ['its first moment', start, 200],
  ['the last moment of the first day', start + 24 * hour - 1, 200],
  ['the second day', start + 24 * hour, 500],
  ['the eighth day', start + 7 * 24 * hour, 40_000],
  ['after that', start + 8 * 24 * hour, undefined],
])('on %s', (_, now, expected) => {
  expect(warmUpAllowance(start, now)).toBe(expected);
});

test('days are those of UTC', () => {
  expect([dayOf(start - 1), dayOf(start), nextDay(start), nextDay(start - 1)]).toEqual([
    '2026-11-27',
    '2026-11-28',
    start + 24 * hour,
    start,
  ]);
});
