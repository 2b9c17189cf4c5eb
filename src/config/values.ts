/** What a configuration value may be: one `Kind` each, with the sentence that says so and the parser that judges it. */
import { isIP } from 'node:net';
import { domainToASCII } from 'node:url';
import { type Address, isDomain, parseAddress } from '../domain/address.ts';
import { parseNetwork } from '../domain/network.ts';
import { parseRetrySchedule, type RetrySchedule } from '../domain/retry.ts';
import type { Rate } from '../domain/site.ts';
import {
  allowedDuration,
  allowedRate,
  allowedSize,
  parseDuration,
  parseRate,
  parseSize,
} from '../domain/units.ts';

/** `found` is what TOML gave, or the text of an environment variable after `fromText`. */
export interface Kind<T> {
  /** Completes "allowed: …". */
  readonly allowed: string;
  /** Undefined when `found` is not allowed. */
  parse(found: unknown): T | undefined;
  /** What an environment variable's text stands for; the text itself where absent. */
  fromText?(text: string): unknown;
  /** What a list holds. */
  readonly item?: Kind<unknown>;
  /** The value may carry a password: what may be shown of it. */
  mask?(text: string): string;
}

/** For mail servers under a name: most connections, and most recipients a minute where that is limited. */
export interface DestinationLimit {
  readonly host: string;
  readonly connections: number;
  readonly perMinute: number | undefined;
}

/** Where a door listens. */
export type ListenAddress =
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number }
  | { readonly kind: 'unix'; readonly path: string };

export const text = (allowed: string): Kind<string> => ofText(allowed, (found) => found);

export const flag: Kind<boolean> = {
  allowed: 'true or false',
  parse: (found) => (typeof found === 'boolean' ? found : undefined),
  fromText: (given) => ({ true: true, false: false })[given.trim().toLowerCase()] ?? given,
};

export const count = (min: number, max: number): Kind<number> => ({
  allowed: `a whole number from ${min} to ${max}`,
  parse: (found) =>
    typeof found === 'number' && Number.isInteger(found) && found >= min && found <= max ? found : undefined,
  fromText: (given) => (/^\d+$/.test(given.trim()) ? Number(given) : given),
});

export function choice<const V extends readonly [string, ...string[]]>(...values: V): Kind<V[number]> {
  const allowed = values
    .filter(Boolean)
    .map((value) => `"${value}"`)
    .join(', ');
  return ofText(allowed, (found) => values.find((value) => value === found));
}

/** In bytes: less is a unit that was forgotten. */
const smallestSize = 1024;

/** Bytes. */
export const size: Kind<number> = ofTextOrNumber(`${allowedSize}, at least 1 KiB`, (found) => {
  const bytes = parseSize(found);
  return bytes !== undefined && bytes >= smallestSize ? bytes : undefined;
});

/** Milliseconds, above 0. */
export const duration: Kind<number> = ofTextOrNumber(
  allowedDuration,
  (found) => parseDuration(found) || undefined,
);

/** Where 0 means "no limit". */
export const sizeLimit: Kind<number> = ofTextOrNumber(`${allowedSize}; 0 switches it off`, parseSize);
export const rateLimit: Kind<Rate | 'off'> = ofTextOrNumber(`${allowedRate}; 0 switches it off`, parseRate);

/** Lower case, A-labels. */
export const domain: Kind<string> = ofText('a host name such as "lists.example.org"', (found) => {
  const ascii = domainToASCII(found.trim().toLowerCase());
  return isDomain(ascii) ? ascii : undefined;
});

export const address: Kind<Address> = ofText('an address such as "anna@example.org"', parseAddress);

/** The text as given: the doors parse it again with `parseListen`, which cannot fail any more. */
export const listen: Kind<string> = ofText(
  '"127.0.0.1:2525", "[::1]:25" or "unix:/run/listwright/smtp.sock"',
  (found) => (parseListen(found) ? found : undefined),
);

export const tcpListen: Kind<string> = ofText('"127.0.0.1:8080" or "[::1]:8080"', (found) =>
  parseListen(found)?.kind === 'tcp' ? found : undefined,
);

/** Port 0 lets the system choose one. */
export function parseListen(found: string): ListenAddress | undefined {
  if (found.startsWith('unix:')) return found.length > 5 ? { kind: 'unix', path: found.slice(5) } : undefined;
  const match = /^(?:\[([^\]]+)\]|([^:[\]]+)):(\d{1,5})$/.exec(found);
  if (!match) return undefined;
  const [, six, other = ''] = match;
  const port = Number(match[3]);
  const good = six === undefined ? isIP(other) === 4 || other === 'localhost' : isIP(six) === 6;
  return good && port <= 65_535 ? { kind: 'tcp', host: six ?? other, port } : undefined;
}

/** An IP address or a network in CIDR form. */
export const network: Kind<string> = ofText(
  'an IP address such as "192.0.2.1" or a network such as "192.0.2.0/24"',
  (found) => (parseNetwork(found) ? found : undefined),
);

