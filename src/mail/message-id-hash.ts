import { hash } from 'node:crypto';

const base32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'; // RFC 4648 §6

/**
 * Mailman's Message-ID-Hash: base32 of the SHA-1 of the Message-ID without its angle brackets, 32 characters. Archive links of
 * HyperKitty and ours are made of it, so both name a post alike.
 */
export function messageIdHash(messageId: string): string {
  const digest = hash('sha1', messageId, 'buffer');
  let out = '';
  // 20 bytes are four groups of 40 bits, eight characters each: no padding.
  for (let at = 0; at < digest.length; at += 5) {
    const group = digest.readUIntBE(at, 5);
    for (let power = 7; power >= 0; power--) out += base32[Math.floor(group / 32 ** power) % 32];
  }
  return out;
}
