import type { DmarcPolicy } from '../domain/authentication.ts';
/** What the owner of a domain publishes (RFC 7489 §6.3, RFC 9989). */
export interface DmarcRecord {
  readonly policy: DmarcPolicy;
  /** For subdomains that publish nothing themselves. */
  readonly subdomainPolicy: DmarcPolicy;
  /** For names below it that do not exist, where those shall fare otherwise (np=). */
  readonly absentPolicy?: DmarcPolicy;
  /** Alignment must be exact. */
  readonly strict: { readonly dkim: boolean; readonly spf: boolean };
}

/**
 * The one DMARC record among the texts at `_dmarc`, or undefined: none, several, or one without a policy (RFC 7489 §6.6.3). `pct` is not
 * heeded: a share of forgeries is not meant to be believed.
 */
export function readDmarcRecord(texts: readonly string[]): DmarcRecord | undefined {
  const records = texts.filter((text) => /^v\s*=\s*DMARC1\s*(?:;|$)/.test(text.trim()));
  if (records.length !== 1) return undefined;
  const tags = readLoosely(records[0] ?? '');
  // §6.6.3 no. 6: a record with reports but a broken policy asks for nothing but the reports.
  const policy = readPolicy(tags.get('p')) ?? (tags.has('rua') ? 'none' : undefined);
  if (!policy) return undefined;
  const subdomainPolicy = readPolicy(tags.get('sp')) ?? policy;
  const absentPolicy = readPolicy(tags.get('np')) ?? subdomainPolicy;
  return {
    policy,
    subdomainPolicy,
    ...(absentPolicy !== subdomainPolicy && { absentPolicy }),
    strict: { dkim: isStrict(tags.get('adkim')), spf: isStrict(tags.get('aspf')) },
  };
}

/**
 * §6.3: what is no tag is passed over, and takes nothing from the rest: a slip behind p=reject must not open a domain to everybody. Of a tag that is
 * there twice the first counts, and of two policies none.
 */
function readLoosely(record: string): ReadonlyMap<string, string> {
  const tags = new Map<string, string>();
  for (const part of record.split(';')) {
    const equals = part.indexOf('=');
    const name = part.slice(0, Math.max(equals, 0)).trim();
    const value = part.slice(equals + 1).trim();
    const before = tags.get(name);
    if (name === 'p' && before !== undefined && before !== value) tags.set(name, '');
    else if (before === undefined) tags.set(name, value);
  }
  return tags;
}

function readPolicy(value: string | undefined): DmarcPolicy | undefined {
  const word = value?.toLowerCase();
  return word === 'none' || word === 'quarantine' || word === 'reject' ? word : undefined;
}

function isStrict(value: string | undefined): boolean {
  return value?.toLowerCase() === 's';
}
