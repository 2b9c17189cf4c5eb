import type { HeaderField } from '../mail/headers.ts';
import { readTags, readTagWords } from '../mail/tag-list.ts';

/** One DKIM-Signature as its author wrote it (RFC 6376 §3.5). */
export interface SignatureField {
  /** d=, lower case. */
  readonly domain: string;
  /** s= */
  readonly selector: string;
  /** The domain of i=, or d=. */
  readonly identityDomain: string;
  readonly keyKind: 'rsa' | 'ed25519';
  /** b=, without white space: names the signature. */
  readonly signature: string;
}

/** Undefined for one that must be ignored: RFC 6376 §6.1.1, and RFC 8301 §3.1, which bans SHA-1. */
export function readSignatureField(field: HeaderField): SignatureField | undefined {
  const tags = readTags(field.value);
  if (tags?.get('v') !== '1') return undefined;
  const [domain, selector, algorithm, signed, hash, signature] = ['d', 's', 'a', 'h', 'bh', 'b'].map(
    (name) => tags.get(name)?.replace(/\s+/g, '') ?? '',
  );
  const keyKind = keyKinds.get(algorithm?.toLowerCase() ?? '');
  if (!domain || !selector || !keyKind || !hash || !signature) return undefined;
  // A signature that leaves the From out proves nothing about its author.
  if (!readTagWords(signed ?? '').includes('from')) return undefined;
  const identity = tags.get('i') ?? `@${domain}`;
  const identityDomain = identity.slice(identity.lastIndexOf('@') + 1).toLowerCase();
  const owner = domain.toLowerCase();
  if (identityDomain !== owner && !identityDomain.endsWith(`.${owner}`)) return undefined;
  return { domain: owner, selector, identityDomain, keyKind, signature };
}

const keyKinds: ReadonlyMap<string, SignatureField['keyKind']> = new Map([
  ['rsa-sha256', 'rsa'],
  ['ed25519-sha256', 'ed25519'],
]);

/** Whether a key record (RFC 6376 §3.6.1) lets this signature be made with it; mailauth sees to version, kind and size. */
export function keyAllows(record: string, { domain, identityDomain }: SignatureField): boolean {
  const tags = readTags(record);
  if (!tags) return false;
  const services = readTagWords(tags.get('s') ?? '*');
  const hashes = readTagWords(tags.get('h') ?? 'sha256');
  const exact = readTagWords(tags.get('t') ?? '').includes('s');
  return (
    (services.includes('*') || services.includes('email')) &&
    hashes.includes('sha256') &&
    (!exact || identityDomain === domain)
  );
}
