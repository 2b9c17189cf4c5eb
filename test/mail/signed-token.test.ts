import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { encodeBits, encodeId, largestTokenId } from '../../src/domain/token.ts';
import { signToken, verifyToken } from '../../src/mail/signed-token.ts';

const keys = { secrets: [Buffer.alloc(32, 7)] } as const;
const anyId = fc.oneof(fc.integer({ min: 0, max: 100 }), fc.integer({ min: 0, max: largestTokenId }));

describe('a signed token', () => {
  test('is an id and its own 80 of the bits that seal six neighbours', () => {
    const mac = createHmac('sha512', keys.secrets[0]).update('leave:2').digest();
    for (let id = 12; id < 18; id++) {
      const bits = mac.subarray((id - 12) * 10, (id - 11) * 10);
      expect(signToken(keys, 'leave', id, 23)).toBe(encodeId(id) + encodeBits(bits, 16));
    }
  });

  test('names its id, in whatever order tokens are made and read', () => {
    const lengths = fc.constantFrom(15, 23);
    fc.assert(
      fc.property(fc.array(fc.tuple(anyId, lengths), { minLength: 2 }), (wanted) => {
        const made = wanted.map(([id, length]) => ({
          id,
          length,
          token: signToken(keys, 'leave', id, length),
        }));
        for (const { id, length, token } of made.reverse())
          expect(verifyToken(keys, 'leave', token, length)).toBe(id);
      }),
    );
  });

  test('in its short form is the beginning of the long one', () => {
    expect(signToken(keys, 'leave', 5, 23).slice(0, 15)).toBe(signToken(keys, 'leave', 5));
  });

  test('is not taken with the id of a neighbour, for another purpose or from another key', () => {
    fc.assert(
      fc.property(anyId, fc.integer({ min: 1, max: 20 }), (id, distance) => {
        const token = signToken(keys, 'bounce', id);
        const neighbour = encodeId((id + distance) % largestTokenId) + token.slice(7);
        expect(verifyToken(keys, 'bounce', neighbour)).toBeUndefined();
        expect(verifyToken(keys, 'batch', token)).toBeUndefined();
        expect(verifyToken({ secrets: [Buffer.alloc(32, 8)] }, 'bounce', token)).toBeUndefined();
      }),
    );
  });

  test('of an earlier key is taken until that key is gone', () => {
    const token = signToken(keys, 'bounce', 99);
    const rotated = { secrets: [Buffer.alloc(32, 8), keys.secrets[0]] } as const;
    expect(verifyToken(rotated, 'bounce', token)).toBe(99);
    expect(signToken(rotated, 'bounce', 99)).not.toBe(token);
  });
});
