/**
 * For what happens often and is worth a line of the log now and then. Given each event's time, in epoch milliseconds, says how many there were since
 * the last line where one is due, at most once in `ms`; else undefined. A clock that was put back must not silence it until it has caught up.
 */
export function countSeldom(ms: number): (now: number) => number | undefined {
  let toldAt = Number.NEGATIVE_INFINITY;
  let count = 0;
  return (now) => {
    count += 1;
    if (now >= toldAt && now < toldAt + ms) return undefined;
    const told = count;
    toldAt = now;
    count = 0;
    return told;
  };
}
