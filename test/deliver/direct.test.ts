import { describe, expect, onTestFinished, test } from 'vitest';
import { startWarmUp } from '../../src/deliver/direct/warm-up.ts';
import type { Worker } from '../../src/deliver/worker.ts';
import { silentLog } from '../../src/domain/log.ts';
import type { ClaimedDelivery } from '../../src/store/claims.ts';
import { testCertificate } from '../support/certificate.ts';
import type { Zones } from '../support/dns.ts';
import { type DirectWorkerInput, openMailWorld, startDirectWorker } from '../support/mail-world.ts';
import { addAddresses, deliveryRows, makeList, notify, postTo, start } from '../support/outbox.ts';
import type { SinkOptions } from '../support/sink.ts';
import { onEachEngine } from '../support/stores.ts';
import { until } from '../support/until.ts';

const minute = 60_000;
const hour = 60 * minute;

onEachEngine((engine) => {
  /** Members `m0@DOMAIN` and on, mail servers for some domains, and a worker that looks for them. */
  async function setUp(
    members: Readonly<Record<string, number>>,
    { servers = {}, zones = {} }: { servers?: Readonly<Record<string, SinkOptions>>; zones?: Zones } = {},
    input: Partial<DirectWorkerInput> = {},
  ) {
    const store = await engine.freshStore();
    const world = await openMailWorld(servers, zones);
    const list = await store.write((tx) => makeList(tx, 'birds'));
    const addresses = Object.entries(members).flatMap(([domain, count]) =>
      Array.from({ length: count }, (_, i) => `m${i}@${domain}`),
    );
    await addAddresses(store, list, addresses);
    const clock = { now: start };
    const workers: Worker[] = [];
    onTestFinished(async () => {
      for (const worker of workers) await worker.close();
    });
    const work = (more: Partial<DirectWorkerInput> = {}) => {
      const worker = startDirectWorker({ store, world, now: () => clock.now, ...input, ...more });
      workers.push(worker);
      return worker;
    };
    /** A worker of its own at that moment, until it has nothing to do: what is due is done. */
    const workAt = async (time: number, more: Partial<DirectWorkerInput> = {}) => {
      clock.now = time;
      const worker = work(more);
      await worker.idle();
      await worker.close();
    };
    const states = async (domain: string) =>
      (await deliveryRows(store))
        .filter(({ recipient }) => recipient.endsWith(`@${domain}`))
        .map((row) => [row.state, row.attempts, row.last_code, row.last_reply] as const);
    return {
      store,
      world,
      list,
      clock,
      work,
      workAt,
      states,
      post: (giveUpAt?: number) =>
        store.write((tx) => postTo(tx, { list, ...(giveUpAt !== undefined && { giveUpAt }) })),
    };
  }

  describe('a post', () => {
    test('goes to each member’s own mail servers', async () => {
      const { world, workAt, post } = await setUp(
        { 'a.example': 3, 'b.example': 2 },
        { servers: { 'a.example': {}, 'b.example': {} } },
      );
      await post();
      await workAt(start);
      expect(
        world
          .sink('a.example')
          .mails.flatMap(({ to }) => to)
          .sort(),
      ).toEqual([0, 1, 2].map((i) => `m${i}@a.example`));
      expect(world.sink('b.example').mails).toHaveLength(2);
    });

    test('to domains with the same mail servers goes over the same connections, and in one group of recipients', async () => {
      const { world, workAt, post } = await setUp(
        { 'a.example': 2, 'c.example': 2 },
        { servers: { 'a.example': {} }, zones: { 'c.example': { MX: [[5, 'mx.a.example']] } } },
        { settings: { personalize: 'never' } },
      );
      await post();
      await workAt(start);
      expect(world.sink('a.example').mails.map(({ to }) => to.length)).toEqual([4]);
      expect(world.sink('a.example').connections).toBe(1);
    });

    test('goes to a domain without MX at its own address (RFC 5321 §5.1)', async () => {
      const { world, workAt, post } = await setUp(
        { 'c.example': 1 },
        { servers: { 'a.example': {} }, zones: { 'c.example': { A: ['127.0.0.2'] } } },
      );
      await post();
      await workAt(start);
      expect(world.sink('a.example').mails.map(({ to }) => to)).toEqual([['m0@c.example']]);
    });

    test('goes to the next host where the preferred one is down, refuses to talk, or has no address', async () => {
      const { world, workAt, post } = await setUp(
        { 'c.example': 1 },
        {
          servers: { 'a.example': {}, 'b.example': { greeting: () => '421 4.3.2 not now' } },
          zones: {
            'c.example': {
              MX: [
                [10, 'nowhere.example'],
                [20, 'down.example'],
                [30, 'mx.b.example'],
                [40, 'mx.a.example'],
              ],
            },
            'down.example': { A: ['127.0.0.99'] },
          },
        },
      );
      await post();
      await workAt(start);
      expect(world.sink('a.example').mails).toHaveLength(1);
      expect(world.sink('b.example').connections).toBe(1);
    });

    test('is sent over one connection a hundred times at most', async () => {
      const { world, workAt, post } = await setUp(
        { 'a.example': 250 },
        { servers: { 'a.example': {} } },
        { connections: 1 },
      );
      await post();
      await workAt(start);
      const counts = new Map<number, number>();
      for (const { connection } of world.sink('a.example').mails)
        counts.set(connection, (counts.get(connection) ?? 0) + 1);
      expect([...counts.values()]).toEqual([100, 100, 50]);
    });
  });

  describe('mail for a domain', () => {
    test('goes to thousands at one server as it takes them: none waits for a turn', async () => {
      const members = 3_000;
      const { store, world, list, work } = await setUp(
        { 'a.example': members },
        { servers: { 'a.example': {} }, zones: {} },
      );
      const worker = work();
      await worker.idle();
      const lease = worker.lease();
      let handedOver: readonly ClaimedDelivery[] = [];
      const handOver = (deliveries: readonly ClaimedDelivery[]) => {
        handedOver = deliveries;
      };
      await store.write((tx) => postTo(tx, { list, ...(lease && { claimed: { lease, handOver } }) }));
      worker.wake(handedOver);
      await worker.idle();
      expect(new Set(world.sink('a.example').mails.flatMap(({ to }) => to)).size).toBe(members);
    });

    test('with a null MX fails at once (RFC 7505)', async () => {
      const { workAt, post, states } = await setUp(
        { 'c.example': 1 },
        { zones: { 'c.example': { MX: [[0, '']] } } },
      );
      await post();
      await workAt(start);
      expect(await states('c.example')).toEqual([
        ['failed', 1, 556, '5.1.10 c.example takes no mail (null MX)'],
      ]);
    });

    test('that does not exist has failed when it still does not after a day', async () => {
      const { workAt, post, states } = await setUp({ 'c.example': 1 });
      await post();
      await workAt(start);
      await workAt(start + 23 * hour);
      expect(await states('c.example')).toEqual([
        ['deferred', 0, null, '5.1.2 there is no domain c.example'],
      ]);
      await workAt(start + 25 * hour);
      expect(await states('c.example')).toEqual([['failed', 0, null, '5.1.2 there is no domain c.example']]);
    });

    test('that DNS says nothing of waits, and is given up with what was said last', async () => {
      const { workAt, post, states } = await setUp(
        { 'c.example': 1 },
        { zones: { 'c.example': 'servfail' } },
      );
      await post();
      await workAt(start);
      await workAt(start + 71 * hour);
      const reply = '4.4.3 DNS does not answer for c.example';
      expect(await states('c.example')).toEqual([['deferred', 0, null, reply]]);
      await workAt(start + 72 * hour);
      expect(await states('c.example')).toEqual([['failed', 0, null, reply]]);
    });

    test.each([
      [
        'at an address of this machine',
        { MX: [[1, 'x.example']] },
        { A: ['127.0.0.2'] },
        /4\.4\.4 x\.example has the address 127\.0\.0\.2/,
      ],
      [
        'in a private network',
        { MX: [[1, 'x.example']] },
        { A: ['10.1.2.3'], AAAA: ['fd00::1'] },
        /has the address fd00::1/,
      ],
      ['that names an address instead of a host', { MX: [[1, '127.0.0.2']] }, {}, /4\.4\.4/],
    ] as const)('%s is sent nowhere', async (_, zone, host, reply) => {
      const { world, workAt, post, states } = await setUp(
        { 'c.example': 1 },
        { servers: { 'a.example': {} }, zones: { 'c.example': zone, 'x.example': host } },
        { privateNetworks: [] },
      );
      await post();
      await workAt(start);
      expect(await states('c.example')).toEqual([['deferred', 0, null, expect.stringMatching(reply)]]);
      expect(world.sink('a.example').connections).toBe(0);
    });

    test('whose mail server is this one, which does not know it, fails instead of going round', async () => {
      const { workAt, post, states } = await setUp(
        { 'c.example': 1 },
        {
          zones: {
            'c.example': {
              MX: [
                [1, 'lists.example.org'],
                [2, 'backup.example'],
              ],
            },
          },
        },
      );
      await post();
      await workAt(start);
      expect(await states('c.example')).toEqual([['failed', 1, 554, expect.stringContaining('5.4.6')]]);
    });

    test('with a thousand MX, or a circle of aliases, costs nothing but itself', async () => {
      const { world, workAt, post, states } = await setUp(
        { 'a.example': 1, 'many.example': 1, 'round.example': 1 },
        {
          servers: { 'a.example': {} },
          zones: {
            'many.example': {
              MX: Array.from({ length: 1_000 }, (_, i) => [i, `mx${i}.many.example`] as const),
            },
            'round.example': { CNAME: 'dnuor.example' },
            'dnuor.example': { CNAME: 'round.example' },
          },
        },
      );
      await post();
      await workAt(start);
      expect(world.sink('a.example').mails).toHaveLength(1);
      for (const domain of ['many.example', 'round.example'])
        expect((await states(domain)).map(([state]) => state)).toEqual(['deferred']);
    });
  });

  describe('TLS', () => {
    const certificate = testCertificate();
    const tls = certificate ? { tls: certificate } : {};

    test.skipIf(!certificate)('is used where it is offered, whoever that is', async () => {
      const { world, workAt, post } = await setUp({ 'a.example': 1 }, { servers: { 'a.example': tls } });
      await post();
      await workAt(start);
      expect(world.sink('a.example').mails.map((mail) => mail.tls)).toEqual([true]);
    });

    test.skipIf(!certificate)('that is broken is done without', async () => {
      const broken = { ...tls, brokenTls: true };
      const { world, workAt, post } = await setUp({ 'a.example': 2 }, { servers: { 'a.example': broken } });
      await post();
      await workAt(start);
      expect(world.sink('a.example').mails.map((mail) => mail.tls)).toEqual([false, false]);
    });
  });

  describe('a server that asks for less', () => {
    test('is left alone for five minutes, then longer, and that counts as no attempt', async () => {
      let busy = true;
      const { world, clock, workAt, post, states, store } = await setUp(
        { 'a.example': 10, 'b.example': 10 },
        {
          servers: {
            'a.example': { mail: () => (busy ? '421 4.7.0 [TSS04] too much from you' : undefined) },
            'b.example': {},
          },
        },
      );
      await post();
      await workAt(start);
      expect(world.sink('b.example').mails).toHaveLength(10);
      expect(await states('a.example')).toEqual(
        Array(10).fill(['deferred', 0, 421, '4.7.0 [TSS04] too much from you']),
      );
      // Who asked it is not the first to do so again.
      const again = (await deliveryRows(store)).slice(0, 10).map(({ next_at }) => next_at);
      expect(Math.min(...again)).toBe(start + 5 * minute);
      expect(again[0]).toBe(start + 6.5 * minute);
      busy = false;
      await workAt(clock.now + 5 * minute);
      await workAt(clock.now + 1.5 * minute);
      expect(world.sink('a.example').mails).toHaveLength(10);
      expect(
        (await states('a.example')).every(([state, attempts]) => state === 'sent' && attempts === 1),
      ).toBe(true);
    });
  });

  describe('a domain that is dead', () => {
    test('costs a connection or two however many of its people wait, and holds up nobody', async () => {
      const { world, workAt, post, states } = await setUp(
        { 'dead.example': 600, 'b.example': 30 },
        { servers: { 'b.example': {}, 'dead.example': { greeting: () => 'cut' } } },
      );
      await post();
      await workAt(start);
      expect(world.sink('b.example').mails).toHaveLength(30);
      expect(
        (await states('dead.example')).every(([state, attempts]) => state === 'deferred' && attempts === 0),
      ).toBe(true);
      expect(world.sink('dead.example').connections).toBeLessThanOrEqual(3);
    });

    test('whose many servers are all silent is given up after the time of two', async () => {
      const silent = { greeting: () => 'silence' } as const;
      const names = ['s1', 's2', 's3', 's4', 's5'].map((name) => `${name}.example`);
      const { world, workAt, post, states } = await setUp(
        { 'c.example': 1 },
        {
          servers: Object.fromEntries(names.map((name) => [name, silent])),
          zones: { 'c.example': { MX: names.map((name, i) => [i, `mx.${name}`] as const) } },
        },
        { timeouts: { connect: 200 } },
      );
      await post();
      await workAt(start);
      expect((await states('c.example')).map(([state, attempts]) => [state, attempts])).toEqual([
        ['deferred', 0],
      ]);
      const tried = names.map((name) => world.sink(name).connections);
      expect(tried[0]).toBe(1);
      expect(tried.at(-1)).toBe(0);
    });

    test('is tried with one connection each time', async () => {
      const { world, clock, work, post } = await setUp(
        { 'dead.example': 300 },
        { servers: { 'dead.example': { greeting: () => 'cut' } } },
        { connections: 1 },
      );
      await post();
      const worker = work();
      await worker.idle();
      const sink = world.sink('dead.example');
      for (let round = 0; round < 3; round++) {
        const before = sink.connections;
        clock.now += hour;
        worker.wake();
        await until(() => sink.connections > before);
        await worker.idle();
        expect(sink.connections).toBe(before + 1);
      }
    });

    test('whose server greets with 554 for four hours is refused mail, not late with it', async () => {
      const { world, clock, work, post, states } = await setUp(
        { 'a.example': 2 },
        { servers: { 'a.example': { greeting: () => '554 5.7.1 go away' } } },
        { connections: 1 },
      );
      await post();
      const worker = work();
      await worker.idle();
      expect(await states('a.example')).toEqual(Array(2).fill(['deferred', 0, 554, '5.7.1 go away']));
      for (let passed = 1; passed <= 4; passed++) {
        const { connections } = world.sink('a.example');
        clock.now += hour;
        worker.wake();
        await until(() => world.sink('a.example').connections > connections);
        await worker.idle();
      }
      expect(await states('a.example')).toEqual(
        Array(2).fill(['failed', 1, 554, 'Refused at its greeting: 5.7.1 go away']),
      );
    });
  });

  test('a new address sends as much as it may on its first day, and the rest on the next one', async () => {
    const { store, world, workAt, states, post } = await setUp(
      { 'a.example': 210, 'b.example': 5 },
      { servers: { 'a.example': {}, 'b.example': {} } },
    );
    await post();
    const begin = Date.UTC(2026, 10, 20);
    for (const now of [start, start + hour, begin + 24 * hour]) {
      const warmUp = await startWarmUp({ store, start: begin, log: silentLog, now: () => now });
      await workAt(now, { allowanceOf: warmUp.allowanceOf });
      await warmUp.close();
      if (now > begin + 23 * hour) continue;
      expect(world.sink('a.example').mails).toHaveLength(200);
      const waiting = (await states('a.example')).filter(([state]) => state === 'deferred');
      expect(waiting).toEqual(
        Array(10).fill(['deferred', 0, null, 'warm-up: mx.a.example gets 200 mails today, and has had them']),
      );
      expect(world.sink('b.example').mails).toHaveLength(5);
    }
    expect(world.sink('a.example').mails).toHaveLength(210);
  });

  test('what a new address withholds for longer than the time to give up is sent, not given up', async () => {
    const { store, world, workAt, states, post } = await setUp(
      { 'a.example': 710 },
      { servers: { 'a.example': {} } },
    );
    await post(start + 30 * hour);
    const begin = Date.UTC(2026, 10, 20);
    const sent: number[] = [];
    for (let day = 0; day < 3; day++) {
      const now = day === 0 ? start : begin + day * 24 * hour + 2 * 90_000;
      const warmUp = await startWarmUp({ store, start: begin, log: silentLog, now: () => now });
      await workAt(now, { allowanceOf: warmUp.allowanceOf });
      await warmUp.close();
      sent.push(world.sink('a.example').mails.length);
    }
    expect(sent).toEqual([200, 700, 710]);
    expect(new Set((await states('a.example')).map(([state]) => state))).toEqual(new Set(['sent']));
  });

  test('a confirmation goes before the posts that wait for the same server', async () => {
    const { store, world, work, post } = await setUp(
      { 'a.example': 400 },
      { servers: { 'a.example': {} } },
      { connections: 1 },
    );
    await post();
    const worker = work();
    await world.sink('a.example').received(50);
    await store.write((tx) => notify(tx, { to: ['new@a.example'] }));
    worker.wake();
    await worker.idle();
    const place = world.sink('a.example').mails.findIndex(({ to }) => to[0] === 'new@a.example');
    expect(place).toBeGreaterThan(0);
    expect(place).toBeLessThan(300);
  });
});
