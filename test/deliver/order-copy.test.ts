import { createPublicKey, verify } from 'node:crypto';
import { Worker } from 'node:worker_threads';
import { describe, expect, test } from 'vitest';
import { type CopyOrder, makeCopy } from '../../src/deliver/make-copy.ts';
import { createOrderCopy, type OrderCopy } from '../../src/deliver/order-copy.ts';
import type { Mailing } from '../../src/domain/mailing.ts';
import { signNow } from '../../src/mail/sign-data.ts';
import { testSite } from '../support/desk.ts';
import { makeSigningKey } from '../support/dkim-key.ts';
import { plainList } from '../support/plain.ts';

const keys = [makeSigningKey('rsa'), makeSigningKey('ed25519')];
const large = 1 << 20;

function orderOf(bytes: number, change: Partial<CopyOrder> = {}): CopyOrder {
  const head = 'From: ana@example.com\r\nTo: birds@lists.example.org\r\nSubject: Nests\r\n\r\n';
  return {
    mailing: { ...mailing },
    list: plainList({ footer: 'Nests' }),
    raw: Buffer.alloc(bytes, `${head}${'.egg\r\n'.repeat(1000)}`, 'latin1'),
    site: testSite,
    home: 'lists.example.org',
    shared: false,
    alias: undefined,
    form: 'full',
    signs: true,
    seals: true,
    signing: new Map([['lists.example.org', keys]]),
    ...change,
  };
}

const mailing: Mailing = {
  id: 1,
  kind: 'post',
  listId: 1,
  bodyId: 1,
  returnPath: 'verp',
  createdAt: Date.UTC(2026, 10, 28),
  giveUpAt: Date.UTC(2026, 11, 1),
  facts: { trace: 'from x by y', number: 1, hash: 'HASH', proved: true },
  deliveries: 3,
  growing: false,
};

/** Whatever a thread would say; each start of one is counted. */
function withThread(code: string): { readonly order: OrderCopy; started(): number } {
  let started = 0;
  const order = createOrderCopy(() => {
    started += 1;
    return new Worker(`const { parentPort: port } = require('node:worker_threads'); ${code}`, { eval: true });
  });
  return { order, started: () => started };
}

describe('a copy made in the thread', () => {
  test.each<[string, Partial<CopyOrder>]>([
    ['of a post', {}],
    ['of a post that many get at once', { shared: true }],
    ['for a next hop that takes less', { form: 'seven-bit' }],
    ['of a forward', { mailing: { ...mailing, kind: 'forward' } }],
    ['of a notice', { mailing: { ...mailing, kind: 'notice', returnPath: 'null' }, list: undefined }],
    ['without a signature', { signs: false, seals: false, signing: new Map() }],
  ])('%s is the one made here', async (_, change) => {
    const wanted = await makeCopy(orderOf(large + 1, change));
    const made = await createOrderCopy()(orderOf(large + 1, change));
    expect(made.message.bytes.equals(wanted.message.bytes)).toBe(true);
    expect({ ...made.message, bytes: 0 }).toEqual({ ...wanted.message, bytes: 0 });
    expect(made.keys).toEqual(wanted.keys);
    expect(made.toSign?.head).toEqual(wanted.toSign?.head);
    expect(made.toSign?.bodyHash).toBe(wanted.toSign?.bodyHash);
  });

  test('brings the keys that its recipients’ copies are signed with', async () => {
    const { toSign } = await createOrderCopy()(orderOf(large + 1));
    expect(toSign?.keys.map(({ selector }) => selector)).toEqual(keys.map(({ selector }) => selector));
    const [rsa] = toSign?.keys ?? [];
    if (!rsa) throw new Error('there is no key');
    const signature = await signNow('covered', rsa);
    expect(verify('sha256', Buffer.from('covered'), createPublicKey(rsa.key), signature)).toBe(true);
  });

  test('that cannot be made says why, and the next one is made', async () => {
    const order = createOrderCopy();
    const [gone, next] = await Promise.allSettled([
      order(orderOf(large + 1, { list: undefined })),
      order(orderOf(large + 1)),
    ]);
    expect(gone).toMatchObject({ reason: { message: 'The list was deleted.' } });
    expect(next.status).toBe('fulfilled');
  });
});

describe('where a copy is made', () => {
  test('a large one in the thread, of which there is one; its bytes go over', async () => {
    const answer = `{ kind: 'made', copy: { message: { bytes: new Uint8Array(3) }, keys: [], toSign: undefined } }`;
    const { order, started } = withThread(
      `port.on('message', () => port.postMessage(${answer})); port.postMessage({ kind: 'ready' });`,
    );
    const orders = [orderOf(large + 1), orderOf(large + 1)];
    const made = await Promise.all(orders.map(order));
    expect(made.map(({ message }) => message.bytes)).toEqual([Buffer.alloc(3), Buffer.alloc(3)]);
    expect(orders.map(({ raw }) => raw.length)).toEqual([0, 0]);
    expect(started()).toBe(1);
  });

  test('a mail of a MiB here, without a thread', async () => {
    const { order, started } = withThread('');
    await order(orderOf(large));
    expect(started()).toBe(0);
  });

  test.each<[string, OrderCopy]>([
    [
      'cannot be had',
      createOrderCopy(() => {
        throw new Error('no threads left');
      }),
    ],
    ['does not load', withThread(`throw new Error('no such file');`).order],
    ['ends before it has begun', withThread('process.exit(1);').order],
  ])('all of them here, where the thread %s', async (_, order) => {
    const made = await Promise.all([order(orderOf(large + 1)), order(orderOf(large + 1))]);
    expect(made.map(({ message }) => message.bytes.length > large)).toEqual([true, true]);
  });

  test('a mail that the thread dies of fails, and another thread makes the next', async () => {
    const { order, started } = withThread(
      `port.on('message', () => { throw new Error('too much'); }); port.postMessage({ kind: 'ready' });`,
    );
    const made = await Promise.allSettled([order(orderOf(large + 1)), order(orderOf(large + 1))]);
    expect(made.map((one) => one.status === 'rejected' && one.reason.message)).toEqual([
      'too much',
      'too much',
    ]);
    expect(started()).toBe(2);
  });

  test('what cannot go over fails by itself', async () => {
    const order = createOrderCopy();
    const odd = orderOf(large + 1, { site: { ...testSite, limits: { odd: () => 1 } as never } });
    const made = await Promise.allSettled([order(odd), order(orderOf(large + 1))]);
    expect(made.map(({ status }) => status)).toEqual(['rejected', 'fulfilled']);
  });
});
