import type { Log } from '../domain/log.ts';
import { type Answer, describeAnswer } from '../domain/outcome.ts';
import { backOffPause } from '../domain/retry.ts';

/**
 * Whether the destination takes mail. After it took nothing the gate is shut for a while, then one transaction goes through to
 * try; when that is answered the gate is open again. Rows that wait meanwhile count no attempt.
 */
export interface Gate {
  readonly state: 'open' | 'shut' | 'trying';
  shut(answer: Answer): void;
  /** The destination has taken part in a transaction, whatever its answer. */
  passed(): void;
  close(): void;
}

export interface GateParts {
  readonly destination: string;
  readonly log: Log;
  random(): number;
  /** The pause is over: one transaction may try. */
  tryAgain(): void;
  opened(): void;
}

export function createGate({ destination, log, random, tryAgain, opened }: GateParts): Gate {
  let state: Gate['state'] = 'open';
  let failures = 0;
  let timer: NodeJS.Timeout | undefined;
  return {
    get state() {
      return state;
    },
    shut(answer) {
      if (state === 'shut') return;
      state = 'shut';
      failures += 1;
      const refused = answer.kind === 'reply' && answer.reply.code === 554;
      const pause = backOffPause(failures, refused, random());
      log.warn(
        { destination, answer: describeAnswer(answer), failures, retryInMs: pause },
        'The next hop takes no mail just now; the queue waits.',
      );
      timer = setTimeout(() => {
        state = 'trying';
        tryAgain();
      }, pause).unref();
    },
    passed() {
      if (state !== 'trying') return;
      state = 'open';
      log.info({ destination, failures }, 'The next hop takes mail again.');
      failures = 0;
      opened();
    },
    close() {
      clearTimeout(timer);
      state = 'shut';
    },
  };
}
