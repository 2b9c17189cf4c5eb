import { throttlePause } from '../domain/back-off.ts';

/** How fast a destination is served: its own wishes, learnt from what it says, within what the operator allows. */
export interface Pace {
  /** Most connections at the same time. */
  readonly connections: number;
  /** When the next transaction may begin, epoch milliseconds. */
  readonly nextAt: number;
  /** Recipients a second that it can take, by how long it takes over each; undefined while nothing is known. */
  readonly rate: number | undefined;
  began(recipients: number): void;
  /** Recipients of one transaction, some milliseconds after it began. */
  delivered(recipients: number, after: number): void;
  /** It asked for less: after how many milliseconds it may be asked again. */
  throttled(): number;
}

export interface PaceLimits {
  /** Connections at first, and after enough went well. */
  readonly first: number;
  readonly most: number;
  /** Recipients a minute; absent: no limit. */
  readonly perMinute?: number | undefined;
  now(): number;
  random(): number;
}

/** Deliveries in a row after which one more connection is tried (email.md §7.4). */
const growAfter = 100;
const minute = 60_000;
/** The last minute is counted in pieces. */
const piece = 10_000;
/** Of the newest measurement among those before. */
const weight = 0.1;

export function createPace({ first, most, perMinute, now, random }: PaceLimits): Pace {
  let connections = Math.min(first, most);
  let allowed = perMinute ?? Number.POSITIVE_INFINITY;
  let nextAt = 0;
  let seenAt = 0;
  let successes = 0;
  let requests = 0;
  /** Milliseconds a recipient takes on one connection. */
  let each: number | undefined;
  const pieces = new Map<number, number>();

  /** What it got in the last minute. */
  function lately(): number {
    const from = Math.floor((now() - minute) / piece);
    for (const key of pieces.keys()) if (key <= from) pieces.delete(key);
    return [...pieces.values()].reduce((total, count) => total + count, 0);
  }

  /** A clock that was put back takes `nextAt` along: it would be as far away as the clock was ahead. */
  function clock(): number {
    const at = now();
    if (at < seenAt) nextAt -= seenAt - at;
    seenAt = at;
    return at;
  }

  function grow(): void {
    requests = 0;
    connections = Math.min(connections + 1, most);
    const full = perMinute ?? Number.POSITIVE_INFINITY;
    allowed = connections === most ? full : Math.min(Math.ceil(allowed * 1.25), full);
  }

  return {
    get connections() {
      return connections;
    },
    get nextAt() {
      clock();
      return nextAt;
    },
    get rate() {
      if (each === undefined) return allowed < Number.POSITIVE_INFINITY ? allowed / 60 : undefined;
      return Math.min((connections * 1_000) / each, allowed / 60);
    },
    began(recipients) {
      if (allowed === Number.POSITIVE_INFINITY) return;
      const at = clock();
      nextAt = Math.max(nextAt, at) + (recipients * minute) / allowed;
    },
    delivered(recipients, after) {
      const took = after / recipients;
      each = each === undefined ? took : each + (took - each) * weight;
      const key = Math.floor(now() / piece);
      pieces.set(key, (pieces.get(key) ?? 0) + recipients);
      successes += recipients;
      for (; successes >= growAfter; successes -= growAfter) grow();
    },
    throttled() {
      requests += 1;
      successes = 0;
      connections = Math.max(1, Math.floor(connections / 2));
      allowed = Math.max(1, Math.floor(Math.min(allowed, lately() || Number.POSITIVE_INFINITY) / 2));
      return throttlePause(requests, random());
    },
  };
}

/** For who takes whatever comes. */
export const anyPace: Omit<Pace, 'connections'> = {
  nextAt: 0,
  rate: undefined,
  began() {},
  delivered() {},
  throttled: () => 0,
};
