import { setTimeout as pause } from 'node:timers/promises';
import type { Log } from '../domain/log.ts';
import { type Answer, describeAnswer, type Judge } from '../domain/outcome.ts';
import type { RetrySchedule } from '../domain/retry.ts';
import type { ClaimedDelivery, Place } from '../store/claims.ts';
import type { Settlement } from '../store/settle.ts';
import type { CopyShelf } from './copy-shelf.ts';
import { createDispatch } from './dispatch.ts';
import { createGate, type Gate } from './gate.ts';
import type { HeldMessages } from './held-messages.ts';
import { createPreparation } from './preparation.ts';
import { createReady } from './ready.ts';
import type { Transport } from './transport.ts';

/** One next hop: the claimed deliveries that wait for it in memory, whether it takes mail, and the way there. */
export interface Destination {
  readonly name: string;
  readonly state: Gate['state'];
  /** Deliveries that wait here; not those under way. */
  readonly size: number;
  /** Transactions that are not answered yet. */
  readonly underWay: number;
  /** The foremost place that waits, of what is ready. */
  readonly front: Place | undefined;
  add(deliveries: readonly ClaimedDelivery[]): void;
  /** Offers what is ready, and makes ready what is not. */
  go(): void;
  /** All that waits here goes back into the queue untried. */
  putBack(reason: string | null): void;
  /** Ends a back-off. */
  tryNow(): void;
  /** Takes and gives nothing new, and lets what is under way end. */
  close(): Promise<void>;
}

/** What all destinations share. */
export interface Surroundings {
  readonly shelf: CopyShelf;
  readonly held: HeldMessages;
  readonly retry: RetrySchedule;
  readonly log: Log;
  now(): number;
  random(): number;
}

/** What a destination tells. */
export interface DestinationEvents {
  settle(settlement: Settlement): void;
  /** Back into the queue, with the reason, and without counting an attempt. */
  release(deliveries: readonly ClaimedDelivery[], reason: string | null): void;
  /** Only an operator can help: the queue pauses. */
  halt(reason: string): void;
  /** It may take mail again. */
  opened(): void;
}

export interface DestinationParts {
  readonly transport: Transport;
  readonly judge: Judge;
  /** How long it is left alone after so many failures in a row, in milliseconds. */
  pause(failures: number, answer: Answer, random: number): number;
  readonly surroundings: Surroundings;
  readonly events: DestinationEvents;
}

/** After the store could not be read. */
const storePauseMs = 1_000;

export function createDestination({
  transport,
  judge,
  pause: pauseAfter,
  surroundings,
  events,
}: DestinationParts): Destination {
  const { log, now, random, shelf, held, retry } = surroundings;
  const ready = createReady(held);
  const gate = createGate({
    destination: transport.destination,
    log,
    pause: (failures, answer) => pauseAfter(failures, answer, random()),
    now,
    tryAgain: events.opened,
    opened: events.opened,
  });
  const dispatch = createDispatch({
    ready,
    gate,
    judge,
    retry,
    log,
    now,
    random,
    settle: events.settle,
    release: events.release,
    halt: (reason) => {
      log.error(
        { destination: transport.destination, answer: reason },
        'The next hop refuses our login or wants one. The queue is paused: set delivery.smarthost right, then resume it.',
      );
      events.halt(reason);
    },
    backOff: (answer) => putBack(describeAnswer(answer)),
    reshape(deliveries, form) {
      preparation.add(deliveries, form);
      void prepare();
    },
    again: offer,
  });
  const preparation = createPreparation({ shelf, ready, held, unmakeable: dispatch.unmakeable });
  let preparing = false;
  let closing = false;

  function putBack(reason: string | null): void {
    events.release([...ready.drain(), ...preparation.drain()], reason);
  }

  function offer(): void {
    if (ready.size === 0 || closing || gate.state === 'shut') return;
    transport.offer(gate.state === 'trying' ? 1 : ready.size);
  }

  /** Beside the cycles: what is sent meanwhile must be written down at once, however long reading many messages takes. */
  async function prepare(): Promise<void> {
    if (preparing) return;
    preparing = true;
    while (await advance()) offer();
    preparing = false;
  }

  async function advance(): Promise<boolean> {
    try {
      return await preparation.advance();
    } catch (error) {
      log.error({ err: error }, 'A message could not be read; trying again soon.');
      await pause(storePauseMs);
      return true;
    }
  }

  transport.start(dispatch);
  return {
    name: transport.destination,
    get state() {
      return gate.state;
    },
    get size() {
      return ready.size + preparation.size;
    },
    get underWay() {
      return dispatch.underWay;
    },
    get front() {
      return ready.front;
    },
    add: (deliveries) => preparation.add(deliveries),
    go() {
      offer();
      void prepare();
    },
    putBack,
    tryNow: gate.tryNow,
    async close() {
      closing = true;
      gate.close();
      putBack(null);
      await transport.close();
      // Again: what a refused shared copy has made ready since.
      putBack(null);
    },
  };
}
