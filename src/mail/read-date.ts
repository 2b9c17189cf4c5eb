const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];

/** Zones of RFC 5322 §4.3 that have a meaning; every other name counts as UTC, as that section says. */
const zones: ReadonlyMap<string, number> = new Map([
  ['edt', -4],
  ['est', -5],
  ['cdt', -5],
  ['cst', -6],
  ['mdt', -6],
  ['mst', -7],
  ['pdt', -7],
  ['pst', -8],
]);

const minute = 60_000;
const earliest = Date.UTC(1971, 0, 1); // the first mail between two hosts
const latest = Date.UTC(2100, 0, 1);

/**
 * A Date value in epoch milliseconds; undefined when it cannot be read or lies outside 1971–2099. Reads RFC 5322, its obsolete
 * forms, and the two strays of real mail: `asctime` and ISO 8601. Never depends on the machine's own time zone.
 */
export function readDate(value: string): number | undefined {
  const text = value.slice(0, 100);
  const time = readRfc5322(text) ?? readAsctime(text) ?? readIso(text);
  return time !== undefined && time >= earliest && time < latest ? time : undefined;
}

/** `Thu, 12 Sep 2024 19:28:23 +0200 (CEST)` */
function readRfc5322(text: string): number | undefined {
  const found =
    /(\d{1,2})[\s-]+([A-Za-z]{3})[a-z]{0,6}\.?[\s-]+(\d{2,4})\s+(\d{1,2}):(\d{1,2})(?::(\d{1,2}))?(?:\.\d{1,9})?\s*([+-]\d{4}|[A-Za-z]{1,5})?/.exec(
      text,
    );
  if (!found) return undefined;
  const [, day, month, year, hour, min, second, zone] = found;
  return toTime([fullYear(year), monthOf(month), day, hour, min, second], zoneMinutes(zone));
}

/** `Thu Sep 12 19:28:23 2024`, perhaps with a zone before the year or at the end */
function readAsctime(text: string): number | undefined {
  const found =
    /([A-Za-z]{3})\s+(\d{1,2})\s+(\d{1,2}):(\d{2})(?::(\d{2}))?\s+([A-Za-z]{1,5}\s+)?(\d{4})\s*([+-]\d{4})?/.exec(
      text,
    );
  if (!found) return undefined;
  const [, month, day, hour, min, second, named, year, offset] = found;
  return toTime([Number(year), monthOf(month), day, hour, min, second], zoneMinutes(offset ?? named?.trim()));
}

/** `2024-09-12T19:28:23+02:00` */
function readIso(text: string): number | undefined {
  const found =
    /(\d{4})-(\d{2})-(\d{2})[T ](\d{2}):(\d{2})(?::(\d{2}))?(?:\.\d{1,9})?\s*(Z|[+-]\d{2}:?\d{2})?/.exec(
      text,
    );
  if (!found) return undefined;
  const [, year, month, day, hour, min, second, zone] = found;
  return toTime(
    [Number(year), Number(month) - 1, day, hour, min, second],
    zoneMinutes(zone?.replace(':', '')),
  );
}

type Part = number | string | undefined;

function toTime(parts: readonly Part[], offset: number): number | undefined {
  const [year = -1, month = -1, day = -1, hour = 0, min = 0, second = 0] = parts.map((part) =>
    Number(part ?? 0),
  );
  // A second of 60 is a leap second; an hour of 24 a common slip. Date.UTC carries both over.
  const sane =
    year > 0 && month >= 0 && month < 12 && day >= 1 && day <= 31 && hour <= 24 && min <= 59 && second <= 60;
  return sane ? Date.UTC(year, month, day, hour, min, second) - offset * minute : undefined;
}

/** RFC 5322 §4.3: two digits below 50 mean 20xx, the other two and three digits count from 1900. */
function fullYear(text = ''): number {
  const year = Number(text);
  if (text.length === 2) return year < 50 ? 2000 + year : 1900 + year;
  return text.length === 3 ? 1900 + year : year;
}

function monthOf(name = ''): number {
  return months.indexOf(name.toLowerCase());
}

function zoneMinutes(zone = ''): number {
  const found = /^([+-])(\d{2})(\d{2})$/.exec(zone);
  if (!found) return (zones.get(zone.toLowerCase()) ?? 0) * 60;
  const size = Number(found[2]) * 60 + Number(found[3]);
  return found[1] === '-' ? -size : size;
}
