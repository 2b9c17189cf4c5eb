/** Tells a flood of commits from single ones, so that what can wait lets the flood pass first. */
export interface FloodGauge {
  /** Something was committed. */
  count(): void;
  isFlood(): boolean;
}

/** Commits are counted over this long, in milliseconds … */
const windowMs = 200;
/** … and so many of them are a flood: 200 a second, at which reading along would cost the accepting of mail a tenth. */
const floodAt = 40;

export function createFloodGauge(now: () => number): FloodGauge {
  let begun = now();
  let count = 0;
  let before = 0;

  /** A clock that was set back must not make one window last for ever. */
  function turn(): void {
    const age = now() - begun;
    if (age >= 0 && age < windowMs) return;
    before = age >= 0 && age < 2 * windowMs ? count : 0;
    count = 0;
    begun = now();
  }

  return {
    count() {
      turn();
      count += 1;
    },
    isFlood() {
      turn();
      return count + before >= floodAt;
    },
  };
}
