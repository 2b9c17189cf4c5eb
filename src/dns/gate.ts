/** Lets so many in at once; some wait, the rest is turned away. */
export interface Gate {
  /** How to leave again, or undefined: too many wait already. */
  enter(): Promise<(() => void) | undefined>;
}

export function createGate(most: number, mostWaiting: number): Gate {
  const waiting: (() => void)[] = [];
  let inside = 0;
  const leave = () => {
    const next = waiting.shift();
    if (next) next();
    else inside -= 1;
  };
  return {
    async enter() {
      if (inside < most) inside += 1;
      else if (waiting.length >= mostWaiting) return undefined;
      else await new Promise<void>((resolve) => waiting.push(resolve));
      return leave;
    },
  };
}
