import { createPublicKey, generateKeyPairSync, verify } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { signData } from '../../src/mail/sign-data.ts';
import type { SigningKey } from '../../src/mail/signing-key.ts';

function newKey(algorithm: 'rsa' | 'ed25519'): SigningKey {
  const { privateKey } =
    algorithm === 'rsa'
      ? generateKeyPairSync('rsa', { modulusLength: 2048 })
      : generateKeyPairSync('ed25519');
  return { domain: 'lists.example.org', selector: 's', algorithm, key: privateKey };
}

const rsa = newKey('rsa');
const otherRsa = newKey('rsa');
const ed25519 = newKey('ed25519');

function holds(signature: Buffer, { data, key }: { data: Buffer; key: SigningKey }): boolean {
  return verify(key.algorithm === 'rsa' ? 'sha256' : null, data, createPublicKey(key.key), signature);
}

describe('signatures of many things at once', () => {
  test.each([
    ['one, which needs no thread', 1],
    ['a few', 63],
    ['as many as are worth threads', 64],
    ['many more', 700],
  ])('%s: each is of its own thing, by its own key', async (_, count) => {
    const wanted = Array.from({ length: count }, (_, i) => ({
      data: Buffer.from(`copy ${i} `.repeat(i % 50)),
      key: [rsa, rsa, rsa, otherRsa, ed25519][i % 5] ?? rsa,
    }));
    const signed = await Promise.all(wanted.map(({ data, key }) => signData(data, key, false)));
    expect(wanted.filter((each, i) => !holds(signed[i] ?? Buffer.alloc(0), each))).toEqual([]);
  });

  test('what somebody waits for goes before a thousand that nobody waits for', async () => {
    const order: string[] = [];
    const many = Array.from({ length: 1_000 }, () =>
      signData(Buffer.from('bulk'), rsa, false).then(() => order.push('bulk')),
    );
    await signData(Buffer.from('urgent'), rsa, true).then(() => order.push('urgent'));
    expect(order.length).toBeLessThan(900);
    await Promise.all(many);
  });

  test('what cannot be signed says why, and the next can be', async () => {
    const broken = { ...ed25519, algorithm: 'rsa' } as const;
    await expect(signData(Buffer.from('x'), broken, false)).rejects.toThrow();
    const signature = await signData(Buffer.from('x'), rsa, false);
    expect(holds(signature, { data: Buffer.from('x'), key: rsa })).toBe(true);
  });

  test('a thread that dies over one leaves the others to be signed', async () => {
    const broken = { ...ed25519, algorithm: 'rsa' } as const;
    const wanted = Array.from({ length: 300 }, (_, i) => ({
      data: Buffer.from(`${i}`),
      key: i === 150 ? broken : rsa,
    }));
    const results = await Promise.allSettled(wanted.map(({ data, key }) => signData(data, key, false)));
    const failed = results.flatMap((result, i) => (result.status === 'rejected' ? [i] : []));
    expect(failed).toEqual([150]);
  });
});
