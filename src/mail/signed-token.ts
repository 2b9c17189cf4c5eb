import { createHmac, timingSafeEqual } from 'node:crypto';
import type { HmacKeys } from '../domain/keys.ts';
import { decodeId, encodeBits, encodeId, idLength, normalizeToken } from '../domain/token.ts';

/**
 * Tokens that need no table: an id and bits of an HMAC-SHA-512 over purpose and id (email.md §3.1). Verified with the current
 * key, then the earlier ones, so that a rotation breaks no link in old mail.
 *
 * `bounce`: one delivery (return path). `batch`: a transaction with several recipients, named by its first delivery.
 * `leave`: one membership. `alias`: one author on one list.
 */
export type SignedPurpose = 'bounce' | 'batch' | 'leave' | 'alias';

/** 15 characters for an address (id and 40 bits), 23 for a link (id and 80 bits); the shorter is the beginning of the longer. */
export type SignedLength = 15 | 23;

export function signToken(
  keys: HmacKeys,
  purpose: SignedPurpose,
  id: number,
  length: SignedLength = 15,
): string {
  return encodeId(id) + seal(keys.secrets[0], purpose, id).slice(0, length - idLength);
}

/** The id, or undefined when the token is not ours. */
export function verifyToken(
  keys: HmacKeys,
  purpose: SignedPurpose,
  text: string,
  length: SignedLength = 15,
): number | undefined {
  const token = normalizeToken(text, length);
  if (!token) return undefined;
  const id = decodeId(token.slice(0, idLength));
  const given = Buffer.from(token.slice(idLength), 'latin1');
  const ours = keys.secrets.some((secret) =>
    timingSafeEqual(Buffer.from(seal(secret, purpose, id).slice(0, given.length), 'latin1'), given),
  );
  return ours ? id : undefined;
}

const sealBytes = 10;
/** One HMAC seals this many neighbouring ids, each with bits of its own: a copy needs two seals, and an HMAC costs as much as sending it. */
const idsPerMac = 6;

function seal(secret: Buffer, purpose: SignedPurpose, id: number): string {
  const group = Math.floor(id / idsPerMac);
  const from = (id - group * idsPerMac) * sealBytes;
  return encodeBits(macOf(secret, purpose, group).subarray(from, from + sealBytes), (sealBytes * 8) / 5);
}

/** The mac made last for each key and purpose: copies are made in the order of their ids. */
const latest = new WeakMap<Buffer, Partial<Record<SignedPurpose, { group: number; mac: Buffer }>>>();

function macOf(secret: Buffer, purpose: SignedPurpose, group: number): Buffer {
  const known = latest.get(secret) ?? {};
  if (known[purpose]?.group === group) return known[purpose].mac;
  const mac = createHmac('sha512', secret).update(`${purpose}:${group}`).digest();
  known[purpose] = { group, mac };
  latest.set(secret, known);
  return mac;
}
