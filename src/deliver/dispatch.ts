import type { Log } from '../domain/log.ts';
import {
  type Answer,
  couldNotBeMade,
  describeAnswer,
  type Judge,
  type Judgement,
  type Stage,
} from '../domain/outcome.ts';
import { nextAttempt, type RetrySchedule } from '../domain/retry.ts';
import type { CopyForm } from '../rewrite/plain-copy.ts';
import type { ClaimedDelivery } from '../store/claims.ts';
import type { Settlement } from '../store/settle.ts';
import type { Gate } from './gate.ts';
import type { Portion, Ready } from './ready.ts';
import { headOf } from './signed-heads.ts';
import type { RecipientAnswer, Transaction } from './transaction.ts';
import type { TransportWork } from './transport.ts';

/** Makes transactions of what is ready, and settlements of what the transport answers. */
export interface Dispatch extends TransportWork {
  /** Transactions given out and not yet answered. */
  readonly underWay: number;
  /** A copy that cannot be made: counts as an attempt, and after three it fails. */
  unmakeable(delivery: ClaimedDelivery, error: unknown): void;
}

export interface DispatchParts {
  readonly ready: Ready;
  readonly gate: Gate;
  readonly judge: Judge;
  readonly retry: RetrySchedule;
  readonly log: Log;
  now(): number;
  random(): number;
  settle(settlement: Settlement): void;
  /** Back into the queue, with the reason, and without counting an attempt. */
  release(deliveries: readonly ClaimedDelivery[], reason: string): void;
  /** Only an operator can help: the queue pauses. */
  halt(reason: string): void;
  /** The destination takes nothing now: nothing that is ready can go. */
  backOff(answer: Answer): void;
  /** Their copies are to be made in that form. */
  reshape(deliveries: readonly ClaimedDelivery[], form: CopyForm): void;
  /** Something is ready again. */
  again(): void;
}

/** RFC 5321 §4.5.3.1.8: every server takes at least 100 recipients. */
const mostRecipients = 100;
/** Attempts that a copy that cannot be made gets: the cause may be ours, and repaired meanwhile. */
const mostAttemptsToMake = 3;
/** The last attempt is made at the time to give up; one that is late by more than this is not made. */
const lateness = 3_600_000;

/** A little more than the wait for the answer to the dot, in milliseconds. */
const longestAnswer = 12 * 60_000;

interface Batch extends Transaction {
  readonly portion: Portion;
}

