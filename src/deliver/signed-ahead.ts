import type { Portion } from './ready.ts';

/**
 * Copies whose signatures are made before a connection asks for them: a signature takes as long as thirty copies do otherwise, and
 * the pool of threads that makes it should never rest. They leave in the order in which they came in.
 */
export interface SignedAhead<T> {
  readonly size: number;
  /** Whether the first of them can go. */
  readonly ready: boolean;
  /** Whether one more should be begun. */
  readonly wants: boolean;
  /** `signed` undefined: needs no signature, and only keeps its place. */
  push(item: T, portion: Portion, signed: Promise<T> | undefined): void;
  /** The first, where it is ready. */
  shift(): T | undefined;
  /** What none of the connections got. */
  drain(): Portion[];
}

/** Copies that are signed, or being signed, in all destinations. */
export interface SigningBudget {
  used: number;
}

export interface SignedAheadParts {
  readonly budget: SigningBudget;
  /** The first in line can go now. */
  ready(): void;
  /** It could not be signed. */
  failed(portion: Portion, error: unknown): void;
}

interface Place<T> {
  readonly portion: Portion;
  item: T | undefined;
  dropped: boolean;
}

/** In all destinations together, but for a few that each may have. */
const most = 256;
const few = 4;

export function createSignedAhead<T>({ budget, ready, failed }: SignedAheadParts): SignedAhead<T> {
  const line: Place<T>[] = [];

  function settle(place: Place<T>, item: T): void {
    place.item = item;
    if (line[0] === place) ready();
  }

  function fail(place: Place<T>, error: unknown): void {
    if (place.dropped) return;
    const index = line.indexOf(place);
    line.splice(index, 1);
    budget.used -= 1;
    failed(place.portion, error);
    if (index === 0 && line[0]?.item !== undefined) ready();
  }

  return {
    get size() {
      return line.length;
    },
    get ready() {
      return line[0]?.item !== undefined;
    },
    get wants() {
      return line.length < few || budget.used < most;
    },
    push(item, portion, signed) {
      const place: Place<T> = { portion, item: signed ? undefined : item, dropped: false };
      line.push(place);
      budget.used += 1;
      void signed?.then(
        (made) => settle(place, made),
        (error: unknown) => fail(place, error),
      );
    },
    shift() {
      const [first] = line;
      if (first?.item === undefined) return undefined;
      line.shift();
      budget.used -= 1;
      return first.item;
    },
    drain() {
      const left = line.splice(0);
      budget.used -= left.length;
      for (const place of left) place.dropped = true;
      return left.map(({ portion }) => portion);
    },
  };
}
