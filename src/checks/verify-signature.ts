import { hash, verify } from 'node:crypto';
import type { DkimResult } from '../domain/authentication.ts';
import { canonicalBody } from '../mail/canonical-body.ts';
import type { MailHead } from '../mail/headers.ts';
import type { Canonical, SignatureField, Signer } from '../mail/signature-fields.ts';
import { signedText } from '../mail/signed-text.ts';
import type { Ask } from './ask.ts';
import { type KeyReading, readKeyRecord } from './key-record.ts';

export interface SignedMail {
  readonly raw: Buffer;
  readonly head: MailHead;
  /** Epoch milliseconds. */
  readonly now: number;
}

/** The hashes of a mail's body: several signatures mostly want the same one. */
export type BodyHashes = (canonical: Canonical, length: number | undefined) => BodyHash;

interface BodyHash {
  /** base64 */
  readonly hash: string;
  /** Octets of the canonical body, those too that the hash leaves out. */
  readonly length: number;
}

export function bodyHashesOf({ raw, head }: SignedMail): BodyHashes {
  const known = new Map<string, BodyHash>();
  return (canonical, length) => {
    const name = `${canonical} ${length}`;
    const found = known.get(name) ?? hashBody(raw.subarray(head.bodyStart), canonical, length);
    known.set(name, found);
    return found;
  };
}

/** Not kept: a mail that waits for DNS would be in memory once more. */
function hashBody(body: Buffer, canonical: Canonical, length: number | undefined): BodyHash {
  const whole = canonicalBody(body, canonical);
  return { hash: hash('sha256', whole.subarray(0, length), 'base64'), length: whole.length };
}

/**
 * Whether a signature holds (RFC 6376 §6.1). Ours and not mailauth's: that opens the key anew for each
 * mail, which is most of its time, reads the first of several keys only, takes a byte A0 of UTF-8 for white space, and heeds neither the
 * restrictions of a key nor what a signature must cover.
 */
export async function verifySignature(
  signature: SignatureField,
  mail: SignedMail & { readonly bodies: BodyHashes },
  ask: Ask,
): Promise<DkimResult['result']> {
  if (signature.expiresAt !== undefined && signature.expiresAt < mail.now) return 'permerror';
  const { canonical, bodyLength } = signature;
  const body = mail.bodies(canonical.body, bodyLength);
  if (body.hash !== signature.bodyHash) return 'fail';
  const open = bodyLength === undefined ? 0 : body.length - bodyLength;
  if (open < 0) return 'permerror'; // RFC 6376 §3.5
  const result = await verifyText(signature, signedText(signature, mail.head), ask);
  // RFC 6376 §8.2: under l= anybody may have added the rest, a whole other text; RFC 8601 §2.7.1 calls it `policy`.
  return result === 'pass' && open > 0 ? 'policy' : result;
}

/** Whether the signature is of this text (latin1), by one of the keys that its domain publishes. */
export async function verifyText(signer: Signer, text: string, ask: Ask): Promise<DkimResult['result']> {
  const keys = await findKeys(signer, ask);
  if (keys === 'unknown') return 'temperror';
  const data = Buffer.from(text, 'latin1');
  if (keys.some((found) => found.kind === 'key' && holds(signer, found, data))) return 'pass';
  if (keys.some(({ kind }) => kind === 'key')) return 'fail';
  return keys.some(({ kind }) => kind === 'weak') ? 'policy' : 'permerror';
}

/** RFC 6376 §3.6.2.2 leaves several keys under one name open; somebody who changes keys may have two. */
const mostKeys = 5;

async function findKeys(signature: Signer, ask: Ask): Promise<readonly KeyReading[] | 'unknown'> {
  try {
    const texts = await ask(`${signature.selector}._domainkey.${signature.domain}`, 'TXT');
    return texts.slice(0, mostKeys).map((strings) => readKeyRecord(strings.join(''), signature));
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : '';
    return code === 'ENOTFOUND' || code === 'ENODATA' ? [] : 'unknown';
  }
}

function holds({ keyKind, signature }: Signer, { key }: KeyReading & { kind: 'key' }, data: Buffer) {
  return keyKind === 'rsa'
    ? verify('sha256', data, key, signature)
    : verify(null, hash('sha256', data, 'buffer'), key, signature); // RFC 8463 §3
}
