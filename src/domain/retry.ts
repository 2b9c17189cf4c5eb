import { parseDuration } from './units.ts';

/** Milliseconds before each further attempt; with `repeats` the last one is used for ever. */
export interface RetrySchedule {
  readonly delays: readonly number[];
  readonly repeats: boolean;
}

/** First early, for greylisting, which remembers the sender a few minutes; then as RFC 5321 §4.5.4.1 asks (email.md §7.4). */
const standard = '6m 15m 30m 1h 2h 4h 8h 12h*';

/** `6m 15m 30m 1h*`, or `default`; undefined when it is neither. */
export function parseRetrySchedule(text: string): RetrySchedule | undefined {
  const trimmed = (text.trim() === 'default' ? standard : text).trim();
  const repeats = trimmed.endsWith('*');
  const delays = (repeats ? trimmed.slice(0, -1) : trimmed).trim().split(/\s+/).map(parseDuration);
  return delays.every((delay) => delay !== undefined && delay > 0)
    ? { delays: delays as number[], repeats }
    : undefined;
}

export interface RetryQuestion {
  readonly schedule: RetrySchedule;
  /** Attempts made so far, this one included: 1 after the first. */
  readonly attempts: number;
  readonly now: number;
  readonly giveUpAt: number;
  /** 0 to 1: spreads retries of many rows over ±10 %. */
  readonly random: number;
}

/** When to try again, epoch milliseconds; undefined to give up. The last try is made at the time to give up, not before it. */
export function nextAttempt({
  schedule,
  attempts,
  now,
  giveUpAt,
  random,
}: RetryQuestion): number | undefined {
  const delay = schedule.delays[attempts - 1] ?? (schedule.repeats ? schedule.delays.at(-1) : undefined);
  if (delay === undefined || now >= giveUpAt) return undefined;
  return Math.min(Math.round(now + delay * (0.9 + 0.2 * random)), giveUpAt);
}
