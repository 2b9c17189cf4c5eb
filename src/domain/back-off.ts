/** How long a destination that took nothing is left alone, in milliseconds. `failures`: tries in a row, from 1; `random`: 0 to 1. */
import type { Answer } from './outcome.ts';

const minute = 60_000;
/** A greeting of 554 says that the server wants nothing from us (RFC 5321 §3.1). */
const refusedPause = 30 * minute;

/** One probe connection costs little, and whoever repairs a smarthost wants to see mail flow soon. */
export function smarthostPause(failures: number, answer: Answer, random: number): number {
  return spread(isRefusal(answer) ? refusedPause : doubled(5_000, failures, 5 * minute), random);
}

/** Somebody else's mail server: one probe connection each time for all that waits for it. */
export function mailServerPause(failures: number, answer: Answer, random: number): number {
  return spread(isRefusal(answer) ? refusedPause : doubled(minute, failures, 60 * minute), random);
}

/** Who has greeted with 554 for so long means it: what waits for it fails (email.md §7.3). `lasting`: milliseconds. */
export function backOffTooLong(lasting: number, answer: Answer): boolean {
  return isRefusal(answer) && lasting >= 4 * 60 * minute;
}

/** After so many requests in a row to send less (email.md §7.4). */
export function throttlePause(requests: number, random: number): number {
  return spread((throttlePauses[requests - 1] ?? 60) * minute, random);
}

const throttlePauses = [5, 10, 20, 40];

function doubled(first: number, failures: number, longest: number): number {
  return Math.min(first * 2 ** Math.min(failures - 1, 16), longest);
}

function isRefusal(answer: Answer): boolean {
  return answer.kind === 'reply' && answer.reply.code === 554;
}

/** ±10 %. */
function spread(pause: number, random: number): number {
  return Math.round(pause * (0.9 + 0.2 * random));
}
