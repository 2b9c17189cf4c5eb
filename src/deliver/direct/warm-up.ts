import type { Log } from '../../domain/log.ts';
import { type Answer, withheld } from '../../domain/outcome.ts';
import { dayOf, nextDay, warmUpAllowance } from '../../domain/warm-up.ts';
import { addToDay, sentOnDay } from '../../store/destination-days.ts';
import type { Store } from '../../store/store.ts';
import type { Allowance } from '../allowance.ts';

/** Counts what each destination gets while our address is new. */
export interface WarmUp {
  allowanceOf(destination: string): Allowance;
  /** Writes down what was counted last. */
  close(): Promise<void>;
}

export interface WarmUpParts {
  readonly store: Store;
  /** The first day, epoch milliseconds at its beginning in UTC. */
  readonly start: number;
  readonly log: Log;
  now(): number;
}

/** Counts are written together, this long after the first of them, in milliseconds: a crash forgets no more. */
const writeAfter = 2_000;

/** Reads what was sent today; resolves when it is known. */
export async function startWarmUp({ store, start, log, now }: WarmUpParts): Promise<WarmUp> {
  let day = dayOf(now());
  let sent = new Map(await store.read((db) => sentOnDay(db, day)));
  let unwritten = new Map<string, number>();
  let timer: NodeJS.Timeout | undefined;

  /** Counts of a day that is over are nobody's limit any more. */
  function today(): Map<string, number> {
    if (day !== dayOf(now())) {
      day = dayOf(now());
      sent = new Map();
      unwritten = new Map();
    }
    return sent;
  }

  async function write(): Promise<void> {
    clearTimeout(timer);
    timer = undefined;
    const counts = unwritten;
    const of = day;
    unwritten = new Map();
    try {
      await store.write((tx) => addToDay(tx, of, counts), { durable: false });
    } catch (error) {
      for (const [destination, count] of counts) add(unwritten, destination, count);
      log.error({ err: error }, 'What was sent today could not be written down.');
    }
  }

  return {
    allowanceOf(destination) {
      const allowed = () => warmUpAllowance(start, now()) ?? Number.POSITIVE_INFINITY;
      return {
        get left() {
          return allowed() - (today().get(destination) ?? 0);
        },
        get renewedAt() {
          return nextDay(now());
        },
        get whyNot(): Answer {
          return {
            kind: 'lost',
            why: `${withheld.warmUp} ${destination} gets ${allowed()} mails today, and has had them`,
          };
        },
        used(recipients) {
          add(today(), destination, recipients);
          add(unwritten, destination, recipients);
          timer ??= setTimeout(() => void write(), writeAfter).unref();
        },
      };
    },
    close: write,
  };
}

function add(counts: Map<string, number>, name: string, count: number): void {
  counts.set(name, (counts.get(name) ?? 0) + count);
}
