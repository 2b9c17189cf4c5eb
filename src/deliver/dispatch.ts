import type { Log } from '../domain/log.ts';
import { type Answer, describeAnswer, type Judgement, type Reading, type Stage } from '../domain/outcome.ts';
import type { RetrySchedule } from '../domain/retry.ts';
import type { CopyForm } from '../rewrite/plain-copy.ts';
import type { ClaimedDelivery } from '../store/claims.ts';
import type { Settlement } from '../store/settle.ts';
import { createAdviser } from './adviser.ts';
import type { Allowance } from './allowance.ts';
import { type Batch, batchOf, signBatches } from './batch.ts';
import { createDoubts } from './doubts.ts';
import type { Gate } from './gate.ts';
import type { Pace } from './pace.ts';
import type { Portion, Ready } from './ready.ts';
import { createSettlements } from './settlements.ts';
import { createSignedAhead, type SigningBudget } from './signed-ahead.ts';
import type { RecipientAnswer, Transaction } from './transaction.ts';
import type { TransportWork } from './transport.ts';

/** Makes transactions of what is ready, and settlements of what the transport answers. */
export interface Dispatch extends TransportWork {
  /** Transactions given out and not yet answered. */
  readonly underWay: number;
  /** Copies that were taken from what is ready, and are signed or being signed. */
  readonly ahead: number;
  /** Begins to sign what comes next, where that is to be signed. */
  signAhead(): void;
  /** A copy that cannot be made: counts as an attempt, and after three it fails. */
  unmakeable(delivery: ClaimedDelivery, error: unknown): void;
  /** What was signed ahead, to be put back into the queue. */
  drain(): ClaimedDelivery[];
}

export interface DispatchParts {
  readonly ready: Ready;
  readonly gate: Gate;
  readonly reading: Reading;
  readonly pace: Omit<Pace, 'connections'>;
  readonly allowance: Allowance | undefined;
  readonly signing: SigningBudget;
  readonly retry: RetrySchedule;
  readonly log: Log;
  now(): number;
  random(): number;
  settle(settlement: Settlement): void;
  /** What was tried goes back into the queue, behind what was not, with the reason and without counting an attempt. */
  release(deliveries: readonly ClaimedDelivery[], why: Answer): void;
  /** Only an operator can help: the queue pauses. */
  halt(reason: string): void;
  /** The destination takes nothing now: nothing that is ready can go. */
  backOff(answer: Answer): void;
  /** Their copies are to be made in that form. */
  reshape(deliveries: readonly ClaimedDelivery[], form: CopyForm): void;
  /** Something is ready again, or may go now. */
  again(): void;
}

/** RFC 5321 §4.5.3.1.8: every server takes at least 100 recipients. */
export const mostRecipients = 100;
/** The last attempt is made at the time to give up; one that is late by more than this is not made. */
const lateness = 3_600_000;

/** A little more than the wait for the answer to the dot, in milliseconds. */
const longestAnswer = 12 * 60_000;

