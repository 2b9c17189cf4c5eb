import { type Answer, couldNotBeMade } from '../domain/outcome.ts';
import { nextAttempt, type RetrySchedule } from '../domain/retry.ts';
import type { ClaimedDelivery } from '../store/claims.ts';
import type { Settlement } from '../store/settle.ts';

/** What is written down of an attempt: for good, or when the next one is. */
export interface Settlements {
  sent(delivery: ClaimedDelivery, answer: Answer): Settlement;
  failed(delivery: ClaimedDelivery, answer: Answer): Settlement;
  /** By the schedule, until it is to be given up. */
  later(delivery: ClaimedDelivery, answer: Answer, giveUpAt: number): Settlement;
  /** The whole message went out and no answer came. Once more, not for ever: a copy may have arrived each time. */
  unanswered(delivery: ClaimedDelivery, answer: Answer, giveUpAt: number): Settlement;
  /** A copy that cannot be made: counts as an attempt, and after three it fails, for the cause may be ours, and repaired meanwhile. */
  unmade(delivery: ClaimedDelivery, error: unknown): Settlement & { readonly reply: string };
}

const mostAttemptsToMake = 3;

export function createSettlements(world: {
  readonly retry: RetrySchedule;
  now(): number;
  random(): number;
}): Settlements {
  function again(delivery: ClaimedDelivery, answer: Answer, giveUpAt: number, unanswered: boolean) {
    const nextAt = nextAttempt({
      schedule: world.retry,
      attempts: delivery.attempts + 1,
      now: world.now(),
      giveUpAt,
      random: world.random(),
    });
    const said = { id: delivery.id, ...codeAndReply(answer) };
    return nextAt === undefined
      ? ({ kind: 'failed', ...said } as const)
      : ({ kind: 'deferred', ...said, nextAt, unanswered } as const);
  }

  function failed({ id }: ClaimedDelivery, answer: Answer) {
    return { kind: 'failed', id, ...codeAndReply(answer) } as const;
  }

  return {
    sent: ({ id }, answer) => ({ kind: 'sent', id, ...sentReply(answer) }),
    failed,
    later: (delivery, answer, giveUpAt) => again(delivery, answer, giveUpAt, false),
    unanswered: (delivery, answer, giveUpAt) =>
      delivery.unanswered > 0 ? failed(delivery, answer) : again(delivery, answer, giveUpAt, true),
    unmade(delivery, error) {
      const why = `${couldNotBeMade}: ${error instanceof Error ? error.message : String(error)}`;
      const answer: Answer = { kind: 'lost', why };
      return delivery.attempts + 1 >= mostAttemptsToMake
        ? failed(delivery, answer)
        : again(delivery, answer, Number.POSITIVE_INFINITY, false);
    },
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
