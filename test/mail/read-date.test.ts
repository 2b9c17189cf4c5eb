import { describe, expect, it } from 'vitest';
import { formatDate } from '../../src/mail/format-date.ts';
import { readDate } from '../../src/mail/read-date.ts';

const time = Date.UTC(2024, 8, 12, 17, 28, 23);

describe('readDate', () => {
  it.each([
    ['RFC 5322', 'Thu, 12 Sep 2024 19:28:23 +0200'],
    ['a zone in a comment', 'Thu, 12 Sep 2024 19:28:23 +0200 (CEST)'],
    ['no day of the week', '12 Sep 2024 19:28:23 +0200'],
    ['UTC', 'Thu, 12 Sep 2024 17:28:23 -0000'],
    ['GMT', 'Thu, 12 Sep 2024 17:28:23 GMT'],
    ['no zone, read as UTC on every machine', 'Thu, 12 Sep 2024 17:28:23'],
    ['an American zone', 'Thu, 12 Sep 2024 13:28:23 EDT'],
    ['a zone nobody knows, read as UTC (RFC 5322 §4.3)', 'Thu, 12 Sep 2024 17:28:23 XYZ'],
    ['half an hour of zone', 'Thu, 12 Sep 2024 22:58:23 +0530'],
    ['two digits of year', 'Thu, 12 Sep 24 17:28:23 +0000'],
    ['three digits of year', 'Thu, 12 Sep 124 17:28:23 +0000'],
    ['a long month', '12 September 2024 17:28:23 +0000'],
    ['hyphens', '12-Sep-2024 17:28:23 +0000'],
    ['asctime', 'Thu Sep 12 17:28:23 2024'],
    ['asctime with a zone', 'Thu Sep 12 17:28:23 UTC 2024'],
    ['git', 'Thu Sep 12 19:28:23 2024 +0200'],
    ['ISO 8601', '2024-09-12T19:28:23+02:00'],
    ['ISO 8601 in UTC', '2024-09-12T17:28:23.000Z'],
  ])('reads %s', (_, value) => {
    expect(readDate(value)).toBe(time);
  });

  it('reads a time without seconds', () => {
    expect(readDate('12 Sep 2024 17:28 +0000')).toBe(time - 23_000);
  });

  it.each([
    ['nothing', ''],
    ['words', 'yesterday'],
    ['the 32nd of a month', '32 Sep 2024 17:28:23 +0000'],
    ['a 25th hour', '12 Sep 2024 25:28:23 +0000'],
    ['a month that is none', '12 Foo 2024 17:28:23 +0000'],
    ['a year before mail', '12 Sep 1969 17:28:23 +0000'],
    ['a year that has not come', '12 Sep 2100 17:28:23 +0000'],
    ['the year 0', '0000-01-01T00:00:00Z'],
  ])('reads nothing from %s', (_, value) => {
    expect(readDate(value)).toBeUndefined();
  });
});

it('formatDate writes what readDate reads', () => {
  expect(formatDate(time)).toBe('Thu, 12 Sep 2024 17:28:23 +0000');
  expect(readDate(formatDate(time))).toBe(time);
});
