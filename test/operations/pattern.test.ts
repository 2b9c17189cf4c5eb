import { describe, expect, test } from 'vitest';
import {
  findPatternProblem,
  isFoundIn,
  mostInstructions,
  sizeOf,
} from '../../src/operations/rules/pattern.ts';

describe('a pattern', () => {
  test.each([
    ['is found anywhere', 'sus', 'Jesus', true],
    ['in any case', 'CASINO', 'the Casino', true],
    ['or at the start, if it says so', '^promo', 'my promo', false],
    ['in letters of any language', '\\bvögel\\b|^鳥', '鳥 and VÖGEL', true],
    ['not behind the first thousand characters', 'x', `${'a'.repeat(1000)}x`, false],
    ['but at the thousandth', 'x', `${'a'.repeat(999)}x`, true],
  ])('%s', (_, pattern, text, found) => {
    expect(isFoundIn(pattern, text)).toBe(found);
  });

  test.each([
    ['is empty', '', /at least one character/],
    ['is long', 'a'.repeat(201), /at most 200 characters/],
    ['has an open bracket', '(a', /it is no pattern: missing closing \)/],
    ['looks ahead', 'a(?=b)', /looking ahead or back/],
    ['refers back', '(a)\\1', /looking ahead or back and \\1/],
    ['begins with a star', '*@example.org', /missing argument to repetition/],
    ['repeats a hundred and one times', 'a{101}', /repetitions add up to more than 100/],
    ['repeats repetitions', '((a{30}){30}){30}', /.{0,200}repeat count|too large/],
    ['is large when compiled', '(?:[ab]?[cd]?){90}', /too large/],
    ['holds a line break', 'a\nb', /control characters/],
  ])('that %s is explained', (_, pattern, why) => {
    expect(findPatternProblem(pattern)).toMatch(why);
  });

  test.each([
    ['the longest', 'a'.repeat(200)],
    ['the most repetitions', 'a{100}'],
    ['an ordinary one', '^(?:promo|news)[.-]?\\d{1,4}@'],
  ])('may be %s', (_, pattern) => {
    expect(findPatternProblem(pattern)).toBeUndefined();
  });
});

/** Worse for other engines, or for this one, than anything people write. */
const hostile = [
  '(x+x+)+y',
  '(?:a|b|ab)*bc',
  '(?:a|b)*a(?:a|b){60}c',
  '(?:a?b?){70}c',
  '(?:\\pL|\\pN|.){70}c',
  '.*a.*b.*a.*b.*a.*b.*a.*b.*c',
  '(?:\\b\\w*\\B)*c',
];

test('whatever is allowed takes hostile text in some milliseconds, where a backtracking engine takes for ever: all patterns of one list together', () => {
  const all: string[] = [];
  for (let i = 0, size = 0; ; i++) {
    const pattern = `${hostile[i % hostile.length]}${i}`;
    expect([pattern, findPatternProblem(pattern)]).toEqual([pattern, undefined]);
    size += sizeOf(pattern);
    if (size > mostInstructions) break;
    all.push(pattern);
  }
  const text = 'ab'.repeat(500);
  const matchAll = () => all.filter((pattern) => isFoundIn(pattern, text));
  matchAll();
  const spent = Array.from({ length: 5 }, () => {
    const before = process.cpuUsage();
    matchAll();
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1000;
  });
  // About 30 ms on a machine that does nothing else.
  expect(Math.min(...spent)).toBeLessThan(300);
});
