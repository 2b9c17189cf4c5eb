import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { loadOrMakeHmacKeys } from '../../src/store/keys.ts';
import { openStore } from '../../src/store/open-store.ts';
import type { Store } from '../../src/store/store.ts';
import { eachStore, onEachEngine } from '../support/stores.ts';

eachStore('the first start makes a key of 256 bits, the next one finds it', async (store) => {
  const made = await loadOrMakeHmacKeys(store, randomBytes, 1);
  expect(made.secrets.map((secret) => secret.length)).toEqual([32]);
  expect(await loadOrMakeHmacKeys(store, randomBytes, 2)).toEqual(made);
});

eachStore('the newest key comes first, a retired one not at all', async (store) => {
  const [old, older, newest] = [randomBytes(32), randomBytes(32), randomBytes(32)];
  await store.write((tx) =>
    tx
      .insertInto('keys')
      .values([
        { purpose: 'hmac', secret: older, created_at: 1, retired_at: 3 },
        { purpose: 'hmac', secret: old, created_at: 2 },
        { purpose: 'dkim', secret: randomBytes(32), created_at: 3 },
        { purpose: 'hmac', secret: newest, created_at: 3 },
      ])
      .execute(),
  );
  expect((await loadOrMakeHmacKeys(store, randomBytes, 4)).secrets).toEqual([newest, old]);
});

onEachEngine((engine) => {
  test('several that start at once end with the same key', async () => {
    const url = await engine.emptyDatabase();
    const stores: Store[] = [];
    for (let i = 0; i < 4; i++) stores.push(await openStore(url, { dataDir: '/' }));
    const keys = await Promise.all(stores.map((store) => loadOrMakeHmacKeys(store, randomBytes, 1)));
    await Promise.all(stores.map((store) => store.close()));
    for (const other of keys) expect(other).toEqual(keys[0]);
  });
});
