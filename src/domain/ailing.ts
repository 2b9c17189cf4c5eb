import { type FailureClass, mayRecover, pointsOf } from './failure-class.ts';

/**
 * An address whose mail fails, and what is done about it (email.md §6.4). Scores are in hundredths of a point, times in epoch
 * milliseconds. Pure: the store keeps it, src/operations/bounces/ acts on it.
 */
export interface Ailing {
  readonly email: string;
  readonly domain: string;
  readonly score: number;
  /** The day (UTC) something was counted last, `2026-11-21`, and how much of it: one event a day counts, the gravest. */
  readonly countedOn: string;
  readonly counted: number;
  readonly firstAt: number;
  readonly lastAt: number;
  readonly lastClass: FailureClass;
  readonly lastSaid: string;
  readonly suspendedAt: number | null;
  /** Probes since then, and the time of the last one. */
  readonly probes: number;
  readonly probedAt: number | null;
  /** When something is due to be done; null: nothing is. */
  readonly nextAt: number | null;
  readonly removedAt: number | null;
}

/** From here on nothing but probes goes to the address. */
export const suspendingScore = 300;

const day = 86_400_000;
/** Each probe after so many days since the one before: on days 0, 3, 7 and 14. */
const probeGaps = [0, 3 * day, 4 * day, 7 * day] as const;
/** After the last probe: on day 21. */
const removalGap = 7 * day;
/** A probe that has not come back by then has arrived. */
const arrivedAfter = 3 * day;

export interface CountedFailure {
  readonly email: string;
  readonly class: FailureClass;
  readonly said: string;
  readonly at: number;
  /** Hundredths; less than its class is worth where that is not certain. */
  readonly points: number;
}

/** What is known of the address after one more failure, and what that added to its score. */
export function countFailure(
  before: Ailing | undefined,
  { email, class: failureClass, said, at, points }: CountedFailure,
): { readonly ailing: Ailing; readonly added: number } {
  const today = dayOf(at);
  const counted = before?.countedOn === today ? before.counted : 0;
  const added = Math.max(0, points - counted);
  const score = (before?.score ?? 0) + added;
  const ailing: Ailing = {
    ...(before ?? {
      firstAt: at,
      suspendedAt: null,
      probes: 0,
      probedAt: null,
      nextAt: null,
      removedAt: null,
    }),
    email,
    domain: email.slice(email.lastIndexOf('@') + 1),
    score,
    countedOn: today,
    counted: counted + added,
    lastAt: at,
    lastClass: failureClass,
    lastSaid: said,
  };
  return { ailing: score >= suspendingScore && isWatched(ailing) ? dueNow(ailing, at) : ailing, added };
}

/** The welcome that comes back: no need to wait for three more (email.md §6.4). */
export function failAtOnce(ailing: Ailing, at: number): Ailing {
  return isWatched(ailing)
    ? dueNow({ ...ailing, score: Math.max(ailing.score, suspendingScore) }, at)
    : ailing;
}

function isWatched({ suspendedAt, removedAt, nextAt }: Ailing): boolean {
  return suspendedAt === null && removedAt === null && nextAt === null;
}

function dueNow(ailing: Ailing, at: number): Ailing {
  return { ...ailing, nextAt: at };
}

/** What is to be done about it now. */
export type Step = 'suspend' | 'probe' | 'resume' | 'remove' | 'wait';

export function nextStep(ailing: Ailing, now: number): Step {
  const { suspendedAt, score, probes, removedAt } = ailing;
  if (removedAt !== null) return 'wait';
  if (suspendedAt === null) return score >= suspendingScore ? 'suspend' : 'wait';
  if (hasArrived(ailing, now)) return 'resume';
  if (now < nextDue(ailing)) return 'wait';
  return probes < probeGaps.length ? 'probe' : 'remove';
}

/** When to look at a suspended address again. */
export function lookAgainAt(ailing: Ailing): number {
  const due = nextDue(ailing);
  return mayRecover(ailing.lastClass) && ailing.probedAt !== null && ailing.lastAt <= ailing.probedAt
    ? Math.min(due, ailing.probedAt + arrivedAfter)
    : due;
}

/**
 * When the address leaves its lists if nobody answers and all goes by the day: the one figure that mails and lists tell. Null where it is not
 * suspended, or has left.
 */
export function leavesAt({ suspendedAt, probedAt, probes, removedAt }: Ailing): number | null {
  if (suspendedAt === null || removedAt !== null) return null;
  const gaps = probeGaps.slice(probes).reduce((sum, gap) => sum + gap, removalGap);
  return (probedAt ?? suspendedAt) + gaps;
}

/** Counted from the last probe, so that a server that was down for weeks does not send them all at once. */
function nextDue({ probes, probedAt, suspendedAt }: Ailing): number {
  return (probedAt ?? suspendedAt ?? 0) + (probeGaps[probes] ?? removalGap);
}

function hasArrived({ lastClass, lastAt, probedAt }: Ailing, now: number): boolean {
  return probedAt !== null && mayRecover(lastClass) && lastAt <= probedAt && now >= probedAt + arrivedAfter;
}

/** Hundredths that a failure of that class is worth; `certain`: nobody else can have written what tells of it. */
export function worthOf(failureClass: FailureClass, certain: boolean): number {
  return certain ? pointsOf[failureClass] : Math.min(pointsOf[failureClass], pointsOf.unknown);
}

/** `2026-11-21`, UTC. */
export function dayOf(time: number): string {
  return new Date(time).toISOString().slice(0, 10);
}

export const probesInAll: number = probeGaps.length;
