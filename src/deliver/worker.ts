import type { ClaimedDelivery, Lease } from '../store/claims.ts';
import { notCounted } from '../store/time-off.ts';
import { type Alarm, createAlarm } from './alarm.ts';
import { claimLimit, growth, hasPlenty, hasRoom } from './appetite.ts';
import { createDestinations, type SendingParts } from './create-destinations.ts';
import { runCycle, type Tasks } from './cycle.ts';
import type { DestinationEvents, Destinations } from './destinations.ts';
import { createNotes, type Notes, nothingNoted } from './notes.ts';
import type { SentJournal } from './sent-journal.ts';

export interface WorkerParts extends SendingParts {
  /** Lets what was sent be written down in batches; closed with the worker. */
  readonly journal?: SentJournal;
  /** In whose name it claims; null, or none, where there can be no other worker. */
  readonly claimant?: number | null;
  /** Asked for before anything else is claimed when the time went on by half an hour without this worker: the whole machine had slept. */
  awoke?(): Promise<void>;
}

/** Sends what is in the outbox. One a process; several processes share a PostgreSQL database. */
export interface Worker {
  /** There may be fresh deliveries: after each commit of ours, and after one of somebody else. Those `handedOver` are claimed. */
  wake(handedOver?: readonly ClaimedDelivery[]): void;
  /**
   * The lease with which it would hold deliveries that are made now, claimed, and handed over; undefined while it has enough or sends nothing, or
   * where each recipient has a server of their own.
   */
  lease(): Lease | undefined;
  /** Resolves when nothing is due, or the destination takes nothing, and everything that happened is written down. */
  idle(): Promise<void>;
  /** Finishes the transactions under way, writes down what became of them, and leaves the rest queued. */
  close(): Promise<void>;
}

/** Longer than the longest wait for an answer, so that nobody takes over what is still under way. */
const leaseMs = 30 * 60_000;
/** After the store could not be written. */
const storePauseMs = 1_000;

export function createWorker(parts: WorkerParts): Worker {
  return new DeliveryWorker(parts);
}

class DeliveryWorker implements Worker {
  readonly #parts: WorkerParts;
  readonly #notes: Notes;
  readonly #destinations: Destinations;
  readonly #alarm: Alarm;
  readonly #stopListening: () => void;
  /** Claimed by those who made them, and to be sent unless the queue is paused. */
  #handedOver: ClaimedDelivery[] = [];
  /** What there may be to do in the table: new mailings, members still to be added (known since), due rows beyond what was claimed. */
  #fresh = true;
  #growingSince: number | undefined;
  #moreDue = false;
  #paused = false;
  #retryAskedAt: number | undefined;
  /** Deferred deliveries may have come due, and leases may have run out. */
  #timeIsUp = true;
  #starting = true;
  #running = false;
  #closing = false;
  #idleWaiters: (() => void)[] = [];
  #awakeAt: number;

