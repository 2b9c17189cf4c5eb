import type { HeaderField } from './headers.ts';
import { readTags, readTagWords } from './tag-list.ts';

/** Whose key made a signature, and the signature. */
export interface Signer {
  readonly field: HeaderField;
  /** d=, lower case. */
  readonly domain: string;
  /** s= */
  readonly selector: string;
  /** The domain of i=, or d=. */
  readonly identityDomain: string;
  readonly keyKind: 'rsa' | 'ed25519';
  readonly signature: Buffer;
}

/** One DKIM-Signature or ARC-Message-Signature as its author wrote it (RFC 6376 §3.5, RFC 8617 §4.1.2). */
export interface SignatureField extends Signer {
  readonly canonical: { readonly head: Canonical; readonly body: Canonical };
  /** h=, lower case, in its order. */
  readonly signed: readonly string[];
  /** bh=, base64. */
  readonly bodyHash: string;
  /** l=: the octets of the canonical body that are signed. */
  readonly bodyLength?: number;
  /** x=, epoch milliseconds. */
  readonly expiresAt?: number;
}

export type Canonical = 'simple' | 'relaxed';

/** Undefined for one that must be ignored: RFC 6376 §6.1.1, and RFC 8301 §3.1, which bans SHA-1. */
export function readDkimSignature(field: HeaderField): SignatureField | undefined {
  const tags = readTags(field.value);
  const signature = tags?.get('v') === '1' ? readSignature(field, tags, 'simple/simple') : undefined;
  // One that leaves the From out proves nothing about the author.
  if (!tags || !signature?.signed.includes('from')) return undefined;
  const identity = tags.get('i') ?? `@${signature.domain}`;
  const identityDomain = identity.slice(identity.lastIndexOf('@') + 1).toLowerCase();
  const isOwn = identityDomain === signature.domain || identityDomain.endsWith(`.${signature.domain}`);
  return isOwn ? { ...signature, identityDomain } : undefined;
}

/** Its i= is a number, and there is no v=. */
export function readArcSignature(field: HeaderField): SignatureField | undefined {
  const tags = readTags(field.value);
  return tags && readSignature(field, tags, 'relaxed/relaxed');
}

/** Undefined for one that breaks its chain: h= is forbidden in it (RFC 8617 §4.1.3). */
export function readArcSeal(field: HeaderField): Signer | undefined {
  const tags = readTags(field.value);
  return tags && !tags.has('h') ? readSigner(field, tags) : undefined;
}

function readSignature(
  field: HeaderField,
  tags: ReadonlyMap<string, string>,
  standard: string,
): SignatureField | undefined {
  const signer = readSigner(field, tags);
  const canonical = readCanonical(bareTag(tags, 'c') || standard);
  const [hash, length, expires] = [bareTag(tags, 'bh'), bareTag(tags, 'l'), bareTag(tags, 'x')];
  if (!signer || !canonical || !hash) return undefined;
  if (!/^\d{0,12}$/.test(length) || !/^\d{0,12}$/.test(expires)) return undefined;
  return {
    ...signer,
    canonical,
    signed: readTagWords(tags.get('h') ?? ''),
    bodyHash: hash,
    ...(length === '' ? {} : { bodyLength: Number(length) }),
    ...(expires === '' ? {} : { expiresAt: Number(expires) * 1000 }),
  };
}

function readSigner(field: HeaderField, tags: ReadonlyMap<string, string>): Signer | undefined {
  const domain = bareTag(tags, 'd').toLowerCase();
  const [selector, signature] = [bareTag(tags, 's'), bareTag(tags, 'b')];
  const keyKind = keyKinds.get(bareTag(tags, 'a').toLowerCase());
  if (!domain || !keyKind || !selector || !signature) return undefined;
  return {
    field,
    domain,
    selector,
    identityDomain: domain,
    keyKind,
    signature: Buffer.from(signature, 'base64'),
  };
}

function bareTag(tags: ReadonlyMap<string, string>, name: string): string {
  return tags.get(name)?.replace(/\s+/g, '') ?? '';
}

const keyKinds: ReadonlyMap<string, SignatureField['keyKind']> = new Map([
  ['rsa-sha256', 'rsa'],
  ['ed25519-sha256', 'ed25519'],
]);

/** `relaxed/simple`; of the body it is simple where nothing is said (RFC 6376 §3.5). */
function readCanonical(text: string): SignatureField['canonical'] | undefined {
  const [head = '', body = 'simple', ...more] = text.toLowerCase().split('/');
  return isCanonical(head) && isCanonical(body) && more.length === 0 ? { head, body } : undefined;
}

function isCanonical(word: string): word is Canonical {
  return word === 'simple' || word === 'relaxed';
}