export function createDispatch(parts: DispatchParts): Dispatch {
  const { ready, gate, reading, pace, allowance } = parts;
  const settlements = createSettlements(parts);
  const doubts = createDoubts();
  const adviser = createAdviser(parts);
  const ahead = createSignedAhead<Batch>({
    budget: parts.signing,
    ready: parts.again,
    failed: ({ deliveries }, error) => {
      for (const delivery of deliveries) unmakeable(delivery, error);
    },
  });
  let underWay = 0;
  let recipientsUnderWay = 0;
  let groupLimit = mostRecipients;
  let timer: NodeJS.Timeout | undefined;

  function next(): Batch | undefined {
    if (gate.state === 'shut' || (gate.state === 'trying' && underWay > 0)) return undefined;
    if (!mayBegin()) return undefined;
    const batch = ahead.size > 0 ? ahead.shift() : made();
    if (ahead.size > 0) signAhead();
    if (!batch) return undefined;
    underWay += 1;
    recipientsUnderWay += batch.recipients.length;
    batch.begunAt = parts.now();
    pace.began(batch.recipients.length);
    return batch;
  }

  /** Without a promise where nothing is signed: those are most of them, and they are many. */
  function made(): Batch | undefined {
    for (let portion = take(); portion; portion = take()) {
      const batch = make(portion);
      if (!batch) continue;
      if (!batch.toSign) return batch;
      ahead.push([batch], signBatches([batch]));
      return undefined;
    }
    return undefined;
  }

  function signAhead(): void {
    if (gate.state === 'shut' || (ahead.size === 0 && !ready.next?.sign)) return;
    for (let group = batches(ahead.room); group.length > 0; group = batches(ahead.room))
      ahead.push(group, group.some(({ toSign }) => toSign) ? signBatches(group) : undefined);
  }

  /** The next ones that can be made, up to `most`. */
  function batches(most: number): Batch[] {
    const group: Batch[] = [];
    for (let portion = group.length < most && take(); portion; portion = group.length < most && take()) {
      const batch = make(portion);
      if (batch) group.push(batch);
    }
    return group;
  }

  function take(): Portion | undefined {
    return ready.take(Math.max(1, Math.min(groupLimit, allowed())));
  }

  /** Recipients that it may still get today, whatever becomes of those under way. */
  function allowed(): number {
    return allowance ? allowance.left - recipientsUnderWay : Number.POSITIVE_INFINITY;
  }

  /** Not more, and not sooner, than the destination is to get. */
  function mayBegin(): boolean {
    if (allowance && allowed() <= 0) {
      if (recipientsUnderWay > 0) return false;
      const { whyNot } = allowance;
      gate.shut(whyNot, () => allowance.renewedAt - parts.now());
      parts.backOff(whyNot);
      return false;
    }
    const wait = pace.nextAt - parts.now();
    if (wait <= 0) return true;
    if (!timer)
      timer = setTimeout(() => {
        timer = undefined;
        parts.again();
      }, wait).unref();
    return false;
  }

  function make(portion: Portion): Batch | undefined {
    const { copies } = portion;
    const now = parts.now();
    // A lease that may end while the next hop is answering: whoever finds it expired takes them.
    if (portion.deliveries.some(({ leaseUntil }) => leaseUntil < now + longestAnswer)) return undefined;
    const deliveries = now > copies.giveUpAt + lateness ? askedForAgain(portion) : portion.deliveries;
    if (deliveries.length === 0) return undefined;
    try {
      return batchOf({ ...portion, deliveries });
    } catch (error) {
      for (const delivery of deliveries) unmakeable(delivery, error);
      return undefined;
    }
  }

  /** Long after the time to give up: the others fail, with what was said last. */
  function askedForAgain({ copies, deliveries }: Portion): readonly ClaimedDelivery[] {
    const again = deliveries.filter(({ dueAt }) => dueAt > copies.giveUpAt);
    for (const { id } of deliveries.filter((delivery) => !again.includes(delivery)))
      parts.settle({ kind: 'expired', id });
    return again;
  }

  function unmakeable(delivery: ClaimedDelivery, error: unknown): void {
    const settlement = settlements.unmade(delivery, error);
    parts.log.error({ err: error, delivery: delivery.id, mailing: delivery.mailingId }, settlement.reply);
    parts.settle(settlement);
  }

  function conclude(judgement: Judgement, delivery: ClaimedDelivery, said: RecipientAnswer, batch: Batch) {
    const { copies } = batch.portion;
    const { answer } = said;
    switch (judgement.kind) {
      case 'delivered':
        return parts.settle(settlements.sent(delivery, answer));
      case 'failed':
        return parts.settle(settlements.failed(delivery, answer));
      case 'retry':
        return parts.settle(settlements.later(delivery, answer, copies.giveUpAt));
      case 'unanswered':
        return parts.settle(settlements.unanswered(delivery, answer, copies.giveUpAt));
      case 'fewer':
      case 'alone':
        ready.add({ copies, deliveries: [delivery], alone: judgement.kind === 'alone' });
        return;
      case 'back-off':
      case 'halt':
        // It goes back with the others, once the gate is shut.
        return;
    }
  }

  /** What an answer says about the destination itself. */
  function steer(judgement: Judgement, { stage, answer }: RecipientAnswer): void {
    if (judgement.kind === 'halt') parts.halt(describeAnswer(answer));
    else if (judgement.kind === 'back-off') {
      gate.shut(answer, reading.throttles(stage, answer) ? pace.throttled : undefined);
      parts.backOff(answer);
    }
  }

  /** It came to nothing, and that is about the destination only if others in a row meet the same. */
  function doubt({ portion }: Batch, { answer }: RecipientAnswer): void {
    // Said to several recipients, what it says of throttling is about us: as if it were said at MAIL.
    if (doubts.raise(portion.deliveries[0]?.id ?? 0, answer))
      steer({ kind: 'back-off' }, { stage: 'mail', answer });
    else parts.again();
  }

  function trouble(stage: Stage, answer: Answer): void {
    const judgement = reading.judge(stage, answer, false);
    steer(judgement.kind === 'halt' ? judgement : { kind: 'back-off' }, { stage, answer });
  }

  function settled(transaction: Transaction, answers: readonly RecipientAnswer[]): void {
    const batch = transaction as Batch;
    const { deliveries } = batch.portion;
    const shared = deliveries.length > 1;
    const back: ClaimedDelivery[] = [];
    const count = { fewer: 0, delivered: 0, alone: 0 };
    let against: RecipientAnswer | undefined;
    over(batch);
    adviser.look(answers);
    for (const [index, delivery] of deliveries.entries()) {
      const said = answers[index];
      if (!said) continue;
      const judgement = reading.judge(said.stage, said.answer, shared);
      const { kind } = judgement;
      if (kind === 'delivered' || kind === 'fewer' || kind === 'alone') count[kind] += 1;
      if (kind === 'back-off' || kind === 'halt') {
        against ??= said;
        back.push(delivery);
      }
      conclude(judgement, delivery, said, batch);
    }
    if (count.delivered > 0) {
      pace.delivered(count.delivered, parts.now() - batch.begunAt);
      allowance?.used(count.delivered);
    }
    if (shared) groupLimit = nextGroupLimit(groupLimit, deliveries.length, count.fewer);
    const doubtful = !against && count.delivered === 0 ? answers.find(castsDoubt) : undefined;
    if (doubtful) doubt(batch, doubtful);
    else if (back.length < deliveries.length || (against && takesPart(against))) {
      doubts.dispel();
      gate.passed();
    }
    if (against) {
      steer(reading.judge(against.stage, against.answer, shared), against);
      parts.release(back, against.answer);
    }
    if (count.fewer + count.alone > 0) parts.again();
  }

  function castsDoubt({ stage, answer }: RecipientAnswer): boolean {
    return reading.doubts(stage, answer);
  }

  function over(batch: Batch): void {
    underWay -= 1;
    recipientsUnderWay -= batch.recipients.length;
  }

  /** Who refuses our login takes part, too: another login may do. */
  function takesPart({ stage, answer }: RecipientAnswer): boolean {
    return reading.judge(stage, answer, false).kind === 'halt';
  }

  return {
    get underWay() {
      return underWay;
    },
    get ahead() {
      return ahead.size;
    },
    next,
    signAhead,
    unmakeable,
    settled,
    reshape(transaction, form) {
      over(transaction as Batch);
      parts.reshape((transaction as Batch).portion.deliveries, form);
    },
    returned(transaction) {
      const { portion } = transaction as Batch;
      over(transaction as Batch);
      if (gate.state === 'shut') parts.release(portion.deliveries, gate.why);
      else {
        ready.add(portion);
        parts.again();
      }
    },
    trouble,
    roomAgain: parts.again,
    ended(stage, answer) {
      if (reading.throttles(stage, answer)) trouble('connect', answer);
    },
    drain: () => ahead.drain().flatMap(({ deliveries }) => deliveries),
  };
}

/** What the server took is what it gets next time; each transaction that it takes whole lets the groups grow again. */
function nextGroupLimit(limit: number, tried: number, refused: number): number {
  return refused > 0 ? Math.max(1, tried - refused) : Math.min(limit + 1, mostRecipients);
}
