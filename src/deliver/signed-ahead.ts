import type { Portion } from './ready.ts';

/**
 * Copies whose signatures are made before a connection asks for them: a signature takes as long as thirty copies do otherwise, and
 * the threads that make it should never rest. They leave in the order in which they came in.
 */
export interface SignedAhead<T extends Ahead> {
  readonly size: number;
  /** How many more should be begun together, for now. */
  readonly room: number;
  /** `signed` undefined: they need no signatures, and only keep their places. */
  push(items: readonly T[], signed: Promise<void> | undefined): void;
  /** The first, where it is ready. */
  shift(): T | undefined;
  /** What none of the connections got. */
  drain(): Portion[];
}

interface Ahead {
  readonly portion: Portion;
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
  readonly item: T;
  state: 'unsigned' | 'signed' | 'dropped';
}

/** In all destinations together, but for a few that each may have. */
const most = 512;
const few = 4;
/** What is signed together costs less, and keeps waiting who comes first. Larger ones than this gain nothing more. */
const largestGroup = 64;

export function createSignedAhead<T extends Ahead>({
  budget,
  ready,
  failed,
}: SignedAheadParts): SignedAhead<T> {
  let line: Place<T>[] = [];

  function isReady(): boolean {
    return line[0]?.state === 'signed';
  }

  function settle(group: readonly Place<T>[]): void {
    const wasReady = isReady();
    for (const place of group) if (place.state === 'unsigned') place.state = 'signed';
    if (!wasReady && isReady()) ready();
  }

  function fail(group: readonly Place<T>[], error: unknown): void {
    const wasReady = isReady();
    const lost = group.filter(({ state }) => state === 'unsigned');
    line = line.filter((place) => !lost.includes(place));
    budget.used -= lost.length;
    for (const { item } of lost) failed(item.portion, error);
    if (!wasReady && isReady()) ready();
  }

  return {
    get size() {
      return line.length;
    },
    get room() {
      // A short line is short of signatures: small groups, the first of which are soon there.
      const group = Math.min(largestGroup, Math.max(few, Math.floor(line.length / 4)));
      return budget.used + group <= most ? group : Math.max(0, few - line.length);
    },
    push(items, signed) {
      const group = items.map((item): Place<T> => ({ item, state: signed ? 'unsigned' : 'signed' }));
      line.push(...group);
      budget.used += group.length;
      void signed?.then(
        () => settle(group),
        (error: unknown) => fail(group, error),
      );
    },
    shift() {
      if (!isReady()) return undefined;
      budget.used -= 1;
      return line.shift()?.item;
    },
    drain() {
      const left = line;
      line = [];
      budget.used -= left.length;
      for (const place of left) place.state = 'dropped';
      return left.map(({ item }) => item.portion);
    },
  };
}
