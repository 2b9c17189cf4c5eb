import { createHmac, timingSafeEqual } from 'node:crypto';
import type { HmacKeys } from '../domain/keys.ts';
import { decodeId, encodeBits, encodeId, idLength, normalizeToken } from '../domain/token.ts';

/**
 * Tokens that need no table: an id and a truncated HMAC-SHA-256 over purpose and id (email.md §3.1). Verified with the current
 * key, then the earlier ones, so that a rotation breaks no link in old mail.
 *
 * `bounce`: one delivery (return path). `batch`: a transaction with several recipients, named by its first delivery.
 * `leave`: one membership.
 */
export type SignedPurpose = 'bounce' | 'batch' | 'leave';

/** 15 characters for an address (id and 40 bits), 23 for a link (id and 80 bits). */
export type SignedLength = 15 | 23;

export function signToken(
  keys: HmacKeys,
  purpose: SignedPurpose,
  id: number,
  length: SignedLength = 15,
): string {
  return seal(keys.secrets[0], purpose, encodeId(id), length);
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
  const id = token.slice(0, idLength);
  const given = Buffer.from(token, 'latin1');
  const ours = keys.secrets.some((secret) =>
    timingSafeEqual(Buffer.from(seal(secret, purpose, id, length), 'latin1'), given),
  );
  return ours ? decodeId(id) : undefined;
}

function seal(secret: Buffer, purpose: SignedPurpose, id: string, length: SignedLength): string {
  const mac = createHmac('sha256', secret).update(`${purpose}:${id}`).digest();
  return id + encodeBits(mac, length - idLength);
}
