import { expect, test } from 'vitest';
import { type Given, insertion, statement } from '../../src/store/statement.ts';
import { eachStore, sqlite } from '../support/stores.ts';

const putSwitch = statement((db, given: Given<{ name: string; value: string }>) =>
  db
    .insertInto('switches')
    .values({ name: given.name, value: given.value })
    .onConflict((on) => on.column('name').doUpdateSet({ value: given.value })),
);
const switchesLike = statement((db, given: Given<{ pattern: string }>) =>
  db
    .selectFrom('switches')
    .selectAll()
    .where('name', 'like', given.pattern)
    .where('value', '!=', 'off')
    .orderBy('name'),
);
const insertList = statement((db, given: Given<{ name: string; at: number; closedAt: number | null }>) =>
  db
    .insertInto('lists')
    .values({
      name: given.name,
      domain: 'lists.test',
      list_id: given.name,
      title: '',
      purpose: '',
      settings: '{}',
      created_at: given.at,
      closed_at: given.closedAt,
    })
    .returning('id'),
);

eachStore('a statement runs with the values of each call', async (store) => {
  await store.write(async (tx) => {
    expect(await putSwitch.run(tx, { name: 'a.1', value: 'on' })).toBe(1);
    expect(await putSwitch.run(tx, { name: 'a.2', value: 'on' })).toBe(1);
    expect(await putSwitch.run(tx, { name: 'a.3', value: 'off' })).toBe(1);
    expect(await putSwitch.run(tx, { name: 'a.2', value: 'dim' })).toBe(1);
  });
  await store.read(async (db) => {
    expect(await switchesLike.all(db, { pattern: 'a.%' })).toEqual([
      { name: 'a.1', value: 'on' },
      { name: 'a.2', value: 'dim' },
    ]);
    expect(await switchesLike.first(db, { pattern: 'b.%' })).toBeUndefined();
  });
});

eachStore('a statement that returns rows gives typed ones, and takes null', async (store) => {
  const ids = await store.write(async (tx) => [
    await insertList.first(tx, { name: 'x', at: 1_900_000_000_000, closedAt: null }),
    await insertList.first(tx, { name: 'y', at: 1, closedAt: 2 }),
  ]);
  expect(ids).toEqual([{ id: 1 }, { id: 2 }]);
  expect(
    await store.read((db) => db.selectFrom('lists').select(['created_at', 'closed_at']).execute()),
  ).toEqual([
    { created_at: 1_900_000_000_000, closed_at: null },
    { created_at: 1, closed_at: 2 },
  ]);
});

const insertPerson = insertion((db, given: Given<{ name: string }>) =>
  db.insertInto('people').values({ name: given.name, created_at: 0 }),
);
const insertAddress = insertion((db, given: Given<{ person: number; email: string }>) =>
  db
    .insertInto('addresses')
    .values({ person_id: given.person, email: given.email, created_at: 0, confirmed_at: null })
    .onConflict((on) => on.column('email').doNothing()),
);

eachStore('an insertion gives the id of its row, and nothing where a conflict kept it out', async (store) => {
  await store.write(async (tx) => {
    const person = (await insertPerson(tx, { name: 'Ana' })) ?? 0;
    const address = await insertAddress(tx, { person, email: 'ana@example.org' });
    expect(await insertAddress(tx, { person, email: 'ana@example.org' })).toBeUndefined();
    const row = await tx.selectFrom('addresses').selectAll().executeTakeFirstOrThrow();
    expect(row).toMatchObject({ id: address, person_id: person });
    expect(await insertPerson(tx, { name: 'Bo' })).toBe(person + 1);
  });
});

test('on SQLite the number of a limit is no bare parameter, with which each run would be planned anew', async () => {
  const store = await sqlite.freshStore();
  await store.read(async (db) => {
    const query = db.selectFrom('people').select('id').limit(3).offset(1);
    expect(query.compile().sql).toBe('select "id" from "people" limit ? + 0 offset ? + 0');
    expect(await query.execute()).toEqual([]);
  });
});
