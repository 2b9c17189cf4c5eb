import type { ClaimedDelivery, Place } from '../store/claims.ts';
import type { Copies } from './copies.ts';
import { createHeldMessages, type HeldMessages } from './held-messages.ts';

/** Some deliveries of one mailing, for one transaction. */
export interface Portion {
  readonly copies: Copies;
  readonly deliveries: readonly ClaimedDelivery[];
  /** They go out one by one, although their copy could be shared. */
  readonly alone: boolean;
}

/**
 * Claimed deliveries whose copies are prepared, in memory. The most urgent priority first; within it the mailings take turns, so
 * that a small one is through at once while a large one goes on.
 */
export interface Ready {
  readonly size: number;
  /** The foremost place that waits; undefined when none does. */
  readonly front: Place | undefined;
  /** What take() would give some of. */
  readonly next: Copies | undefined;
  /** In the order of their turns. */
  add(portion: Portion): void;
  /** The next deliveries of one mailing: one, or up to `limit` that share a copy. */
  take(limit: number): Portion | undefined;
  /** All but the foremost `most`, the hindmost first. */
  trim(most: number): ClaimedDelivery[];
  /** Everything, to be put back into the queue. */
  drain(): ClaimedDelivery[];
}

interface Line {
  readonly copies: Copies;
  readonly alone: boolean;
  readonly waiting: ClaimedDelivery[];
  /** How many of `waiting` have been taken: a shift() of a long array would move them all. */
  taken: number;
}

/** `held` is told of each message that begins or ends to wait here. */
export function createReady(held: HeldMessages = createHeldMessages()): Ready {
  /** By priority, ascending. Lines in a Set: the first is next, and goes to the end. */
  const rings = new Map<number, Set<Line>>();
  let size = 0;

  function ringOf(priority: number): Set<Line> {
    const ring = rings.get(priority);
    if (ring) return ring;
    const fresh = new Set<Line>();
    rings.set(priority, fresh);
    const sorted = [...rings].sort(([a], [b]) => a - b);
    rings.clear();
    for (const [key, value] of sorted) rings.set(key, value);
    return fresh;
  }

  return {
    get size() {
      return size;
    },
    get front() {
      return frontOf(rings);
    },
    get next() {
      for (const ring of rings.values()) for (const line of ring) return line.copies;
      return undefined;
    },
    add({ copies, deliveries, alone }) {
      const ring = ringOf(deliveries[0]?.priority ?? 0);
      const line = findLine(ring, copies, alone);
      if (line) line.waiting.push(...deliveries);
      else {
        ring.add({ copies, alone, waiting: [...deliveries], taken: 0 });
        held.hold(copies);
      }
      size += deliveries.length;
    },
    take(limit) {
      for (const ring of rings.values()) {
        for (const line of ring) {
          const count = line.copies.shared && !line.alone ? limit : 1;
          const deliveries = line.waiting.slice(line.taken, line.taken + count);
          line.taken += deliveries.length;
          size -= deliveries.length;
          forgetTaken(line);
          ring.delete(line);
          if (line.taken < line.waiting.length) ring.add(line);
          else held.letGo(line.copies);
          return { copies: line.copies, deliveries, alone: line.alone };
        }
      }
      return undefined;
    },
    trim(most) {
      const cut: ClaimedDelivery[] = [];
      while (size > most) {
        const [ring, line] = hindmost(rings);
        const last = line?.waiting.pop();
        if (!ring || !line || !last) break;
        cut.push(last);
        size -= 1;
        if (line.taken < line.waiting.length) continue;
        ring.delete(line);
        held.letGo(line.copies);
      }
      return cut;
    },
    drain() {
      const lines = [...rings.values()].flatMap((ring) => [...ring]);
      for (const line of lines) held.letGo(line.copies);
      rings.clear();
      size = 0;
      return lines.flatMap((line) => line.waiting.slice(line.taken));
    },
  };
}

/** A long list's line is never empty while it is being sent. In large pieces: each moves all that waits. */
function forgetTaken(line: Line): void {
  if (line.taken < 1_000) return;
  line.waiting.splice(0, line.taken);
  line.taken = 0;
}

function findLine(ring: ReadonlySet<Line>, copies: Copies, alone: boolean): Line | undefined {
  for (const line of ring) {
    const same = line.copies.mailingId === copies.mailingId && line.copies.form === copies.form;
    if (same && sameKeys(line.copies, copies) && line.alone === alone) return line;
  }
  return undefined;
}

/** Those that a retired key has signed run out; what is made anew does not join them. */
function sameKeys(one: Copies, other: Copies): boolean {
  const names = ({ keys }: Copies) => keys.map(({ domain, selector }) => `${selector}@${domain}`).join();
  return one === other || names(one) === names(other);
}

function frontOf(rings: ReadonlyMap<number, ReadonlySet<Line>>): Place | undefined {
  for (const [priority, ring] of rings) {
    if (ring.size === 0) continue;
    const turns = Array.from(ring, (line) => line.waiting[line.taken]?.turn ?? 0);
    return { priority, turn: Math.min(...turns) };
  }
  return undefined;
}

/** The line whose last delivery stands behind all others. */
function hindmost(rings: ReadonlyMap<number, Set<Line>>): readonly [Set<Line>?, Line?] {
  const filled = [...rings.values()].filter((ring) => ring.size > 0);
  const ring = filled.at(-1);
  if (!ring) return [];
  let found: Line | undefined;
  for (const line of ring) if (!found || lastTurn(line) > lastTurn(found)) found = line;
  return [ring, found];
}

function lastTurn({ waiting }: Line): number {
  return waiting.at(-1)?.turn ?? 0;
}
