/** Node options for a server whose clock is ahead by so many milliseconds, and jumps by `jump` at each SIGUSR2. */
export function wrongClock({ ahead = 0, jump = 0 }): readonly string[] {
  return preload(`
    const right = Date.now;
    let wrong = ${ahead};
    Date.now = () => right() + wrong;
    process.on('SIGUSR2', () => { wrong += ${jump}; });`);
}

/**
 * Node options for a server that says at each SIGUSR2 for how long its event loop was held up at most since the last one: a line of
 * the log, "loop", with `worst` in milliseconds. The time in which the machine gave it no processor is not its fault, and taken off.
 */
export function watchedLoop(): readonly string[] {
  return preload(`
    import { readFileSync } from 'node:fs';
    const waited = () => Number(readFileSync('/proc/self/schedstat', 'utf8').split(' ')[1]) / 1e6;
    const every = 10;
    let worst = 0;
    let last = performance.now();
    let wait = waited();
    setInterval(() => {
      const [now, waits] = [performance.now(), waited()];
      worst = Math.max(worst, now - last - every - (waits - wait));
      [last, wait] = [now, waits];
    }, every).unref();
    process.on('SIGUSR2', () => {
      console.log(JSON.stringify({ level: 30, msg: 'loop', worst }));
      worst = 0;
    });`);
}

function preload(module: string): readonly string[] {
  return ['--import', `data:text/javascript,${encodeURIComponent(module)}`];
}
