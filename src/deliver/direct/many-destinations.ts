import { mailServerPause } from '../../domain/back-off.ts';
import { mailServerReading } from '../../domain/direct-outcome.ts';
import type { ClaimedDelivery, Place } from '../../store/claims.ts';
import { createDestination, type Destination, type Surroundings } from '../destination.ts';
import type { DestinationEvents, Destinations } from '../destinations.ts';
import { createWaitingRoom } from '../waiting-room.ts';
import type { MailGroup, Route } from './directory.ts';
import type { DirectRoutes } from './routes.ts';

/** In hand in all destinations: beyond this nothing more is claimed. */
const mostInHand = 20_000;
/** Destinations that have nothing to do are kept for a while, with what they learnt; the longest idle go first. */
const mostKept = 1_000;
/** Of those who wait for the way to one domain, no more count as in hand: one that nobody answers for must not stop the claims. */
const mostAsking = 50;

/** Each delivery goes to the mail servers of its recipient's domain; destinations are made as they are needed. */
export function createManyDestinations(
  routes: DirectRoutes,
  surroundings: Surroundings,
  events: DestinationEvents,
): Destinations {
  const { now } = surroundings;
  /** The one used last is last. */
  const known = new Map<string, Destination>();
  /** Deliveries whose way is being asked for, by domain. */
  const asking = new Map<string, ClaimedDelivery[]>();
  let waitingForRoute = 0;
  let closing = false;
  const ending = new Set<Promise<void>>();

  function destinationOf(group: MailGroup): Destination {
    const destination = known.get(group.key) ?? make(group);
    known.delete(group.key);
    known.set(group.key, destination);
    return destination;
  }

  function make(group: MailGroup): Destination {
    const { transport, pace, allowance } = routes.open(group);
    forgetIdle();
    return createDestination({
      transport,
      reading: mailServerReading,
      pause: mailServerPause,
      pace,
      allowance,
      room: createWaitingRoom({ events, now }),
      surroundings,
      events,
    });
  }

  function forgetIdle(): void {
    for (const [key, destination] of known) {
      if (known.size < mostKept) return;
      // What a server that takes nothing said, and since when, must outlast what it has to do.
      if (destination.state === 'shut') continue;
      if (destination.size + destination.underWay + destination.connections > 0) continue;
      known.delete(key);
      const closed = destination.close().finally(() => ending.delete(closed));
      ending.add(closed);
    }
  }

  function follow(route: Route, deliveries: readonly ClaimedDelivery[]): void {
    switch (route.kind) {
      case 'group': {
        const destination = destinationOf(route);
        destination.add(deliveries);
        destination.go();
        return;
      }
      case 'nowhere':
        for (const { id } of deliveries) events.settle({ kind: 'failed', id, ...codeAndText(route) });
        return;
      case 'unknown':
        events.postpone(deliveries, route);
    }
  }

  function ask(domain: string, deliveries: readonly ClaimedDelivery[]): void {
    waitingForRoute += deliveries.length;
    const already = asking.get(domain);
    if (already) return void already.push(...deliveries);
    asking.set(domain, [...deliveries]);
    void routes.directory.find(domain).then((route) => {
      const arrived = takeAsking(domain);
      if (arrived.length > 0) follow(route, arrived);
    });
  }

  function takeAsking(domain: string): ClaimedDelivery[] {
    const deliveries = asking.get(domain) ?? [];
    asking.delete(domain);
    waitingForRoute -= deliveries.length;
    return deliveries;
  }

  function total(): number {
    let sum = waitingForRoute;
    for (const { size } of known.values()) sum += size;
    return sum;
  }

  return {
    get takes() {
      return closing || total() >= mostInHand ? 'enough' : 'all';
    },
    get size() {
      // What waits where there is enough already is in nobody's way, and leaves room for the others.
      let sum = 0;
      for (const { length } of asking.values()) sum += Math.min(length, mostAsking);
      for (const destination of known.values()) if (!destination.full) sum += destination.size;
      return sum;
    },
    get underWay() {
      let sum = 0;
      for (const { underWay } of known.values()) sum += underWay;
      return sum;
    },
    get idle() {
      if (waitingForRoute > 0) return false;
      for (const { underWay, size, state } of known.values())
        if (underWay > 0 || (size > 0 && state !== 'shut')) return false;
      return true;
    },
    get front() {
      let front: Place | undefined;
      for (const destination of known.values()) front = later(front, destination.front);
      return front;
    },
    add(deliveries) {
      for (const [domain, some] of byDomain(deliveries)) {
        const route = routes.directory.known(domain);
        if (route) follow(route, some);
        else ask(domain, some);
      }
    },
    go() {
      for (const destination of known.values()) if (destination.size > 0) destination.go();
    },
    putBack(reason) {
      events.release([...asking.keys()].flatMap(takeAsking), reason);
      for (const destination of known.values()) destination.putBack(reason);
    },
    tryNow() {
      routes.directory.forgetFailures();
      for (const destination of known.values()) destination.tryNow();
    },
    async close() {
      closing = true;
      events.release([...asking.keys()].flatMap(takeAsking), null);
      await Promise.all([...ending, ...[...known.values()].map((destination) => destination.close())]);
    },
  };
}

function byDomain(deliveries: readonly ClaimedDelivery[]): ReadonlyMap<string, ClaimedDelivery[]> {
  const domains = new Map<string, ClaimedDelivery[]>();
  for (const delivery of deliveries) {
    const { recipient } = delivery;
    const domain = recipient.slice(recipient.lastIndexOf('@') + 1).toLowerCase();
    const some = domains.get(domain);
    if (some) some.push(delivery);
    else domains.set(domain, [delivery]);
  }
  return domains;
}

/** Of two fronts the later: whatever stands before the one or the other is claimed. */
function later(a: Place | undefined, b: Place | undefined): Place | undefined {
  if (!a || !b) return a ?? b;
  return (b.priority - a.priority || b.turn - a.turn) > 0 ? b : a;
}

function codeAndText({ why }: Extract<Route, { kind: 'nowhere' }>): { code: number | null; reply: string } {
  return why.kind === 'reply'
    ? { code: why.reply.code, reply: why.reply.text }
    : { code: null, reply: why.why };
}
