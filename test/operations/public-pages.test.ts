import { expect } from 'vitest';
import type { Actor } from '../../src/domain/actor.ts';
import { closeList } from '../../src/operations/lists/close-list.ts';
import { createList } from '../../src/operations/lists/create-list.ts';
import { setList } from '../../src/operations/lists/set-list.ts';
import { showDirectory } from '../../src/operations/lists/show-directory.ts';
import { showListPage } from '../../src/operations/lists/show-list-page.ts';
import { confirm } from '../../src/operations/requests/confirm.ts';
import { requestByPage } from '../../src/operations/requests/request-by-page.ts';
import { createDesk, type Desk } from '../support/desk.ts';
import { takeOutbox, tokenIn } from '../support/letterbox.ts';
import { eachStore } from '../support/stores.ts';

const visitor: Actor = { kind: 'visitor', ip: '192.0.2.7' };

eachStore('the directory names the lists that are listed and open, page by page', async (store) => {
  const desk = createDesk(store);
  await makeLists(desk, ['ants', 'bees', 'cats', 'dogs', 'elks']);
  for (const list of ['ants', 'bees', 'dogs', 'elks']) await set(desk, list, { listed: 'true' });
  await desk.operate(closeList, { list: 'bees' });
  const first = await desk.perform(showDirectory, visitor, { limit: 2 });
  expect(first.lists.map(({ path }) => path)).toEqual(['ants', 'dogs']);
  expect(first.next).toBe('dogs@lists.example.org');
  const second = await desk.perform(showDirectory, visitor, { limit: 2, after: first.next });
  expect(second).toEqual({
    lists: [{ title: 'Elks', purpose: 'About elks', address: 'elks@lists.example.org', path: 'elks' }],
  });
});

eachStore('a text that looks like the setting lists nothing', async (store) => {
  const desk = createDesk(store);
  await makeLists(desk, ['ants']);
  await set(desk, 'ants', { footer: '"listed":true' });
  expect((await desk.perform(showDirectory, visitor, {})).lists).toEqual([]);
});

eachStore('a list is shown to strangers once it is listed or its archive is public', async (store) => {
  const desk = createDesk(store);
  await makeLists(desk, ['ants']);
  const title = async () => (await desk.perform(showListPage, visitor, { list: 'ants' }))?.title;
  expect(await title()).toBeUndefined();
  await set(desk, 'ants', { listed: 'true' });
  expect(await title()).toBe('Ants');
  await set(desk, 'ants', { listed: 'false', archive: 'members' });
  expect(await title()).toBeUndefined();
  await set(desk, 'ants', { archive: 'public' });
  expect(await title()).toBe('Ants');
});

const paths = ['nobody', 'ants', 'ants@elsewhere.example', 'ants@lists.example.org@x', '', '@', '\0', '../x'];
for (const list of paths) {
  eachStore(`a request for the list ${JSON.stringify(list)} is answered like any other`, async (store) => {
    const desk = createDesk(store);
    await makeLists(desk, ['ants']);
    await desk.operate(closeList, { list: 'ants' });
    for (const want of ['join', 'leave']) {
      const asked = { list, want, email: 'anna@example.com', ip: visitor.ip };
      expect(await desk.perform(requestByPage, visitor, asked)).toBeUndefined();
      const own = { ...asked, email: 'x@lists.example.org' };
      expect(await desk.perform(requestByPage, visitor, own)).toBeUndefined();
    }
  });
}

eachStore('a name cannot hide from the owners which address asks', async (store) => {
  const desk = createDesk(store);
  await makeLists(desk, ['ants']);
  await set(desk, 'ants', { join: 'approve' });
  const asked = { list: 'ants', want: 'join', email: 'eve@evil.example', ip: visitor.ip };
  await desk.perform(requestByPage, visitor, { ...asked, name: 'ana@example.org\u202e\u2066' });
  const token = tokenIn((await takeOutbox(desk)).at(-1));
  await desk.perform(confirm, { kind: 'holder', of: 'test' }, { token });
  const question = (await takeOutbox(desk)).find(({ subject }) => subject.startsWith('eve@evil.example'));
  expect(question?.text).toContain('ana@example.org <eve@evil.example> asked to join');
});

eachStore('where the list is public a refusal is told', async (store) => {
  const desk = createDesk(store);
  await makeLists(desk, ['ants']);
  await set(desk, 'ants', { listed: 'true' });
  await desk.operate(closeList, { list: 'ants' });
  const asked = { list: 'ants', want: 'join', email: 'anna@example.com', ip: visitor.ip };
  await expect(desk.perform(requestByPage, visitor, asked)).rejects.toMatchObject({ code: 'closed' });
});

eachStore(
  'ten requests an hour from one network reach somebody, and the next hour ten more',
  async (store) => {
    const desk = createDesk(store, { limits: { joinsPerNetwork: { count: 30, ms: 3_600_000 } } });
    await makeLists(desk, ['ants']);
    const ask = (email: string, ip: string) =>
      desk.perform(requestByPage, { kind: 'visitor', ip }, { list: 'ants', want: 'join', email, ip });
    const asked = async () =>
      (await store.read((db) => db.selectFrom('tokens').select('id').execute())).length;
    for (let i = 0; i < 12; i++) await ask(`a${i}@example.com`, `192.0.2.${i}`);
    expect(await asked()).toBe(10);
    await ask('b@example.com', '198.51.100.1');
    expect(await asked()).toBe(11);
    desk.now += 3_600_000;
    await ask('c@example.com', '192.0.2.1');
    expect(await asked()).toBe(12);
  },
);

async function makeLists(desk: Desk, names: readonly string[]): Promise<void> {
  for (const name of names) {
    await desk.operate(createList, {
      address: `${name}@lists.example.org`,
      purpose: `About ${name}`,
      owners: ['owner@example.net'],
    });
  }
}

async function set(desk: Desk, list: string, changes: Record<string, string>): Promise<void> {
  await desk.operate(setList, { list, changes });
}
