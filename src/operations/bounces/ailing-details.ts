import { type Ailing, leavesAt, nextStep, type Step } from '../../domain/ailing.ts';
import type { FailureClass } from '../../domain/failure-class.ts';

/** An address whose mail fails, as doors show it; the keys are promised to scripts. */
export interface AilingDetails {
  readonly email: string;
  /** `watched`: it gets its posts. `removed`: it is off its lists, but for those it looks after. */
  readonly state: 'watched' | 'suspended' | 'removed';
  /** What its failures count together; from 3 on it is suspended. */
  readonly points: number;
  readonly class: FailureClass;
  /** What the server said last. */
  readonly said: string;
  /** ISO 8601, UTC, as the others. */
  readonly firstAt: string;
  readonly lastAt: string;
  readonly suspendedAt: string | null;
  readonly probes: number;
  /** What is done next by itself; null: nothing is due. */
  readonly next: { readonly step: Exclude<Step, 'wait'>; readonly at: string } | null;
  /** When it leaves its lists, if nobody answers; null: it does not, because it gets its posts, has left, or only looks after lists. */
  readonly leavesAt: string | null;
}

/** `removable`: it is a plain member of some list; who looks after one stays. */
export function describeAiling(ailing: Ailing, removable: boolean): AilingDetails {
  const { suspendedAt, removedAt } = ailing;
  const leaves = removable ? leavesAt(ailing) : null;
  return {
    email: ailing.email,
    state: stateOf(ailing),
    points: ailing.score / 100,
    class: ailing.lastClass,
    said: ailing.lastSaid,
    firstAt: isoTime(ailing.firstAt),
    lastAt: isoTime(removedAt ?? ailing.lastAt),
    suspendedAt: suspendedAt === null ? null : isoTime(suspendedAt),
    probes: ailing.probes,
    next: nextOf(ailing),
    leavesAt: leaves === null ? null : isoTime(leaves),
  };
}

function stateOf({ removedAt, suspendedAt }: Ailing): AilingDetails['state'] {
  if (removedAt !== null) return 'removed';
  return suspendedAt === null ? 'watched' : 'suspended';
}

function nextOf(ailing: Ailing): AilingDetails['next'] {
  if (ailing.nextAt === null) return null;
  const step = nextStep(ailing, ailing.nextAt);
  return step === 'wait' ? null : { step, at: isoTime(ailing.nextAt) };
}

function isoTime(ms: number): string {
  return new Date(ms).toISOString();
}
