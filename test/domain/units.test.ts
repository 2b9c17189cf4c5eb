import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  formatDuration,
  formatSize,
  parseDuration,
  parseRate,
  parseSize,
  roundSize,
} from '../../src/domain/units.ts';

describe('a size', () => {
  it.each([
    ['25 MiB', 26_214_400],
    ['25MiB', 26_214_400],
    [' 25 mib ', 26_214_400],
    ['1.5 KiB', 1536],
    ['25 MB', 25_000_000],
    ['1000', 1000],
    ['1 B', 1],
    ['0', 0],
  ])('%j is %i bytes', (text, bytes) => {
    expect(parseSize(text)).toBe(bytes);
  });

  it.each(['', 'MiB', '-1 MiB', '25 Mi', '25 megabytes', '25 MiB more', '1e3', '99999999999 TiB', '1,5 MiB'])(
    '%j is none',
    (text) => {
      expect(parseSize(text)).toBeUndefined();
    },
  );

  it.each([
    [0, '0'],
    [1, '1 B'],
    [1023, '1023 B'],
    [1536, '1536 B'],
    [2048, '2 KiB'],
    [5 * 1024 * 1024, '5 MiB'],
  ])('of %i bytes is written %j', (bytes, text) => {
    expect(formatSize(bytes)).toBe(text);
  });

  it.each([
    [0, '0 B'],
    [1023, '1023 B'],
    [1024, '1 KiB'],
    [5 * 2 ** 20, '5 MiB'],
    [5 * 2 ** 20 + 1, '5.01 MiB'],
    [21_523_726, '20.6 MiB'],
    [2 ** 30 - 1, '1024 MiB'],
  ])('%d bytes are about %s', (bytes, text) => {
    expect(roundSize(bytes)).toBe(text);
  });

  it('reads back as it was written', () => {
    fc.assert(fc.property(fc.maxSafeNat(), (bytes) => parseSize(formatSize(bytes)) === bytes));
  });
});

describe('a time', () => {
  it.each([
    ['72h', 259_200_000],
    ['14d', 1_209_600_000],
    ['2w', 1_209_600_000],
    ['6m', 360_000],
    ['30 s', 30_000],
    ['250ms', 250],
    ['1d 12h', 129_600_000],
    ['1h30m', 5_400_000],
    ['0', 0],
  ])('%j is %i ms', (text, ms) => {
    expect(parseDuration(text)).toBe(ms);
  });

  it.each(['', '72', 'h', '-1h', '1.5h', '3 fortnights', '1h 30', '1h,', '9999999999999d'])(
    '%j is none',
    (text) => {
      expect(parseDuration(text)).toBeUndefined();
    },
  );

  it('reads back as it was written', () => {
    fc.assert(fc.property(fc.maxSafeNat(), (ms) => parseDuration(formatDuration(ms)) === ms));
  });

  it('is written in the largest unit that divides it', () => {
    expect([5_400_000, 86_400_000, 1500, 0].map(formatDuration)).toEqual(['90m', '1d', '1500ms', '0']);
  });
});

describe('a rate', () => {
  it.each([
    ['30/1h', { count: 30, ms: 3_600_000 }],
    ['30/h', { count: 30, ms: 3_600_000 }],
    [' 5 / 1d ', { count: 5, ms: 86_400_000 }],
    ['1/500ms', { count: 1, ms: 500 }],
    ['0', 'off'],
  ] as const)('%j is understood', (text, rate) => {
    expect(parseRate(text)).toEqual(rate);
  });

  it.each(['', '30', '/1h', '30/', '30/0', '0/1h', '-3/1h', '1.5/1h', '30/1x', '30/1h/2'])(
    '%j is none',
    (text) => {
      expect(parseRate(text)).toBeUndefined();
    },
  );
});
