import { expect, onTestFinished, test, vi } from 'vitest';
import { createCopyShelf } from '../../src/deliver/copy-shelf.ts';
import { createKeyring } from '../../src/deliver/keyring.ts';
import { createList } from '../../src/operations/lists/create-list.ts';
import { activateDkimKey, retireDkimKey } from '../../src/store/dkim-keys.ts';
import { createDesk } from '../support/desk.ts';
import { makeSigningKey } from '../support/dkim-key.ts';
import { deliverOne } from '../support/letterbox.ts';
import { giveDeskKeys } from '../support/on-the-wire.ts';
import { eachStore, sqlite } from '../support/stores.ts';

eachStore('copies that were kept are made anew when a key of theirs signs no more', async (store) => {
  const desk = createDesk(store);
  const [old, fresh] = [makeSigningKey('rsa'), { ...makeSigningKey('rsa'), selector: 'k2' }];
  await giveDeskKeys(desk, [old]);
  await desk.operate(createList, { address: 'birds', owners: ['ana@example.org'] });
  await deliverOne(desk, { from: 'bob@b.example', to: 'birds-owner@lists.example.org', text: 'Hello' });
  const { id: mailingId } = await store.read((db) =>
    db.selectFrom('mailings').select('id').where('kind', '=', 'forward').executeTakeFirstOrThrow(),
  );
  const { keys, site } = desk;
  const parts = {
    keys,
    site,
    personalize: 'auto',
    signs: true,
    seals: true,
    keyring: createKeyring(),
    now: () => desk.now,
  } as const;
  const shelf = createCopyShelf(store, parts, 1_000_000);
  const take = () => shelf.take({ mailingId, form: 'full' });

  const before = await take();
  expect(before.message.text).toContain(`s=${old.selector};`);
  expect(await take()).toBe(before);
  await giveDeskKeys(desk, [fresh]);
  const ids = await store.read((db) => db.selectFrom('dkim_keys').select('id').orderBy('id').execute());
  await store.write((tx) => activateDkimKey(tx, ids[1]?.id ?? 0, desk.now + 1));
  await store.write((tx) => retireDkimKey(tx, ids[0]?.id ?? 0, desk.now + 2));
  const after = await take();
  expect(after.keys.map(({ selector }) => selector)).toEqual(['k2', 'k2']);
  expect(await take()).toBe(after);
});

test('after half a minute in which nobody wants copies the large ones are let go, and small ones kept', async () => {
  const desk = createDesk(await sqlite.freshStore());
  await desk.operate(createList, { address: 'birds', owners: ['ana@example.org'] });
  for (const text of ['Hello', 'egg\n'.repeat(300_000)])
    await deliverOne(desk, { from: 'bob@b.example', to: 'birds-owner@lists.example.org', text });
  const mailings = await desk.store.read((db) =>
    db.selectFrom('mailings').select('id').where('kind', '=', 'forward').orderBy('id').execute(),
  );
  const { keys, site } = desk;
  const parts = {
    keys,
    site,
    personalize: 'auto',
    signs: false,
    seals: false,
    keyring: createKeyring(),
    now: () => desk.now,
  } as const;
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  onTestFinished(() => {
    vi.useRealTimers();
  });
  const shelf = createCopyShelf(desk.store, parts, 10_000_000);
  const takeBoth = () => Promise.all(mailings.map(({ id }) => shelf.take({ mailingId: id, form: 'full' })));

  const [small, large] = await takeBoth();
  vi.advanceTimersByTime(29_000);
  expect(await takeBoth()).toEqual([small, large]);
  vi.advanceTimersByTime(29_000);
  expect((await takeBoth())[1]).toBe(large);
  vi.advanceTimersByTime(30_001);
  const after = await takeBoth();
  expect(after[0]).toBe(small);
  expect(after[1]).not.toBe(large);
});

eachStore(
  'copies that were kept are given up when their mailing is now, not when it was to be',
  async (store) => {
    const desk = createDesk(store);
    await desk.operate(createList, { address: 'birds', owners: ['ana@example.org'] });
    await deliverOne(desk, { from: 'bob@b.example', to: 'birds-owner@lists.example.org', text: 'Hello' });
    const { id: mailingId, give_up_at: giveUpAt } = await store.read((db) =>
      db
        .selectFrom('mailings')
        .select(['id', 'give_up_at'])
        .where('kind', '=', 'forward')
        .executeTakeFirstOrThrow(),
    );
    const { keys, site } = desk;
    const none = { signs: false, seals: false, keyring: createKeyring(), now: () => desk.now } as const;
    const shelf = createCopyShelf(store, { keys, site, personalize: 'auto', ...none }, 1_000_000);
    const take = () => shelf.take({ mailingId, form: 'full' });
    const before = await take();
    await store.write((tx) =>
      tx
        .updateTable('mailings')
        .set({ give_up_at: giveUpAt + 1 })
        .where('id', '=', mailingId)
        .execute(),
    );
    desk.now = giveUpAt - 3_600_000;
    expect(await take()).toBe(before);
    desk.now += 1;
    expect((await take()).giveUpAt).toBe(giveUpAt + 1);
  },
);