/** As `setServers` of node:dns takes it. */
export const dnsServer: Kind<string> = ofText(
  'an IP address such as "192.0.2.53", with a port where it is not 53: "192.0.2.53:5353", "[2001:db8::53]:5353"',
  (found) => {
    const place = isIP(found) ? undefined : parseListen(found);
    const named = place?.kind === 'tcp' && isIP(place.host) && place.port > 0;
    return isIP(found) || named ? found : undefined;
  },
);

/** Without the slash at the end. */
export const webUrl: Kind<string> = ofText('an address such as "https://lists.example.org"', (found) =>
  hasScheme(found, ['http:', 'https:']) && !/[?#]/.test(found) ? found.replace(/\/+$/, '') : undefined,
);

export const optionalWebUrl: Kind<string> = ofText(
  'an address such as "http://127.0.0.1:11333", or ""',
  (found) => (found === '' || hasScheme(found, ['http:', 'https:']) ? found : undefined),
);

export const smarthost: Kind<string> = {
  ...ofText('"smtp://host:port" or "smtps://user:password@host:port"', (found) =>
    hasScheme(found, ['smtp:', 'smtps:']) && /^smtps?:\/\/[^/?#]+\/?$/.test(found) && isPercentEncoded(found)
      ? found
      : undefined,
  ),
  mask: maskPassword,
};

export const databaseUrl: Kind<string> = {
  ...ofText('"sqlite:FILE" or "postgres://user:password@host:5432/name"', (found) =>
    /^sqlite:[^:]/.test(found) || hasScheme(found, ['postgres:', 'postgresql:']) ? found : undefined,
  ),
  mask: maskPassword,
};

/** Times before each further attempt; a `*` at the end repeats the last one. */
export const retrySchedule: Kind<RetrySchedule> = ofText(
  '"default" or times such as "6m 15m 30m 1h 2h 4h 8h 12h*"',
  parseRetrySchedule,
);

/** The beginning of a day in UTC, epoch milliseconds; undefined for "". */
export const day: Kind<{ readonly start: number | undefined }> = ofText(
  'a day such as "2026-11-28", or ""',
  (found) => {
    if (found === '') return { start: undefined };
    const start = /^\d{4}-\d\d-\d\d$/.test(found) ? Date.parse(`${found}T00:00:00Z`) : Number.NaN;
    // 2026-02-30 is read as a day in March.
    return new Date(start || 0).toISOString().startsWith(found) ? { start } : undefined;
  },
);

/** What the operator wants of some destinations. */
export const destinationLimit: Kind<DestinationLimit> = ofText(
  'a host name, a number of connections and perhaps a rate, such as "yahoodns.net 2 100/1m"',
  (found) => {
    const [host = '', connections = '', rate, ...rest] = found.trim().split(/\s+/);
    const name = domain.parse(host);
    const parsed = rate === undefined ? undefined : parseRate(rate);
    const most = /^\d{1,3}$/.test(connections) ? Number(connections) : 0;
    if (name === undefined || most === 0 || rest.length > 0 || parsed === 'off') return undefined;
    if (rate !== undefined && parsed === undefined) return undefined;
    return { host: name, connections: most, perMinute: parsed && (parsed.count * 60_000) / parsed.ms };
  },
);

export function list<T>(of: Kind<T>): Kind<readonly T[]> {
  return {
    allowed: `a list of values, each ${of.allowed}`,
    item: of,
    parse: (found) => {
      if (!Array.isArray(found)) return undefined;
      const values = found.map((item) => of.parse(item)).filter((value) => value !== undefined);
      return values.length === found.length ? values : undefined;
    },
    fromText: (given) =>
      given
        .split(',')
        .map((item) => item.trim())
        .filter((item) => item !== ''),
  };
}

export function atLeastOne<T>(of: Kind<T>): Kind<readonly [T, ...T[]]> {
  const any = list(of);
  return {
    ...any,
    allowed: `a list of at least one value, each ${of.allowed}`,
    parse: (found) => {
      const [first, ...rest] = any.parse(found) ?? [];
      return first === undefined ? undefined : [first, ...rest];
    },
  };
}

/** `smtp://user:secret@host` → `smtp://user:***@host`; what cannot be read as an URL is not shown at all. */
function maskPassword(found: string): string {
  if (!found.includes('@') && !/password/i.test(found)) return found;
  return /^[a-z]+:\/\//.test(found) && URL.canParse(found) && !/password/i.test(new URL(found).search)
    ? found.replace(/^([a-z]+:\/\/[^:/@]*):.*@/, '$1:***@')
    : '(not shown: it may hold a password)';
}

function ofText<T>(allowed: string, parse: (found: string) => T | undefined): Kind<T> {
  return { allowed, parse: (found) => (typeof found === 'string' ? parse(found) : undefined) };
}

/** TOML may give `1000` or `0` without quotes. */
function ofTextOrNumber<T>(allowed: string, parse: (found: string) => T | undefined): Kind<T> {
  return {
    allowed,
    parse: (found) => ofText(allowed, parse).parse(typeof found === 'number' ? `${found}` : found),
  };
}

function hasScheme(found: string, schemes: readonly string[]): boolean {
  return URL.canParse(found) && schemes.includes(new URL(found).protocol);
}

function isPercentEncoded(found: string): boolean {
  try {
    return decodeURIComponent(found) !== '';
  } catch {
    return false;
  }
}
