import { describe, expect, it } from 'vitest';
import { type Ailing, countFailure, lookAgainAt, nextStep } from '../../src/domain/ailing.ts';

const day = 86_400_000;
const start = Date.UTC(2026, 10, 21, 12);

const suspended: Ailing = {
  email: 'bo@example.com',
  domain: 'example.com',
  score: 300,
  countedOn: '2026-11-21',
  counted: 100,
  firstAt: start - 2 * day,
  lastAt: start,
  lastClass: 'gone',
  lastSaid: '550 5.1.1 No such user',
  suspendedAt: start,
  probes: 1,
  probedAt: start,
  nextAt: start + 3 * day,
  removedAt: null,
};

describe('what is done about an address', () => {
  it.each<[string, Partial<Ailing>, number, string]>([
    ['below three points', { suspendedAt: null, probedAt: null, probes: 0, score: 299 }, 0, 'wait'],
    ['at three points', { suspendedAt: null, probedAt: null, probes: 0 }, 0, 'suspend'],
    ['suspended, not yet asked', { probes: 0, probedAt: null }, 0, 'probe'],
    ['a moment before day 3', {}, 3 * day - 1, 'wait'],
    ['on day 3', {}, 3 * day, 'probe'],
    ['on day 3, where a full mailbox took the probe', { lastClass: 'full' }, 3 * day, 'resume'],
    ['a moment earlier', { lastClass: 'full' }, 3 * day - 1, 'wait'],
    ['on day 3, where it came back', { lastClass: 'full', lastAt: start + 1 }, 3 * day, 'probe'],
    ['on day 7', { probes: 2, probedAt: start + 3 * day }, 7 * day, 'probe'],
    ['on day 14', { probes: 3, probedAt: start + 7 * day }, 14 * day, 'probe'],
    ['a moment before day 21', { probes: 4, probedAt: start + 14 * day }, 21 * day - 1, 'wait'],
    ['on day 21', { probes: 4, probedAt: start + 14 * day }, 21 * day, 'remove'],
    ['after a server that was down for a year', { probes: 2, probedAt: start + 3 * day }, 365 * day, 'probe'],
    ['removed', { removedAt: start }, 99 * day, 'wait'],
  ])('%s', (_, changes, after, step) => {
    expect(nextStep({ ...suspended, ...changes }, start + after)).toBe(step);
  });

  it.each<[string, Partial<Ailing>, number]>([
    ['for the next probe', { probes: 2, probedAt: start + 3 * day }, 7 * day],
    [
      'sooner, where it may have arrived',
      { probes: 2, probedAt: start + 3 * day, lastClass: 'full' },
      6 * day,
    ],
    ['for its removal', { probes: 4, probedAt: start + 14 * day }, 21 * day],
  ])('is looked at again %s', (_, changes, after) => {
    expect(lookAgainAt({ ...suspended, ...changes })).toBe(start + after);
  });
});

describe('a failure more', () => {
  const failure = { email: 'bo@example.com', class: 'gone', said: 'no', points: 100 } as const;
  const watched: Ailing = {
    ...suspended,
    score: 150,
    suspendedAt: null,
    probes: 0,
    probedAt: null,
    nextAt: null,
  };

  it.each<[string, Partial<Ailing>, number, number, { score: number; due: boolean }]>([
    ['the first of its day', { counted: 0 }, start, 100, { score: 250, due: false }],
    ['the second of its day', {}, start, 100, { score: 150, due: false }],
    ['a graver one of the same day', { counted: 25 }, start, 100, { score: 225, due: false }],
    ['one of the next day, UTC', {}, start + 12 * 3_600_000, 100, { score: 250, due: false }],
    ['the one that makes three points', { score: 200, counted: 0 }, start, 100, { score: 300, due: true }],
    ['the one that makes a little less', { score: 199, counted: 0 }, start, 100, { score: 299, due: false }],
  ])('%s', (_, changes, at, points, expected) => {
    const { ailing } = countFailure({ ...watched, ...changes }, { ...failure, at, points });
    expect({ score: ailing.score, due: ailing.nextAt === at }).toEqual(expected);
  });

  it('of a suspended address changes nothing of what is due', () => {
    const { ailing } = countFailure(suspended, { ...failure, at: start + day });
    expect(ailing.nextAt).toBe(suspended.nextAt);
    expect(ailing.lastAt).toBe(start + day);
  });
});
