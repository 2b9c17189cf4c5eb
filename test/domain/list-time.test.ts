import { describe, expect, test } from 'vitest';
import { findTimeZone, formatMoment, hourThere } from '../../src/domain/list-time.ts';
import { nextReminder } from '../../src/domain/moderation.ts';

const at = (iso: string) => Date.parse(iso);
const iso = (time: number | null) => (time === null ? null : new Date(time).toISOString().slice(0, 16));

describe('the name of a time zone', () => {
  test.each([
    ['as it is written', 'Europe/Berlin', 'Europe/Berlin'],
    ['in any case', 'europe/berlin', 'Europe/Berlin'],
    ['of the world', 'UTC', 'UTC'],
    ['that does not exist', 'Europe/Atlantis', undefined],
    ['that is an offset', '+01:00', undefined],
    ['that is nothing', '', undefined],
  ])('%s', (_, text, zone) => expect(findTimeZone(text)).toBe(zone));
});

describe('nine o’clock there', () => {
  test.each([
    ['in winter', '2026-11-21T12:00Z', 1, 'Europe/Berlin', '2026-11-22T08:00'],
    ['in summer', '2026-07-01T12:00Z', 1, 'Europe/Berlin', '2026-07-02T07:00'],
    ['on the day when clocks go forward', '2026-03-28T12:00Z', 1, 'Europe/Berlin', '2026-03-29T07:00'],
    ['on the day when clocks go back', '2026-10-24T12:00Z', 1, 'Europe/Berlin', '2026-10-25T08:00'],
    ['where the day is already tomorrow’s', '2026-11-21T20:00Z', 1, 'Pacific/Auckland', '2026-11-22T20:00'],
    ['over the end of a year', '2026-12-31T12:00Z', 1, 'UTC', '2027-01-01T09:00'],
    ['with an offset of three quarters', '2026-11-21T00:00Z', 0, 'Asia/Kathmandu', '2026-11-21T03:15'],
  ])('%s', (_, from, days, zone, expected) =>
    expect(iso(hourThere(at(from), { days, hour: 9 }, zone))).toBe(expected),
  );
});

describe('a moment for people', () => {
  test.each([
    ['of today', '2026-11-21T09:02Z', '10:02 (Europe/Berlin)'],
    ['of yesterday', '2026-11-20T09:02Z', '20 Nov, 10:02 (Europe/Berlin)'],
    ['of today there, of yesterday here', '2026-11-20T23:30Z', '00:30 (Europe/Berlin)'],
  ])('%s', (_, then, said) =>
    expect(formatMoment(at(then), at('2026-11-21T12:00Z'), 'Europe/Berlin')).toBe(said),
  );
});

describe('reminders of a post held on 21 November at noon', () => {
  const reminders = (expires: string, zone = 'UTC') => {
    const held = { heldAt: at('2026-11-21T12:00Z'), expiresAt: at(expires) };
    const found: (string | null)[] = [];
    for (
      let time = nextReminder(held, held.heldAt, zone);
      time !== null;
      time = nextReminder(held, time, zone)
    )
      found.push(iso(time));
    return found;
  };

  test.each([
    [
      'that ends after 14 days: on days 1, 3, 7 and 12',
      '2026-12-05T12:00Z',
      ['2026-11-22T09:00', '2026-11-24T09:00', '2026-11-28T09:00', '2026-12-03T09:00'],
    ],
    ['that ends after six hours: none', '2026-11-21T18:00Z', []],
    ['that ends after three days: one', '2026-11-24T08:00Z', ['2026-11-22T09:00']],
    [
      'that ends after a month: also two days before the end',
      '2026-12-21T12:00Z',
      ['2026-11-22T09:00', '2026-11-24T09:00', '2026-11-28T09:00', '2026-12-03T09:00', '2026-12-19T09:00'],
    ],
  ])('%s', (_, expires, expected) => expect(reminders(expires)).toEqual(expected));
});
