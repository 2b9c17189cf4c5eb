import { createPublicKey, generateKeyPairSync, hash, verify } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { signMany, signNow } from '../../src/mail/sign-data.ts';
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
/** Says that it is of another kind than it is. */
const broken: SigningKey = { ...ed25519, algorithm: 'rsa' };

/** RFC 8463 §3: what Ed25519 signs is the hash. */
function holds(signature: Buffer, text: string, { algorithm, key }: SigningKey): boolean {
  const bytes = Buffer.from(text, 'latin1');
  return algorithm === 'rsa'
    ? verify('sha256', bytes, createPublicKey(key), signature)
    : verify(null, hash('sha256', bytes, 'buffer'), createPublicKey(key), signature);
}

interface Wanted {
  readonly texts: readonly string[];
  readonly key: SigningKey;
}

/** Groups of one to seven texts, octets over 127 and empty ones among them. */
function groups(count: number): Wanted[] {
  return Array.from({ length: count }, (_, i) => ({
    texts: Array.from({ length: 1 + (i % 7) }, (_, copy) =>
      `copy ${i}.${copy} \xe9 `.repeat((i * copy) % 50),
    ),
    key: [rsa, rsa, rsa, otherRsa, ed25519][i % 5] ?? rsa,
  }));
}

describe('signatures of many copies', () => {
  test.each([
    ['a few, which need no threads', 3],
    ['as many as are worth threads', 17],
    ['many more', 200],
  ])('%s: each is of its own text, by its own key', async (_, count) => {
    const wanted = groups(count);
    const signed = await Promise.all(wanted.map(({ texts, key }) => signMany(texts, key)));
    const wrong = wanted.flatMap(({ texts, key }, group) =>
      texts.filter((text, i) => !holds(signed[group]?.[i] ?? Buffer.alloc(0), text, key)),
    );
    expect(wrong).toEqual([]);
    expect(signed.map(({ length }) => length)).toEqual(wanted.map(({ texts }) => texts.length));
  });

  test('what somebody waits for goes before a thousand that nobody waits for', async () => {
    const order: string[] = [];
    const many = Array.from({ length: 100 }, () =>
      signMany(new Array(10).fill('bulk'), rsa).then(() => order.push('bulk')),
    );
    await signNow('urgent', rsa).then(() => order.push('urgent'));
    expect(order.length).toBeLessThan(90);
    await Promise.all(many);
  });

  test('what cannot be signed says why, and the next can be', async () => {
    await expect(signMany(['x', 'y'], broken)).rejects.toThrow();
    await expect(signNow('x', broken)).rejects.toThrow();
    const [first, second] = await signMany(['x', 'y'], rsa);
    expect([holds(first as Buffer, 'x', rsa), holds(second as Buffer, 'y', rsa)]).toEqual([true, true]);
  });

  test('a thread that dies over one group leaves the others to be signed', async () => {
    const wanted = Array.from({ length: 60 }, (_, i) => ({
      texts: new Array<string>(5).fill(`${i}`),
      key: i === 30 ? broken : rsa,
    }));
    const results = await Promise.allSettled(wanted.map(({ texts, key }) => signMany(texts, key)));
    const failed = results.flatMap((result, i) => (result.status === 'rejected' ? [i] : []));
    expect(failed).toEqual([30]);
  });
});
