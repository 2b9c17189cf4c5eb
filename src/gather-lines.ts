/** A line of the log waits this long for others, in milliseconds. */
const gatherMs = 10;

interface Destination {
  write(text: string): unknown;
  flushSync(): void;
}

/** Each mail has a line: several are written at once. At the end of the program the rest is. */
export function gatherLines(destination: Destination): { write(line: string): void } {
  let lines = '';
  let waiting = false;

  function pass(): void {
    waiting = false;
    destination.write(lines);
    lines = '';
  }

  process.once('exit', () => {
    if (waiting) pass();
    destination.flushSync();
  });
  return {
    write(line) {
      lines += line;
      if (!waiting) setTimeout(pass, gatherMs);
      waiting = true;
    },
  };
}
