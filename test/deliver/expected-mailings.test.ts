import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { createCopyShelf } from '../../src/deliver/copy-shelf.ts';
import { createExpectedMailings } from '../../src/deliver/expected-mailings.ts';
import { createKeyring } from '../../src/deliver/keyring.ts';
import type { WholeMailing } from '../../src/domain/mailing.ts';
import { textOf } from '../../src/mail/template.ts';
import { createList } from '../../src/operations/lists/create-list.ts';
import { addMembers } from '../../src/operations/members/add-members.ts';
import type { HandedOver } from '../../src/operations/operation.ts';
import { createPerform } from '../../src/operations/perform.ts';
import type { Store } from '../../src/store/store.ts';
import { createDesk, type Desk } from '../support/desk.ts';
import { deliverOne } from '../support/letterbox.ts';
import { eachStore } from '../support/stores.ts';

const list = 'birds@lists.example.org';

/** A list of three, and posts to it whose deliveries are handed over. */
async function postsTo(store: Store) {
  const handed: HandedOver[] = [];
  const desk = createDesk(store);
  const perform = createPerform({
    store,
    site: desk.site,
    keys: desk.keys,
    now: () => desk.now,
    randomBytes: (length) => randomBytes(length),
    lease: () => ({ until: desk.now + 1_800_000, by: null }),
    committed: (more) => handed.push(...more),
  });
  const posting: Desk = { ...desk, perform };
  await desk.operate(createList, { address: list, owners: ['mia@example.com'] });
  await desk.operate(addMembers, {
    list,
    members: [{ email: 'bo@example.com' }, { email: 'li@example.com' }],
  });
  await deliverOne(posting, { from: 'mia@example.com', to: list, subject: 'Ospreys', text: 'Two eggs.' });
  return { desk, handed };
}

function shelfFor(desk: Desk) {
  const { keys, site, store } = desk;
  const copies = { keys, site, personalize: 'auto', signs: false, seals: false } as const;
  return createCopyShelf(store, { ...copies, keyring: createKeyring(), now: () => desk.now }, 1_000_000);
}

const wanted = ({ mailing }: WholeMailing) => ({ mailingId: mailing.id, form: 'full' }) as const;

eachStore('copies of what was handed over are those of what is stored', async (store) => {
  const { desk, handed } = await postsTo(store);
  const [post] = handed;
  if (!post) throw new Error('nothing was handed over');
  expect(post.deliveries.map(({ recipient }) => recipient)).toEqual([
    'mia@example.com',
    'bo@example.com',
    'li@example.com',
  ]);
  const shelf = shelfFor(desk);
  shelf.expect(post);
  const [told, read] = await Promise.all([shelf.take(wanted(post)), shelfFor(desk).take(wanted(post))]);
  expect(told.message).toEqual(read.message);
  expect([told.giveUpAt, told.shared, told.keys]).toEqual([read.giveUpAt, read.shared, read.keys]);
  expect(told.returnPath(7, false)).toBe(read.returnPath(7, false));
  expect(textOf(told.personalHead(2))).toBe(textOf(read.personalHead(2)));
});

eachStore('nothing is read of what is expected, for a second', async (store) => {
  const { desk, handed } = await postsTo(store);
  const [post] = handed;
  if (!post) throw new Error('nothing was handed over');
  // Nothing of these is in the store.
  const unstored = (id: number): HandedOver => ({ ...post, mailing: { ...post.mailing, id } });
  const shelf = shelfFor(desk);
  shelf.expect(unstored(1_000_001));
  shelf.expect(unstored(1_000_002));
  desk.now += 999;
  expect((await shelf.take(wanted(unstored(1_000_001)))).mailingId).toBe(1_000_001);
  desk.now += 1;
  await expect(shelf.take(wanted(unstored(1_000_002)))).rejects.toThrow('The mailing is gone.');
});

const mailing = (id: number, bytes = 10) =>
  ({ mailing: { id }, list: undefined, raw: Buffer.alloc(bytes) }) as WholeMailing;

test('a mailing is told once, and a large one not at all', () => {
  const expected = createExpectedMailings(() => 0);
  expected.add(mailing(1));
  expected.add(mailing(2, 65_537));
  expect([1, 1, 2, 3].map((id) => expected.take(id)?.mailing.id)).toEqual([
    1,
    undefined,
    undefined,
    undefined,
  ]);
});

test('of those that nobody takes the youngest 200 are kept, and none for longer than a second', () => {
  let now = 0;
  const expected = createExpectedMailings(() => now);
  for (let id = 1; id <= 201; id++) expected.add(mailing(id));
  expect([1, 2, 201].map((id) => expected.take(id) !== undefined)).toEqual([false, true, true]);
  now = 1_000;
  expect(expected.take(3)).toBeUndefined();
});
