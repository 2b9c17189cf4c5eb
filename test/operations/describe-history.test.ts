import { describe, expect, it } from 'vitest';
import { describeHistory } from '../../src/operations/moderation/describe-held.ts';
import type { SenderHistory } from '../../src/store/sender-history.ts';

const nobody: SenderHistory = { posts: 0, lastPostAt: null, joinedAt: null, knownSince: null };
const may = Date.UTC(2026, 4, 3);
const november = Date.UTC(2026, 10, 2);

describe('the history of an author is told', () => {
  it.each<[name: string, known: Partial<SenderHistory>, told: string]>([
    ['of somebody new', {}, 'not a member, never seen before; this would be the first post'],
    [
      'of a stranger whose post was approved',
      { posts: 1, lastPostAt: november },
      'not a member, 1 post here, the last on 2 Nov 2026',
    ],
    [
      'of somebody on another list',
      { knownSince: may },
      'not a member, known here since 3 May 2026; this would be the first post',
    ],
    [
      'of a member',
      { joinedAt: may, knownSince: may, posts: 12, lastPostAt: november },
      'member since 3 May 2026, 12 posts here, the last on 2 Nov 2026',
    ],
    [
      'of a member with too many posts to count',
      { joinedAt: may, posts: 1000, lastPostAt: november },
      'member since 3 May 2026, 1000 posts or more here, the last on 2 Nov 2026',
    ],
  ])('%s', (_, known, told) => {
    expect(describeHistory({ ...nobody, ...known })).toBe(told);
  });
});
