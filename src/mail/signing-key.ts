import { createPrivateKey, createPublicKey, generateKeyPair, hash, type KeyObject } from 'node:crypto';
import { promisify } from 'node:util';
import type { KeyAlgorithm } from '../domain/dkim-key.ts';

/** A private key and the name under which its public half stands in DNS: `selector._domainkey.domain`. */
export interface SigningKey {
  readonly domain: string;
  readonly selector: string;
  readonly algorithm: KeyAlgorithm;
  readonly key: KeyObject;
}

/** The digest that a key of this kind signs with. */
export function digestOf(algorithm: KeyAlgorithm): 'sha256' | null {
  return algorithm === 'rsa' ? 'sha256' : null;
}

/** What it is given of a text: RSA hashes it itself, Ed25519 signs the hash (RFC 8463 §3). */
export function messageOf(text: Buffer, algorithm: KeyAlgorithm): Buffer {
  return algorithm === 'rsa' ? text : hash('sha256', text, 'buffer');
}

/** RFC 8301 §3.2: more than 1024; a longer one fits no UDP answer, and costs several times as much for each copy. */
const rsaBits = 2048;

/** A new private key: PKCS #8, DER. */
export async function makePrivateKey(algorithm: KeyAlgorithm): Promise<Buffer> {
  const { privateKey } =
    algorithm === 'rsa'
      ? await promisify(generateKeyPair)('rsa', { modulusLength: rsaBits })
      : await promisify(generateKeyPair)('ed25519');
  return privateKey.export({ type: 'pkcs8', format: 'der' });
}

/** Costs OpenSSL as much as several signatures: once for each key. */
export function openPrivateKey(der: Buffer): KeyObject {
  return createPrivateKey({ key: der, type: 'pkcs8', format: 'der' });
}

/** The p= of its record, base64: RSA as SubjectPublicKeyInfo (RFC 6376 §3.6.1), Ed25519 as its bare 32 octets (RFC 8463 §4.2). */
export function publicHalf(algorithm: KeyAlgorithm, privateKey: KeyObject): string {
  const spki = createPublicKey(privateKey).export({ type: 'spki', format: 'der' });
  return (algorithm === 'ed25519' ? spki.subarray(-32) : spki).toString('base64');
}
