import { createPublicKey, type KeyObject } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type { Signer } from '../mail/signature-fields.ts';
import { readTags, readTagWords } from '../mail/tag-list.ts';

/** What a text at `selector._domainkey` is to a signature (RFC 6376 §3.6.1). */
export type KeyReading =
  | { readonly kind: 'key'; readonly key: KeyObject }
  /** Too short to prove anything (RFC 8301 §3.2), or so long, or with such an exponent, that it is meant to keep us busy. */
  | { readonly kind: 'weak' }
  /** Withdrawn, of another kind, or not for this use. */
  | { readonly kind: 'none' };

const bits = { least: 1024, most: 8192 };
/**
 * All use 65537 or less, some 2^32+1. With one as long as the key each look at a signature takes 10 ms instead of 0.1, and a mail may have us look
 * hundreds of times.
 */
const largestExponent = 2n ** 32n + 1n;

export function readKeyRecord(
  text: string,
  { keyKind, domain, identityDomain }: Pick<Signer, 'keyKind' | 'domain' | 'identityDomain'>,
): KeyReading {
  const tags = readTags(text);
  if (!tags || (tags.get('v') ?? 'DKIM1') !== 'DKIM1' || (tags.get('k') ?? 'rsa').toLowerCase() !== keyKind)
    return { kind: 'none' };
  const services = readTagWords(tags.get('s') ?? '*');
  const hashes = readTagWords(tags.get('h') ?? 'sha256');
  const exact = readTagWords(tags.get('t') ?? '').includes('s');
  if (!services.includes('*') && !services.includes('email')) return { kind: 'none' };
  if (!hashes.includes('sha256') || (exact && identityDomain !== domain)) return { kind: 'none' };
  const key = openKey(keyKind, tags.get('p')?.replace(/\s+/g, '') ?? '');
  if (!key) return { kind: 'none' };
  const { modulusLength: length, publicExponent: exponent = 0n } = key.asymmetricKeyDetails ?? {};
  const fits = length === undefined || (length >= bits.least && length <= bits.most);
  const good = fits && exponent <= largestExponent;
  return good ? { kind: 'key', key } : { kind: 'weak' };
}

/** To open an RSA key costs OpenSSL twice what a signature does. */
const opened = new LRUCache<string, KeyObject>({ max: 500 });

function openKey(kind: Signer['keyKind'], base64: string): KeyObject | undefined {
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(base64)) return undefined;
  const name = `${kind} ${base64}`;
  const known = opened.get(name);
  if (known) return known;
  try {
    const key = createPublicKey({
      key: derOf(kind, Buffer.from(base64, 'base64')),
      format: 'der',
      type: 'spki',
    });
    if (key.asymmetricKeyType !== kind) return undefined;
    opened.set(name, key);
    return key;
  } catch {
    return undefined; // whatever it is, it is no key
  }
}

/** RFC 8463 §4.2 publishes the bare 32 octets of an Ed25519 key. */
function derOf(kind: Signer['keyKind'], published: Buffer): Buffer {
  return kind === 'ed25519' ? Buffer.concat([ed25519Prefix, published]) : published;
}

const ed25519Prefix = Buffer.from('302a300506032b6570032100', 'hex');
