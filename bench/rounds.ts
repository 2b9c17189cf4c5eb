import type { Bench } from './figure.ts';

export interface RoundResults {
  readonly ours: readonly number[];
  readonly limit: readonly number[];
}

/**
 * Ours and the limit by turns, so that both see the same moods of the machine; the first round warms both up and is not counted.
 * Each function measures once.
 */
export async function alternate(
  { options }: Bench,
  { ours, limit }: { ours(): Promise<number>; limit(): Promise<number> },
): Promise<RoundResults> {
  const results = { ours: [] as number[], limit: [] as number[] };
  for (let round = 0; round <= options.runs; round++) {
    const limited = await limit();
    const own = await ours();
    if (round === 0) continue;
    results.limit.push(limited);
    results.ours.push(own);
  }
  return results;
}