export function createDispatch(parts: DispatchParts): Dispatch {
  const { ready, gate, judge } = parts;
  let underWay = 0;
  let groupLimit = mostRecipients;

  function next(): Batch | undefined {
    if (gate.state === 'shut' || (gate.state === 'trying' && underWay > 0)) return undefined;
    for (let portion = ready.take(groupLimit); portion; portion = ready.take(groupLimit)) {
      const batch = make(portion);
      if (!batch) continue;
      underWay += 1;
      return batch;
    }
    return undefined;
  }

  function make(portion: Portion): Batch | undefined {
    const { copies } = portion;
    const now = parts.now();
    // A lease that may end while the next hop is answering: whoever finds it expired takes them.
    if (portion.deliveries.some(({ leaseUntil }) => leaseUntil < now + longestAnswer)) return undefined;
    const deliveries = now > copies.giveUpAt + lateness ? askedForAgain(portion) : portion.deliveries;
    if (deliveries.length === 0) return undefined;
    try {
      return transactionOf({ ...portion, deliveries });
    } catch (error) {
      for (const delivery of deliveries) unmakeable(delivery, error);
      return undefined;
    }
  }

  /** Long after the time to give up: the others fail. */
  function askedForAgain({ copies, deliveries }: Portion): readonly ClaimedDelivery[] {
    const again = deliveries.filter(({ dueAt }) => dueAt > copies.giveUpAt);
    for (const delivery of deliveries) {
      if (again.includes(delivery)) continue;
      const reply = 'Given up: it could not be sent in time.';
      parts.settle({ kind: 'failed', id: delivery.id, code: null, reply });
    }
    return again;
  }

  function unmakeable(delivery: ClaimedDelivery, error: unknown): void {
    const why = `${couldNotBeMade}: ${error instanceof Error ? error.message : String(error)}`;
    parts.log.error({ err: error, delivery: delivery.id, mailing: delivery.mailingId }, why);
    if (delivery.attempts + 1 >= mostAttemptsToMake)
      parts.settle({ kind: 'failed', id: delivery.id, code: null, reply: why });
    else parts.settle(later(delivery, Number.POSITIVE_INFINITY, { kind: 'lost', why }, false));
  }

  function later(
    delivery: ClaimedDelivery,
    giveUpAt: number,
    answer: Answer,
    unanswered: boolean,
  ): Settlement {
    const nextAt = nextAttempt({
      schedule: parts.retry,
      attempts: delivery.attempts + 1,
      now: parts.now(),
      giveUpAt,
      random: parts.random(),
    });
    const said = { id: delivery.id, ...codeAndReply(answer) };
    return nextAt === undefined
      ? { kind: 'failed', ...said }
      : { kind: 'deferred', ...said, nextAt, unanswered };
  }

  function conclude(judgement: Judgement, delivery: ClaimedDelivery, said: RecipientAnswer, batch: Batch) {
    const { copies } = batch.portion;
    const { answer } = said;
    switch (judgement.kind) {
      case 'delivered':
        return parts.settle({ kind: 'sent', id: delivery.id, ...sentReply(answer) });
      case 'failed':
        return parts.settle({ kind: 'failed', id: delivery.id, ...codeAndReply(answer) });
      case 'retry':
        return parts.settle(later(delivery, copies.giveUpAt, answer, false));
      case 'unanswered':
        // Once more, not for ever: a copy may have arrived each time.
        if (delivery.unanswered > 0)
          return parts.settle({ kind: 'failed', id: delivery.id, ...codeAndReply(answer) });
        return parts.settle(later(delivery, copies.giveUpAt, answer, true));
      case 'fewer':
      case 'alone':
        ready.add({ copies, deliveries: [delivery], alone: judgement.kind === 'alone' });
        return;
      case 'back-off':
      case 'halt':
        return parts.release([delivery], describeAnswer(answer));
    }
  }

  /** What an answer says about the destination itself. */
  function steer(judgement: Judgement, answer: Answer): void {
    if (judgement.kind === 'halt') parts.halt(describeAnswer(answer));
    else if (judgement.kind === 'back-off') {
      gate.shut(answer);
      parts.backOff(answer);
    }
  }

  return {
    get underWay() {
      return underWay;
    },
    next,
    unmakeable,
    settled(transaction, answers) {
      const batch = transaction as Batch;
      const { deliveries } = batch.portion;
      const shared = deliveries.length > 1;
      let fewer = 0;
      let takesPart = false;
      let again = false;
      let against: RecipientAnswer | undefined;
      underWay -= 1;
      for (const [index, delivery] of deliveries.entries()) {
        const said = answers[index];
        if (!said) continue;
        const judgement = judge(said.stage, said.answer, shared);
        if (judgement.kind === 'fewer') fewer += 1;
        if (judgement.kind === 'back-off' || judgement.kind === 'halt') against ??= said;
        takesPart ||= judgement.kind !== 'back-off';
        again ||= judgement.kind === 'fewer' || judgement.kind === 'alone';
        conclude(judgement, delivery, said, batch);
      }
      if (shared) groupLimit = nextGroupLimit(groupLimit, deliveries.length, fewer);
      if (takesPart) gate.passed();
      if (against) steer(judge(against.stage, against.answer, shared), against.answer);
      if (again) parts.again();
    },
    reshape(transaction, form) {
      underWay -= 1;
      parts.reshape((transaction as Batch).portion.deliveries, form);
    },
    returned(transaction) {
      const { portion } = transaction as Batch;
      underWay -= 1;
      if (gate.state === 'shut') parts.release(portion.deliveries, 'not tried yet');
      else {
        ready.add(portion);
        parts.again();
      }
    },
    trouble(stage: Stage, answer: Answer) {
      const judgement = judge(stage, answer, false);
      steer(judgement.kind === 'halt' ? judgement : { kind: 'back-off' }, answer);
    },
  };
}

/** What the server took is what it gets next time; each transaction that it takes whole lets the groups grow again. */
function nextGroupLimit(limit: number, tried: number, refused: number): number {
  return refused > 0 ? Math.max(1, tried - refused) : Math.min(limit + 1, mostRecipients);
}

function transactionOf(portion: Portion): Batch {
  const { copies, deliveries } = portion;
  const [first] = deliveries;
  if (!first) throw new Error('a transaction without recipients');
  const several = deliveries.length > 1;
  return {
    portion,
    returnPath: copies.returnPath(first.id, several),
    recipients: several ? deliveries.map((delivery) => delivery.recipient) : [first.recipient],
    personalHead: several ? '' : headOf(copies, first),
    message: copies.message,
    form: copies.form,
  };
}

function codeAndReply(answer: Answer): { code: number | null; reply: string } {
  return answer.kind === 'reply'
    ? { code: answer.reply.code, reply: answer.reply.text }
    : { code: null, reply: answer.why };
}

function sentReply(answer: Answer): { code: number; reply: string } {
  return answer.kind === 'reply'
    ? { code: answer.reply.code, reply: answer.reply.text }
    : { code: 250, reply: '' };
}
