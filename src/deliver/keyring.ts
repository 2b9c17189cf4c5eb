import type { KeyObject } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import { activeKeys } from '../domain/dkim-key.ts';
import { openPrivateKey, type SigningKey } from '../mail/signing-key.ts';
import { loadSigningKeys } from '../store/dkim-keys.ts';
import type { Db } from '../store/store.ts';

/** The keys that sign, as the store has them now: what is activated beside a running server signs its next mail. */
export interface Keyring {
  /** Of each of these domains the keys that sign for it, RSA first; none where it has none. */
  keysOf(db: Db, domains: readonly string[]): Promise<ReadonlyMap<string, readonly SigningKey[]>>;
  /** Whether all of these, of which there is one, still sign: what was made with another must not leave any more. */
  stillSign(db: Db, used: readonly KeyName[]): Promise<boolean>;
}

/** Of all keys only one has both: a selector is never used again. */
export type KeyName = Pick<SigningKey, 'domain' | 'selector'>;

export function createKeyring(): Keyring {
  /** To open a key costs as much as some signatures; a row's secret half never changes. */
  const opened = new LRUCache<number, KeyObject>({ max: 1_000 });
  return {
    async keysOf(db, domains) {
      const rows = activeKeys(await loadSigningKeys(db, domains));
      const found = new Map<string, SigningKey[]>();
      for (const { id, domain, selector, algorithm, privateKey } of rows) {
        const key = opened.get(id) ?? openPrivateKey(privateKey);
        opened.set(id, key);
        const keys = found.get(domain) ?? [];
        const one = { domain, selector, algorithm, key };
        found.set(domain, algorithm === 'rsa' ? [one, ...keys] : [...keys, one]);
      }
      return found;
    },
    async stillSign(db, used) {
      const domains = [...new Set(used.map(({ domain }) => domain))];
      const active = activeKeys(await loadSigningKeys(db, domains));
      return used.every(({ domain, selector }) =>
        active.some((key) => key.domain === domain && key.selector === selector),
      );
    },
  };
}
