import { smarthostPause } from '../domain/back-off.ts';
import { smarthostReading } from '../domain/outcome.ts';
import { createDestination, type Surroundings } from './destination.ts';
import type { DestinationEvents, Destinations } from './destinations.ts';
import { anyPace } from './pace.ts';
import type { Transport } from './transport.ts';

const takes = { open: 'all', trying: 'trial', shut: 'nothing' } as const;

/** Everything goes one way: to a smarthost, or into the outbox. While that takes nothing, all mail stays in the queue. */
export function createOnlyDestination(
  transport: Transport,
  surroundings: Surroundings,
  events: DestinationEvents,
): Destinations {
  const only = createDestination({
    transport,
    reading: smarthostReading,
    pause: smarthostPause,
    pace: anyPace,
    surroundings,
    events,
  });
  return {
    get takes() {
      return takes[only.state];
    },
    get size() {
      return only.size;
    },
    get underWay() {
      return only.underWay;
    },
    get idle() {
      return only.underWay === 0 && (only.size === 0 || only.state === 'shut');
    },
    get front() {
      return only.front;
    },
    add: only.add,
    go: only.go,
    putBack: only.putBack,
    tryNow: only.tryNow,
    close: only.close,
  };
}
