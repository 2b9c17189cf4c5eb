import type { ScratchFolder } from './scratch-folder.ts';
import type { Sink } from './wire/sink.ts';

/** One line of the result: what was measured, beside the limit of the same machine in the same run. */
export interface Figure {
  /** Its number in docs/benchmarks.md. */
  readonly target: number;
  readonly what: string;
  readonly unit: string;
  /** Of a peer's figure: theirs. */
  readonly ours: Spread;
  readonly limit?: { readonly what: string; readonly measured: Spread };
  /** Ours divided by the limit: the median over the rounds, each of which measured both. */
  readonly ratio?: number;
  readonly goal?: { readonly text: string; readonly met: boolean };
}

/** Of all runs. */
export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
  readonly runs: number;
}

export interface Measurement {
  /** For `--only`. */
  readonly name: string;
  measure(bench: Bench): Promise<readonly Figure[]>;
}

/** What every measurement is given. */
export interface Bench {
  readonly sink: Sink;
  readonly folder: ScratchFolder;
  readonly options: BenchOptions;
  /** Says what is going on: measurements take minutes. */
  note(sentence: string): void;
}

export interface BenchOptions {
  readonly runs: number;
  /** One run of everything, and fewer repetitions within it: for shape, not for figures. */
  readonly quick: boolean;
  /** Posts in the archives of those figures that need a large one. */
  readonly archivePosts: number;
}

export function spreadOf(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b);
  return {
    median: quantile(sorted, 0.5),
    min: sorted[0] ?? Number.NaN,
    max: sorted.at(-1) ?? Number.NaN,
    runs: sorted.length,
  };
}

/** The value below which `share` of the sorted values lie; between two of them, their mixture. */
export function quantile(sorted: readonly number[], share: number): number {
  const place = share * (sorted.length - 1);
  const below = sorted[Math.floor(place)] ?? Number.NaN;
  const above = sorted[Math.ceil(place)] ?? Number.NaN;
  return below + (above - below) * (place - Math.floor(place));
}

/** Each round's own ratio: two numbers of different rounds are of different machines. */
export function ratioOf(ours: readonly number[], limit: readonly number[]): number {
  return spreadOf(ours.map((value, round) => value / (limit[round] ?? Number.NaN))).median;
}
