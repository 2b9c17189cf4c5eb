import type { Bench } from './figure.ts';

export interface RoundResults {
  readonly ours: readonly number[];
  readonly limit: readonly number[];
}

interface Turns {
  /** Each measures once. */
  ours(): Promise<number>;
  limit(): Promise<number>;
  /** Rounds that warm both up and are not counted. Default 1. */
  readonly warmUp?: number;
}

/** Ours and the limit by turns, so that both see the same moods of the machine. */
export async function alternate(
  { options }: Bench,
  { ours, limit, warmUp = 1 }: Turns,
): Promise<RoundResults> {
  const results = { ours: [] as number[], limit: [] as number[] };
  const before = options.quick ? 1 : warmUp;
  for (let round = 0; round < before + options.runs; round++) {
    const limited = await limit();
    const own = await ours();
    if (round < before) continue;
    results.limit.push(limited);
    results.ours.push(own);
  }
  return results;
}
