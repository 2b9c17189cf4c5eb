import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

/** Processor time of this process so far, in clock ticks of 10 ms. */
function ticksOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  const [userTicks, systemTicks] = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .slice(11, 13);
  return Number(userTicks) + Number(systemTicks);
}

/** Resolves when the process has done next to nothing for half a second: what it put off must not be paid by whoever is measured next. */
export async function untilQuiet(pid: number): Promise<void> {
  for (let before = Number.NEGATIVE_INFINITY, now = ticksOf(pid); now - before > 2; now = ticksOf(pid)) {
    before = now;
    await delay(500);
  }
}
