/** How much a new address on the Internet may send to one destination on each of its first days (email.md §7.4). */
const allowances = [200, 500, 1_000, 2_000, 5_000, 10_000, 20_000, 40_000];
const day = 86_400_000;

/** `start` and `now` in epoch milliseconds; undefined after the last day, and before the first: no limit. */
export function warmUpAllowance(start: number, now: number): number | undefined {
  return now < start ? undefined : allowances[Math.floor((now - start) / day)];
}

/** `2026-11-28`, in UTC. */
export function dayOf(now: number): string {
  return new Date(now).toISOString().slice(0, 10);
}

/** When the next day begins in UTC, epoch milliseconds. */
export function nextDay(now: number): number {
  return (Math.floor(now / day) + 1) * day;
}
