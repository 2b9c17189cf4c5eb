import type { AskedPolicy, Authentication, DkimResult, DmarcResult } from '../domain/authentication.ts';
import type { Ask } from './ask.ts';
import { type DmarcRecord, readDmarcRecord } from './dmarc-record.ts';
import { organizationalDomain, sameOrganization } from './organization.ts';

/** What is published for a From domain; `unknown`: DNS does not tell just now. */
export type Published =
  | {
      readonly kind: 'record';
      readonly record: DmarcRecord;
      readonly inherited: boolean;
      /** There is no such From domain, and the record has a word about that. */
      readonly absent?: boolean;
    }
  | { readonly kind: 'none' | 'unknown' };

/**
 * RFC 7489 §6.6.3: at the domain, else at the one of its organization. Asks for both at once, so that a caller who begins with this has
 * them before the mail's own domains use up its questions.
 */
export async function findDmarc(domain: string, ask: Ask): Promise<Published> {
  const organization = organizationalDomain(domain);
  const asked = lookUp(domain, ask);
  const above = organization === domain ? asked : lookUp(organization, ask);
  const own = await asked;
  if (own.kind !== 'none' || organization === domain) return own;
  const inherited = await above;
  if (inherited.kind !== 'record') return inherited;
  const absent = inherited.record.absentPolicy !== undefined && (await isAbsent(domain, ask));
  return { ...inherited, inherited: true, ...(absent && { absent }) };
}

/** In the sense of RFC 8020, which is DMARC's (RFC 9989): NXDOMAIN, whatever type is asked for. */
async function isAbsent(domain: string, ask: Ask): Promise<boolean> {
  try {
    await ask(domain, 'A', 'policy');
    return false;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'ENOTFOUND';
  }
}

async function lookUp(domain: string, ask: Ask): Promise<Published> {
  try {
    const texts = await ask(`_dmarc.${domain}`, 'TXT', 'policy');
    const record = readDmarcRecord(texts.map((strings) => strings.join('')));
    return record ? { kind: 'record', record, inherited: false } : { kind: 'none' };
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : '';
    return { kind: code === 'ENOTFOUND' || code === 'ENODATA' ? 'none' : 'unknown' };
  }
}

/**
 * Pure: what SPF and DKIM found, set beside what the owner of the domain asks for. `temperror` where an answer that DNS still owes us could
 * make it a pass. Our own and not mailauth's: that takes strict alignment for relaxed, and a signature over half a body for a whole one.
 */
export function judgeDmarc(
  domain: string,
  published: Published,
  { spf, dkim }: Pick<Authentication, 'spf' | 'dkim'>,
): DmarcResult {
  const alignedSignatures = dkim.filter((signature) => sameOrganization(domain, signature.domain));
  const spfAligned = sameOrganization(domain, spf.domain);
  const aligned = {
    spf: spfAligned && spf.result === 'pass',
    dkim: alignedSignatures.some(passes),
  };
  const owed =
    alignedSignatures.some(({ result }) => result === 'temperror') ||
    (spfAligned && spf.result === 'temperror');
  if (published.kind === 'unknown') return { result: 'temperror', domain, policy: 'unknown', aligned };
  if (published.kind !== 'record') {
    const open = owed && !aligned.spf && !aligned.dkim;
    return { result: open ? 'temperror' : 'none', domain, policy: 'none', aligned };
  }
  const { record } = published;
  const policy = askedBy(published);
  const pass =
    alignedSignatures.some((found) => passes(found) && fits(domain, found.domain, record.strict.dkim)) ||
    (aligned.spf && fits(domain, spf.domain, record.strict.spf));
  return { result: pass ? 'pass' : owed ? 'temperror' : 'fail', domain, policy, aligned };
}

/** p=, or of the organization's record sp=, or np= where there is no such domain. */
export function askedBy(published: Published): AskedPolicy {
  if (published.kind !== 'record') return published.kind;
  const { record, inherited, absent } = published;
  if (!inherited) return record.policy;
  return (absent && record.absentPolicy) || record.subdomainPolicy;
}

/** The same results, each with whether it speaks for the From's domain. */
export function alignSignatures(
  domain: string,
  published: Published,
  dkim: readonly DkimResult[],
): readonly DkimResult[] {
  const strict = published.kind === 'record' && published.record.strict.dkim;
  return dkim.map((found) =>
    sameOrganization(domain, found.domain) && fits(domain, found.domain, strict)
      ? { ...found, aligned: true }
      : found,
  );
}

function passes({ result }: DkimResult): boolean {
  return result === 'pass';
}

function fits(domain: string, proved: string, strict: boolean): boolean {
  return !strict || domain === proved;
}
