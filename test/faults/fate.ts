import { createRandom } from './random.ts';

/** Moments that come by the hundred, and how many of them pass at most between two strikes. */
const moments = { copy: 250, sent: 15, accepted: 15 } as const;
type Moment = keyof typeof moments;

/** Strikes at moments chosen at random: in the middle of one, before anybody has heard of it. */
export interface Fate {
  /** To be told of each moment as it comes. */
  comes(moment: Moment): undefined;
  /** Strikes to come. */
  readonly left: number;
}

/** `strike`: false when it could not, and another moment must be found. */
export function createFate(options: { seed: number; kills: number; strike(): boolean }): Fate {
  const random = createRandom(options.seed);
  let left = options.kills;
  let next = choose(random);
  return {
    comes(moment) {
      if (left === 0 || moment !== next.moment) return;
      next.after -= 1;
      if (next.after > 0) return;
      next = choose(random);
      if (options.strike()) left -= 1;
    },
    get left() {
      return left;
    },
  };
}

function choose(random: () => number): { moment: Moment; after: number } {
  const names = Object.keys(moments) as Moment[];
  const moment = names[Math.floor(random() * names.length)] ?? 'copy';
  return { moment, after: 1 + Math.floor(random() * moments[moment]) };
}
