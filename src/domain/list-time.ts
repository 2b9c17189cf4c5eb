/** Time where a list is at home. `Intl` knows the zones; the clock comes in as an argument. Zones are IANA names, times epoch milliseconds. */

/** The zone's name as the database of zones writes it; undefined when there is none of that name. */
export function findTimeZone(text: string): string | undefined {
  // Not `+01:00`, which some versions of Node know: an offset has no summer.
  if (!/^[A-Za-z]+(?:\/[A-Za-z0-9_+-]+)*$/.test(text)) return undefined;
  try {
    return new Intl.DateTimeFormat('en', { timeZone: text }).resolvedOptions().timeZone;
  } catch {
    return undefined;
  }
}

/** The moment when clocks there show that hour, so many days after the day of `from`. An hour that a change of clocks leaves out is the next one. */
export function hourThere(from: number, after: { days: number; hour: number }, zone: string): number {
  const { year, month, day } = clockOf(from, zone);
  const shown = Date.UTC(year, month - 1, day + after.days, after.hour);
  // The offset belongs to the moment looked for, which needs the offset: the second guess is right but for the night of a change.
  const guess = shown - offsetAt(shown, zone);
  return shown - offsetAt(guess, zone);
}

/** “10:02 (Europe/Zurich)” for a moment of the same day there, else “20 Nov, 10:02 (Europe/Zurich)”: moderators live in many zones. */
export function formatMoment(at: number, now: number, zone: string): string {
  const then = clockOf(at, zone);
  const today = clockOf(now, zone);
  const time = `${two(then.hour)}:${two(then.minute)} (${zone})`;
  const sameDay = then.day === today.day && then.month === today.month && then.year === today.year;
  return sameDay ? time : `${then.day} ${months[then.month - 1]}, ${time}`;
}

/** “21 Nov 2026, 10:02 (Europe/Zurich)”: for what is read on another day, or elsewhere. */
export function formatMomentInFull(at: number, zone: string): string {
  const { year, month, day, hour, minute } = clockOf(at, zone);
  return `${day} ${months[month - 1]} ${year}, ${two(hour)}:${two(minute)} (${zone})`;
}

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

interface Clock {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
}

function offsetAt(at: number, zone: string): number {
  const { year, month, day, hour, minute, second } = clockOf(at, zone);
  return Date.UTC(year, month - 1, day, hour, minute, second) - Math.floor(at / 1000) * 1000;
}

function clockOf(at: number, zone: string): Clock {
  const shown = new Map<string, number>();
  for (const { type, value } of formatFor(zone).formatToParts(at)) shown.set(type, Number(value));
  const part = (name: keyof Clock) => shown.get(name) ?? 0;
  return {
    year: part('year'),
    month: part('month'),
    day: part('day'),
    hour: part('hour'),
    minute: part('minute'),
    second: part('second'),
  };
}

function two(number: number): string {
  return String(number).padStart(2, '0');
}

/** Making one costs 50 µs; there are a few hundred zones. */
const formats = new Map<string, Intl.DateTimeFormat>();

function formatFor(zone: string): Intl.DateTimeFormat {
  let format = formats.get(zone);
  if (!format) {
    format = new Intl.DateTimeFormat('en', {
      timeZone: zone,
      calendar: 'gregory',
      numberingSystem: 'latn',
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
    formats.set(zone, format);
  }
  return format;
}
