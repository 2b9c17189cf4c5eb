import { performance } from 'node:perf_hooks';

/**
 * Watches how long the event loop is held up, from now until asked. Counts what is long by the clock *and* by the processor's time of
 * this process, so that a machine busy with something else does not look like a fault of ours.
 */
export function watchLoop(): () => number {
  const tick = 5;
  let longest = 0;
  let wall = performance.now();
  let cpu = process.cpuUsage();
  const look = () => {
    const used = process.cpuUsage(cpu);
    const late = Math.min(performance.now() - wall, (used.user + used.system) / 1000) - tick;
    longest = Math.max(longest, late);
    wall = performance.now();
    cpu = process.cpuUsage();
  };
  const timer = setInterval(look, tick);
  return () => {
    look();
    clearInterval(timer);
    return longest;
  };
}
