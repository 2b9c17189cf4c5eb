import { expect, it } from 'vitest';
import { answersItself, isPatch } from '../../src/domain/self-answer.ts';

const now = Date.UTC(2026, 10, 21, 12);
const own = (messageId: string, secondsAgo: number) => ({ messageId, receivedAt: now - secondsAgo * 1000 });

it.each([
  ['a post that answers nothing', [], [own('a', 5)], false],
  ['an answer to somebody else', ['b'], [own('a', 5)], false],
  ['an answer to somebody else who answered the author', ['a', 'b'], [own('a', 5)], false],
  ['an answer to one’s own post, within a minute', ['a'], [own('a', 59)], true],
  ['a minute later: a correction', ['a'], [own('a', 60)], false],
  ['a second correction within the hour', ['a', 'b'], [own('a', 900), own('b', 300)], true],
  ['the same with somebody in between', ['a', 'x', 'b'], [own('a', 900), own('b', 300)], false],
])('%s', (_, chain, posts, itself) => {
  expect(answersItself(chain, posts, now)).toBe(itself);
});

it.each([
  ['[PATCH 2/7] Add the robin', true],
  ['[RFC PATCH net-next v3] Add the robin', true],
  ['Re: [PATCH 2/7] Add the robin', false],
  ['[Birds] A patch of nettles', false],
])('of a series of patches: %s', (subject, patch) => {
  expect(isPatch(subject)).toBe(patch);
});
