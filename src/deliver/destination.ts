import { setTimeout as pause } from 'node:timers/promises';
import type { Log } from '../domain/log.ts';
import { type Answer, describeAnswer, type Reading } from '../domain/outcome.ts';
import type { RetrySchedule } from '../domain/retry.ts';
import type { ClaimedDelivery, Place } from '../store/claims.ts';
import type { Allowance } from './allowance.ts';
import type { CopyShelf } from './copy-shelf.ts';
import type { DestinationEvents } from './destinations.ts';
import { createDispatch, mostRecipients } from './dispatch.ts';
import { createGate, type Gate } from './gate.ts';
import type { HeldMessages } from './held-messages.ts';
import type { Pace } from './pace.ts';
import { createPreparation } from './preparation.ts';
import { createReady } from './ready.ts';
import type { SigningBudget } from './signed-ahead.ts';
import type { Transport } from './transport.ts';
import type { WaitingRoom } from './waiting-room.ts';

/** One next hop: the claimed deliveries that wait for it in memory, whether it takes mail, and the way there. */
export interface Destination {
  readonly name: string;
  readonly state: Gate['state'];
  /** Deliveries that wait here; not those under way. */
  readonly size: number;
  /** Transactions that are not answered yet. */
  readonly underWay: number;
  readonly connections: number;
  /** The foremost place that waits, of what is ready. */
  readonly front: Place | undefined;
  /** It has as many as it can send for a while. */
  readonly full: boolean;
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
  readonly signing: SigningBudget;
  readonly retry: RetrySchedule;
  readonly log: Log;
  now(): number;
  random(): number;
}

export interface DestinationParts {
  readonly transport: Transport;
  readonly reading: Reading;
  /** How long it is left alone after so many failures in a row, in milliseconds. */
  pause(failures: number, answer: Answer, random: number): number;
  readonly pace: Omit<Pace, 'connections'>;
  readonly allowance?: Allowance | undefined;
  /** One of several: what cannot go now waits in the table, so that it does not stand before the others' mail. */
  readonly room?: WaitingRoom;
  readonly surroundings: Surroundings;
  readonly events: DestinationEvents;
}

/** After the store could not be read. */
const storePauseMs = 1_000;

export function createDestination(parts: DestinationParts): Destination {
  const { transport, pace, room, surroundings, events } = parts;
  const { log, now, random, shelf, held, signing, retry } = surroundings;
  const ready = createReady(held);
  const gate = createGate({
    destination: transport.destination,
    log,
    pause: (failures, answer) => parts.pause(failures, answer, random()),
    now,
    tryAgain: opened,
    opened,
  });
  const dispatch = createDispatch({
    ready,
    gate,
    reading: parts.reading,
    pace,
    allowance: parts.allowance,
    signing,
    retry,
    log,
    now,
    random,
    settle: events.settle,
    release: (deliveries, why) => leave(deliveries, why, true),
    halt: (reason) => {
      log.error(
        { destination: transport.destination, answer: reason },
        'The next hop refuses our login or wants one. The queue is paused: set delivery.smarthost right, then resume it.',
      );
      events.halt(reason);
    },
    backOff: (answer) => leave(drain(), answer, false),
    reshape(deliveries, form) {
      preparation.add(deliveries, form);
      void prepare();
    },
    again: offer,
  });
  const preparation = createPreparation({ shelf, ready, held, unmakeable: dispatch.unmakeable });
  let preparing = false;
  let closing = false;

  function opened(): void {
    events.opened();
    offer();
  }

  function drain(): ClaimedDelivery[] {
    return [...dispatch.drain(), ...ready.drain(), ...preparation.drain()];
  }

  /** It takes nothing: they wait for it where they are in nobody's way. */
  function leave(deliveries: readonly ClaimedDelivery[], why: Answer, tried: boolean): void {
    if (!room || closing || gate.state !== 'shut') events.release(deliveries, describeAnswer(why));
    else room.waitForGate(deliveries, gate, tried);
  }

  function offer(): void {
    if (closing || gate.state === 'shut') return;
    dispatch.signAhead();
    const waiting =
      dispatch.ahead + (ready.next?.shared ? Math.ceil(ready.size / mostRecipients) : ready.size);
    if (waiting > 0) transport.offer(gate.state === 'trying' ? 1 : waiting);
  }

  /** Beside the cycles: what is sent meanwhile must be written down at once, however long reading many messages takes. */
  async function prepare(): Promise<void> {
    if (preparing) return;
    preparing = true;
    while (await advance()) {
      // Nothing waits behind a shut gate, and no more before an open one than goes through in a while.
      if (room) room.waitForTurn(ready.trim(room.most(gate, pace)), pace);
      offer();
    }
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
      return ready.size + dispatch.ahead + preparation.size;
    },
    get underWay() {
      return dispatch.underWay;
    },
    get connections() {
      return transport.connections;
    },
    get front() {
      return ready.front;
    },
    get full() {
      return room !== undefined && ready.size >= room.most(gate, pace);
    },
    add(deliveries) {
      if (room && gate.state === 'shut') room.waitForGate(deliveries, gate, false);
      else preparation.add(deliveries);
    },
    go() {
      offer();
      void prepare();
    },
    putBack: (reason) => events.release(drain(), reason),
    tryNow: gate.tryNow,
    async close() {
      closing = true;
      gate.close();
      events.release(drain(), null);
      await transport.close();
      // Again: what a refused shared copy has made ready since.
      events.release(drain(), null);
    },
  };
}
