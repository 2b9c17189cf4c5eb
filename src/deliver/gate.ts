import type { Log } from '../domain/log.ts';
import { type Answer, describeAnswer } from '../domain/outcome.ts';

/**
 * Whether the destination takes mail. After it took nothing the gate is shut for a while, then one transaction goes through to
 * try; when that is answered the gate is open again. Rows that wait meanwhile count no attempt.
 */
export interface Gate {
  readonly state: 'open' | 'shut' | 'trying';
  /** While it is shut: when it is tried again; since when it has taken nothing. Epoch milliseconds. */
  readonly opensAt: number;
  readonly since: number;
  /** What was said when it was shut last. */
  readonly why: Answer;
  /** `wait`: for how many milliseconds, where it is not for the usual time. */
  shut(answer: Answer, wait?: () => number): void;
  /** The destination has taken part in a transaction, whatever its answer. */
  passed(): void;
  /** Whoever repaired something need not wait: a gate that is shut may be tried at once. */
  tryNow(): void;
  close(): void;
}

export interface GateParts {
  readonly destination: string;
  readonly log: Log;
  /** Milliseconds to wait after so many failures in a row, from 1, of which this answer is the last. */
  pause(failures: number, answer: Answer): number;
  now(): number;
  /** The pause is over: one transaction may try. */
  tryAgain(): void;
  opened(): void;
}

/** What a timer can wait; before that somebody has looked anyway. */
const longestTimer = 2 ** 31 - 1;

export function createGate({ destination, log, pause, now, tryAgain, opened }: GateParts): Gate {
  let state: Gate['state'] = 'open';
  let closed = false;
  let failures = 0;
  let opensAt = 0;
  let since = 0;
  let why: Answer = { kind: 'lost', why: 'not tried yet' };
  let timer: NodeJS.Timeout | undefined;

  /** The clock that rows become due by may run ahead of timers. */
  function current(): Gate['state'] {
    return state === 'shut' && !closed && now() >= opensAt ? 'trying' : state;
  }

  function begin(): void {
    clearTimeout(timer);
    state = 'trying';
    tryAgain();
  }

  return {
    get state() {
      return current();
    },
    get opensAt() {
      return opensAt;
    },
    get why() {
      return why;
    },
    get since() {
      return since;
    },
    shut(answer, wait) {
      if (current() === 'shut') return;
      state = 'shut';
      why = answer;
      if (failures === 0) since = now();
      failures += 1;
      const retryInMs = wait?.() ?? pause(failures, answer);
      opensAt = now() + retryInMs;
      log.warn(
        {
          destination,
          answer: describeAnswer(answer),
          failures,
          triedAgainAt: new Date(opensAt).toISOString(),
        },
        'The next hop takes no mail just now; what is for it waits.',
      );
      clearTimeout(timer);
      timer = setTimeout(begin, Math.min(retryInMs, longestTimer)).unref();
    },
    passed() {
      if (current() !== 'trying') return;
      clearTimeout(timer);
      state = 'open';
      log.info({ destination, failures }, 'The next hop takes mail again.');
      failures = 0;
      opened();
    },
    tryNow() {
      if (current() === 'shut' && !closed) begin();
    },
    close() {
      clearTimeout(timer);
      closed = true;
      state = 'shut';
    },
  };
}
