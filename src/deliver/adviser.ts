import type { Log } from '../domain/log.ts';
import { describeAnswer, type Reading } from '../domain/outcome.ts';
import type { RecipientAnswer } from './transaction.ts';

/** Tells the operator what to mend where a next hop's answer shows that something is set up wrong; each hour once, not for each mail. */
export interface Adviser {
  look(answers: readonly RecipientAnswer[]): void;
}

const hour = 3_600_000;

export function createAdviser(parts: {
  readonly reading: Pick<Reading, 'advice'>;
  readonly log: Log;
  now(): number;
}): Adviser {
  let toldAt = Number.NEGATIVE_INFINITY;
  return {
    look(answers) {
      for (const { stage, answer } of answers) {
        const advice = parts.reading.advice(stage, answer);
        if (advice === undefined) continue;
        if (parts.now() < toldAt + hour) return;
        toldAt = parts.now();
        parts.log.error({ answer: describeAnswer(answer) }, advice);
        return;
      }
    },
  };
}
