import { readFileSync } from 'node:fs';

/** Megabytes that this process alone is to blame for: shared pages are divided among those who share them (PSS). */
export function memoryOf(pid: number): number {
  const kilobytes = /^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1];
  return Number(kilobytes) / 1024;
}

/** Looks every 50 ms until it is stopped, and tells the most it saw. */
export function watchMemory(pid: number): { stop(): number } {
  let most = memoryOf(pid);
  const timer = setInterval(() => {
    most = Math.max(most, memoryOf(pid));
  }, 50);
  return {
    stop() {
      clearInterval(timer);
      return Math.max(most, memoryOf(pid));
    },
  };
}
