import { expect, test } from 'vitest';
import { countSeldom } from '../../src/domain/seldom.ts';

const no = undefined;

test.each([
  ['the first is told at once', [0], [1]],
  ['what comes within the time is told with the next one after it', [0, 1, 999, 1000], [1, no, no, 3]],
  ['each has its line where they are rare', [0, 1000, 2000], [1, 1, 1]],
  ['a clock that was put back silences nobody', [5000, 5001, 1000, 1001, 2000], [1, no, 2, no, 2]],
])('%s', (_, times, told) => {
  const isDue = countSeldom(1000);
  expect(times.map(isDue)).toEqual([...told]);
});
