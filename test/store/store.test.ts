import { expect } from 'vitest';
import { eachStore } from '../support/stores.ts';

eachStore('what a write commits, a read sees', async (store) => {
  await store.write((tx) => tx.insertInto('switches').values({ name: 'a', value: '1' }).execute());
  expect(await store.read((db) => db.selectFrom('switches').selectAll().execute())).toEqual([
    { name: 'a', value: '1' },
  ]);
});
