import type { Authentication } from '../../domain/authentication.ts';
import type { DkimKey } from '../../domain/dkim-key.ts';
import type { List } from '../../domain/list.ts';
import type { Site } from '../../domain/site.ts';
import { type NextSet, nextSet } from '../../mail/arc-seal.ts';
import { type MailToSign, signersOf, signingDomains } from '../../rewrite/signing-domain.ts';

/** What would be put on top of a post after every change. */
export interface ExplainedSigning {
  /** The keys that would sign it; empty: `unsigned` says why, a clause; null where some would. */
  readonly signedBy: readonly OwnKey[];
  readonly unsigned: string | null;
  /** The ARC set that it would get; null: `unsealed` says why, a clause. */
  readonly sealedBy: (OwnKey & NextSet) | null;
  readonly unsealed: string | null;
  /** Whether it would tell what was found out about its author (Authentication-Results). */
  readonly tellsResults: boolean;
}

export type OwnKey = Pick<DkimKey, 'domain' | 'selector' | 'algorithm'>;

interface Means {
  readonly list: List;
  readonly site: Site;
  /** That sign, of each domain. */
  readonly keys: ReadonlyMap<string, readonly OwnKey[]>;
  readonly signs: boolean;
  readonly seals: boolean;
}

type SealedMail = MailToSign & { readonly authentication: Authentication | undefined };

/** Which keys would sign and seal a post as the worker would have them do it (src/deliver/copies.ts), or why none would. */
export function explainSigning(mail: SealedMail, means: Means): ExplainedSigning {
  return {
    ...explainSignature(mail, means),
    ...explainSeal(mail, means),
    tellsResults: !means.list.settings.anonymous,
  };
}

function explainSignature(
  mail: MailToSign,
  { list, site, keys, signs }: Means,
): Pick<ExplainedSigning, 'signedBy' | 'unsigned'> {
  if (!signs) return { signedBy: [], unsigned: 'dkim.sign is false' };
  const signedBy = signersOf(mail, keys, { home: list.domain, site });
  if (signedBy.length > 0) return { signedBy, unsigned: null };
  const lends = signingDomains(list.domain, mail.head, site).some((domain) => keys.has(domain));
  const unsigned = lends
    ? 'a signature of ours would make DMARC pass for an author who is not proved'
    : noKey(list.domain);
  return { signedBy: [], unsigned };
}

function explainSeal(
  { head, authentication }: SealedMail,
  { list, keys, seals }: Means,
): Pick<ExplainedSigning, 'sealedBy' | 'unsealed'> {
  const none = (unsealed: string) => ({ sealedBy: null, unsealed });
  if (!seals) return none('arc.seal is false');
  if (list.settings.anonymous) return none('an anonymous list tells nothing of its authors');
  const [key] = keys.get(list.domain) ?? [];
  if (!key) return none(noKey(list.domain));
  const next = nextSet(head, authentication?.arc.result ?? 'none');
  return next
    ? { sealedBy: { ...key, ...next }, unsealed: null }
    : none('the chain that it came with cannot be gone on with');
}

function noKey(domain: string): string {
  return `there is no key of ${domain} yet: “serve” makes it`;
}

/** RSA first, as they sign. */
export function byDomain(keys: readonly DkimKey[]): ReadonlyMap<string, readonly OwnKey[]> {
  const found = new Map<string, OwnKey[]>();
  for (const { domain, selector, algorithm } of keys) {
    const one = { domain, selector, algorithm };
    const others = found.get(domain) ?? [];
    found.set(domain, algorithm === 'rsa' ? [one, ...others] : [...others, one]);
  }
  return found;
}
