/** How long a destination that took nothing is left alone, in milliseconds. `failures`: tries in a row, from 1; `random`: 0 to 1. */
import type { Answer } from './outcome.ts';

const minute = 60_000;
/** A greeting of 554 says that the server wants nothing from us (RFC 5321 §3.1). */
const refusedPause = 30 * minute;

/** One probe connection costs little, and whoever repairs a smarthost wants to see mail flow soon. */
export function smarthostPause(failures: number, answer: Answer, random: number): number {
  return spread(isRefusal(answer) ? refusedPause : doubled(5_000, failures, 5 * minute), random);
}

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
