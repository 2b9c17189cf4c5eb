import { generateKeyPairSync } from 'node:crypto';
import type { KeyAlgorithm } from '../../src/domain/dkim-key.ts';
import { publicHalf, type SigningKey } from '../../src/mail/signing-key.ts';
import { insertDkimKey } from '../../src/store/dkim-keys.ts';
import { openStore } from '../../src/store/open-store.ts';
import type { Zones } from './name-server.ts';

/** A key of ours to sign with; RSA of 1024 bits, which is made in no time. */
export function makeSigningKey(algorithm: KeyAlgorithm, domain = 'lists.example.org'): SigningKey {
  const { privateKey } =
    algorithm === 'rsa'
      ? generateKeyPairSync('rsa', { modulusLength: 1024 })
      : generateKeyPairSync('ed25519');
  return { domain, selector: algorithm === 'rsa' ? 'lw202611' : 'lw202611b', algorithm, key: privateKey };
}

/** The record that publishes it, under its name: for `startDns` and `askTable`. */
export function zoneOf({ domain, selector, algorithm, key }: SigningKey) {
  const text = `v=DKIM1; k=${algorithm}; p=${publicHalf(algorithm, key)}`;
  return { [`${selector}._domainkey.${domain}`]: { TXT: [text] } } satisfies Zones;
}

let shared: SigningKey | undefined;

/** The key that servers under test sign with: the same for all of a test file, for to make one at each start would take longer than most tests. */
export function sharedKey(): SigningKey {
  shared ??= makeSigningKey('rsa');
  return shared;
}

/** Puts keys, that sign from now on, into the database of a server that has not started yet. */
export async function giveKeys(databaseUrl: string, keys: readonly SigningKey[]): Promise<void> {
  const store = await openStore(databaseUrl, { dataDir: '/' });
  await store.write(async (tx) => {
    for (const { domain, selector, algorithm, key } of keys)
      await insertDkimKey(tx, {
        domain,
        selector,
        algorithm,
        publicKey: publicHalf(algorithm, key),
        privateKey: key.export({ type: 'pkcs8', format: 'der' }),
        createdAt: Date.now(),
        activatedAt: Date.now(),
      });
  });
  await store.close();
}
