/**
 * Runs transactions side by side until one loses a race; then the losers run again one after another, and newcomers wait behind
 * them. Losers that all started again at once would mostly lose again.
 */
export interface RetryLine {
  /** Throws what `attempt` threw when it is not a lost race, or when it has lost `attempts` times. */
  run<T>(attempt: () => Promise<T>): Promise<T>;
}

/**
 * Within one process the second attempt wins; the others are against other nodes. One that is busy with the same row starts its next
 * transaction as the last one ends, and keeps in step with us: so we wait a millisecond longer each time, 0.8 s in all, until its
 * burst is over.
 */
const attempts = 40;

export function createRetryLine(isLostRace: (error: unknown) => boolean): RetryLine {
  let line: Promise<unknown> | undefined;

  async function again<T>(attempt: () => Promise<T>, left: number): Promise<T> {
    try {
      return await attempt();
    } catch (error) {
      if (left <= 1 || !isLostRace(error)) throw error;
      await new Promise((resolve) => setTimeout(resolve, attempts - left));
      return again(attempt, left - 1);
    }
  }

  /** Settles as `task` does; whoever comes later waits for it either way. */
  function queueUp<T>(task: () => Promise<T>): Promise<T> {
    const turn = (line ?? Promise.resolve()).then(task);
    const settled = turn.then(noop, noop).then(() => {
      if (line === settled) line = undefined;
    });
    line = settled;
    return turn;
  }

  return {
    async run(attempt) {
      while (line) await line;
      try {
        return await attempt();
      } catch (error) {
        if (!isLostRace(error)) throw error;
        return queueUp(() => again(attempt, attempts - 1));
      }
    },
  };
}

function noop(): void {}
