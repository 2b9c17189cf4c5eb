import fc from 'fast-check';
import { expect, test } from 'vitest';
import { smarthostPause } from '../../src/domain/back-off.ts';

const minute = 60_000;
const lost = { kind: 'lost', why: 'ECONNREFUSED' } as const;
const refused = { kind: 'reply', reply: { code: 554, text: 'go away' } } as const;

test('a smarthost is left alone longer each time, and never for more than five and a half minutes', () => {
  expect([1, 2, 3, 4].map((failures) => smarthostPause(failures, lost, 0.5))).toEqual([
    5_000, 10_000, 20_000, 40_000,
  ]);
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 10_000 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (n, random) => {
        const pause = smarthostPause(n, lost, random);
        return pause >= 4_500 && pause <= 330_000;
      },
    ),
  );
});

test('one that greets with 554 is left alone for half an hour', () => {
  expect(smarthostPause(1, refused, 0.5)).toBe(30 * minute);
});
