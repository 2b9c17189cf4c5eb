/** MTA-STS (RFC 8461): what a domain promises about TLS at its mail servers. */

export interface StsPolicy {
  readonly mode: 'enforce' | 'testing' | 'none';
  /** Names, or `*.example.com`. */
  readonly mx: readonly string[];
  /** Milliseconds it may be kept. */
  readonly maxAge: number;
}

/** RFC 8461 §3.2: about one year. */
const longestAge = 31_557_600;
const mostMx = 100;

/** The id in the one record of `_mta-sts.DOMAIN`; undefined where it has none, or several (RFC 8461 §3.1). */
export function readStsId(records: readonly (readonly string[])[]): string | undefined {
  const found = records.map((strings) => strings.join('')).filter((text) => /^v=STSv1\s*;/.test(text));
  const [only] = found;
  if (only === undefined || found.length > 1) return undefined;
  return /;\s*id=([A-Za-z0-9]{1,32})\s*(?:;|$)/.exec(only)?.[1];
}

/** The text of a policy file, undefined where it is none (RFC 8461 §3.2). Of a field that is repeated the first counts, save `mx`. */
export function parseStsPolicy(text: string): StsPolicy | undefined {
  const fields = text
    .split(/\r?\n/)
    .map((line) => /^([A-Za-z0-9][A-Za-z0-9_.-]{0,31}):[ \t]*(.*?)[ \t]*$/.exec(line))
    .flatMap((match) => (match ? [[match[1] ?? '', match[2] ?? ''] as const] : []));
  const first = (name: string) => fields.find(([key]) => key === name)?.[1];
  const mode = modes.find((known) => known === first('mode'));
  const age = first('max_age') ?? '';
  const mx = fields.filter(([key]) => key === 'mx').map(([, host]) => host.toLowerCase());
  if (first('version') !== 'STSv1' || !mode || !/^\d{1,10}$/.test(age)) return undefined;
  if ((mode !== 'none' && mx.length === 0) || mx.length > mostMx) return undefined;
  return { mode, mx, maxAge: Math.min(Number(age), longestAge) * 1000 };
}

const modes = ['enforce', 'testing', 'none'] as const;

/** RFC 8461 §4.1: `*` stands for exactly one label, the leftmost. */
export function allowsHost({ mx }: Pick<StsPolicy, 'mx'>, host: string): boolean {
  return mx.some((pattern) =>
    pattern.startsWith('*.')
      ? host.slice(host.indexOf('.') + 1) === pattern.slice(2) && host.includes('.')
      : pattern === host,
  );
}
