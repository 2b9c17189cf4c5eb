/** Sizes, times and rates as people write them: in the configuration, in list settings and on the command line. */
import type { Rate } from './site.ts';

const sizes: readonly (readonly [unit: string, bytes: number])[] = [
  ['TiB', 2 ** 40],
  ['GiB', 2 ** 30],
  ['MiB', 2 ** 20],
  ['KiB', 2 ** 10],
  ['TB', 1e12],
  ['GB', 1e9],
  ['MB', 1e6],
  ['KB', 1e3],
  ['B', 1],
];

const times: readonly (readonly [unit: string, ms: number])[] = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1000],
  ['ms', 1],
];

/** What to tell somebody whose text was not understood. */
export const allowedSize = 'a size such as "25 MiB", "500 KiB" or "2 GiB"';
export const allowedDuration = 'a time such as "30s", "15m", "72h", "14d" or "1d 12h"';
export const allowedRate = 'a rate such as "30/1h" (30 in any hour) or "5/1d"';

/** Bytes. `25 MiB` is 25 × 2²⁰, `25 MB` is 25 × 10⁶, a number alone is bytes; undefined when it is none of these. */
export function parseSize(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)\s*([a-z]*)$/i.exec(text.trim());
  if (!match) return undefined;
  const [, amount = '', unit = ''] = match;
  const scale = sizes.find(([name]) => name.toLowerCase() === (unit.toLowerCase() || 'b'));
  return scale && whole(Number(amount) * scale[1]);
}

/** The shortest text that reads back as the same number of bytes. */
export function formatSize(bytes: number): string {
  const binary = sizes.slice(0, 4).find(([, scale]) => bytes >= scale && bytes % scale === 0);
  const [unit, scale] = binary ?? ['B', 1];
  return bytes === 0 ? '0' : `${bytes / scale} ${unit}`;
}

/** For people: `20.6 MiB`. Rounded up: what is over a limit looks so. */
export function roundSize(bytes: number): string {
  const [unit, scale] = sizes.slice(0, 4).find(([, size]) => bytes >= size) ?? ['B', 1];
  const amount = bytes / scale;
  const figures = amount < 10 ? 100 : amount < 100 ? 10 : 1;
  return `${Math.ceil(amount * figures) / figures} ${unit}`;
}

/** Milliseconds. A number needs its unit (`90` could be anything), except `0`; undefined when it is no time. */
export function parseDuration(text: string): number | undefined {
  const trimmed = text.trim();
  if (trimmed === '0') return 0;
  if (!/^\d+\s*[a-z]+(?:\s*\d+\s*[a-z]+)*$/i.test(trimmed)) return undefined;
  let total = 0;
  for (const [, amount, unit = ''] of trimmed.matchAll(/(\d+)\s*([a-z]+)/gi)) {
    const scale = unit.toLowerCase() === 'w' ? 7 * 86_400_000 : scaleOf(unit);
    if (scale === undefined) return undefined;
    total += Number(amount) * scale;
  }
  return whole(total);
}

/** In the largest unit that divides it: `72h` reads back as `3d`. */
export function formatDuration(ms: number): string {
  if (ms === 0) return '0';
  const [unit, scale] = times.find(([, size]) => ms % size === 0) ?? ['ms', 1];
  return `${ms / scale}${unit}`;
}

/** `30/1h`, `30/h`; `0` switches the limit off; undefined when it is no rate. */
export function parseRate(text: string): Rate | 'off' | undefined {
  const trimmed = text.trim();
  if (trimmed === '0') return 'off';
  const slash = trimmed.indexOf('/');
  if (!/^\d+$/.test(trimmed.slice(0, slash).trim())) return undefined;
  const window = trimmed.slice(slash + 1).trim();
  const ms = parseDuration(/^\d/.test(window) ? window : `1${window}`);
  const count = Number(trimmed.slice(0, slash));
  return ms && count > 0 ? { count, ms } : undefined;
}

function scaleOf(unit: string): number | undefined {
  return times.find(([name]) => name === unit.toLowerCase())?.[1];
}

function whole(amount: number): number | undefined {
  const rounded = Math.round(amount);
  return Number.isSafeInteger(rounded) ? rounded : undefined;
}