  constructor(parts: WorkerParts) {
    this.#parts = parts;
    this.#awakeAt = parts.now();
    const { store, log, journal } = parts;
    this.#notes = createNotes({
      journal,
      others: store.capabilities.skipLocked,
      becameDue: () => this.#run(),
      entered: () => {
        if (this.#hasWork()) this.#run();
      },
    });
    this.#destinations = createDestinations(parts, this.#events());
    this.#alarm = createAlarm({
      store,
      log,
      now: () => parts.now(),
      ring: () => {
        this.#timeIsUp = true;
        this.#run();
      },
    });
    this.#stopListening = store.onOutsideChange(() => this.wake());
    this.wake();
  }

  #events(): DestinationEvents {
    return {
      settle: (settlement) => {
        this.#notes.settle(settlement);
        if (settlement.kind === 'deferred') this.#alarm.stale();
      },
      release: (deliveries, reason) => this.#release(deliveries, reason),
      postpone: (deliveries, wait) => {
        if (deliveries.length > 0) this.#alarm.stale();
        this.#notes.postpone(deliveries, wait);
      },
      halt: (reason) => {
        this.#notes.halt(reason);
        this.#putBack(reason);
      },
      opened: () => {
        this.#moreDue = true;
        this.#run();
      },
    };
  }

  wake(handedOver: readonly ClaimedDelivery[] = []): void {
    this.#fresh = true;
    if (this.#closing) this.#release(handedOver, null);
    else this.#handedOver.push(...handedOver);
    this.#run();
  }

  lease(): Lease | undefined {
    // A step of a long list is more than a mail server of the recipients' own is known to take: what is beyond that would wait for minutes.
    // What is queued is claimed as they take it.
    if (this.#parts.way.kind === 'direct') return undefined;
    // At the start all claims are released: those of the server before this one.
    const takesNone = this.#closing || this.#starting || this.#paused || this.#destinations.takes !== 'all';
    return takesNone || !hasRoom(this.#inHand) ? undefined : this.#leaseFrom(this.#parts.now());
  }

  #leaseFrom(now: number): Lease {
    return { until: now + leaseMs, by: this.#parts.claimant ?? null };
  }

  async idle(): Promise<void> {
    while (!this.#isIdle() && !this.#isOver())
      await new Promise<void>((resolve) => this.#idleWaiters.push(resolve));
  }

  async close(): Promise<void> {
    this.#closing = true;
    this.#stopListening();
    this.#putBack(null);
    await this.#destinations.close();
    this.#run();
    await this.idle();
    this.#notes.close();
    this.#alarm.stop();
  }

  #isIdle(): boolean {
    const atRest = !this.#running && !this.#hasWork() && this.#notes.none;
    return atRest && this.#destinations.idle && this.#handedOver.length === 0;
  }

  /** Closing, and what is not written down now, because the store cannot be written, never will be. */
  #isOver(): boolean {
    return this.#closing && !this.#running;
  }

  get #inHand(): number {
    return this.#handedOver.length + this.#destinations.size;
  }

  #hasWork(): boolean {
    if (this.#notes.due) return true;
    if (this.#closing) return !this.#notes.none;
    const looks = this.#fresh || this.#timeIsUp || this.#starting;
    return looks || this.#grows !== undefined || this.#claimLimit() > 0;
  }

  get #grows(): 'claimed' | 'queued' | undefined {
    const leaseable = this.lease() !== undefined;
    return growth({ inHand: this.#inHand, leaseable }, { since: this.#growingSince, now: this.#parts.now() });
  }

  #claimLimit(): number {
    if (this.#closing) return 0;
    const { takes, underWay } = this.#destinations;
    return claimLimit({
      ...{ takes, underWay, inHand: this.#inHand },
      ...{ fresh: this.#fresh, moreDue: this.#moreDue },
    });
  }

  #run(): void {
    if (this.#running) return;
    this.#running = true;
    void this.#loop();
  }

  async #loop(): Promise<void> {
    while (this.#hasWork()) {
      try {
        await this.#wakeUp();
        await this.#cycle();
      } catch (error) {
        this.#parts.log.error({ err: error }, 'The queue could not be read or written; trying again soon.');
        if (this.#closing) break;
        await new Promise((resolve) => setTimeout(resolve, storePauseMs));
      }
    }
    this.#running = false;
    if (!this.#closing) await this.#alarm.set();
    if (this.#isIdle() || this.#closing) for (const resolve of this.#idleWaiters.splice(0)) resolve();
  }

  /** The alarm rings twice a minute: whoever has heard none for long would let fail what had no time to be tried. */
  async #wakeUp(): Promise<void> {
    const sleptFor = this.#parts.now() - this.#awakeAt;
    if (sleptFor >= notCounted) await this.#parts.awoke?.();
    this.#awakeAt = this.#parts.now();
  }

  /** One transaction: what happened is written down, and what comes next is claimed. */
  async #cycle(): Promise<void> {
    const { store, now, site, way } = this.#parts;
    const { skipLocked } = store.capabilities;
    // Not beside a claim of what is fresh: that is quick, and somebody waits for it.
    const grow = this.#fresh ? undefined : this.#grows;
    let tasks: Tasks | undefined;
    try {
      const done = await store.write(
        (tx) => {
          // Only now, so that what has happened since the write was asked for is in it; again, the same, where it is run again.
          tasks ??= this.#takeTasks(grow);
          const at = now();
          const setting = { now: at, lease: this.#leaseFrom(at), skipLocked, site };
          return runCycle(tx, tasks, { ...setting, viaRelay: way.kind === 'one' });
        },
        // What is made here must last before it is sent: its ids are in the return paths, and no other delivery may ever get them.
        // First, because a batch of posts may leave no time for it in this turn of the loop, and in the next one the connections go on:
        // after a crash they would repeat what was not written down, where there is no journal of it.
        { durable: grow !== undefined, first: true, isolation: 'read committed' },
      );
      this.#notes.written();
      if (done.growing) this.#growingSince ??= now();
      else if (grow !== undefined) this.#growingSince = undefined;
      if (tasks?.looksFresh) this.#paused = done.paused;
      if (this.#isNewWish(done.retryAskedAt)) this.#destinations.tryNow();
      // A claim up to a place says nothing of what is due behind it.
      if (tasks?.claim) this.#moreDue = done.more || tasks.claim.upTo !== undefined;
      if (done.requeued || (grow === 'queued' && done.growing)) this.#moreDue = true;
      this.#destinations.add([...(tasks?.handedOver ?? []), ...done.claimed]);
      if (done.tripped || done.paused || this.#closing || this.#destinations.takes === 'nothing')
        this.#putBack(null);
    } catch (error) {
      if (tasks) this.#giveBack(tasks);
      throw error;
    }
    this.#destinations.go();
  }

  /** What was asked of the server before this one has been done by its end. */
  #isNewWish(at: number | undefined): boolean {
    if (at === undefined || at === this.#retryAskedAt) return false;
    const known = this.#retryAskedAt !== undefined;
    this.#retryAskedAt = at;
    return known;
  }

  #takeTasks(grow: Tasks['grow']): Tasks {
    const limit = this.#claimLimit();
    const upTo = hasPlenty(this.#inHand) ? this.#destinations.front : undefined;
    // What is not claimed now, because the next hop takes nothing, is claimed later.
    if (this.#fresh && limit === 0) this.#moreDue = true;
    if (this.#timeIsUp) this.#moreDue = true;
    const tasks: Tasks = {
      noted: this.#notes.due || this.#closing ? this.#notes.take() : nothingNoted,
      handedOver: this.#handedOver.splice(0),
      looksFresh: this.#fresh,
      grow,
      timeIsUp: this.#timeIsUp,
      starting: this.#starting,
      claim: limit > 0 ? { limit, upTo } : undefined,
    };
    if (this.#fresh || this.#timeIsUp) this.#alarm.stale();
    this.#fresh = this.#timeIsUp = this.#starting = false;
    return tasks;
  }

  #giveBack(tasks: Tasks): void {
    this.#notes.giveBack(tasks.noted);
    this.#handedOver = [...tasks.handedOver, ...this.#handedOver];
    this.#fresh ||= tasks.looksFresh;
    this.#timeIsUp ||= tasks.timeIsUp;
    this.#starting ||= tasks.starting;
  }

  #release(deliveries: readonly ClaimedDelivery[], reason: string | null): void {
    if (deliveries.length === 0) return;
    this.#moreDue = true;
    this.#notes.release(deliveries, reason);
  }

  #putBack(reason: string | null): void {
    this.#release(this.#handedOver.splice(0), reason);
    this.#destinations.putBack(reason);
  }
}
