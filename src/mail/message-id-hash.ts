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
    const high = digest.readUInt16BE(at) * 16 + ((digest[at + 2] ?? 0) >> 4);
    const low = (digest.readUIntBE(at + 2, 3) & 0xfffff) >>> 0;
    for (const bits of [high, low]) {
      for (let shift = 15; shift >= 0; shift -= 5) out += base32[(bits >> shift) & 31];
    }
  }
  return out;
}
