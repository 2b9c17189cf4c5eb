import { describe, expect, onTestFinished, test } from 'vitest';
import type { Worker } from '../../src/deliver/worker.ts';
import { silentLog } from '../../src/domain/log.ts';
import { Refusal } from '../../src/domain/refusal.ts';
import { verifyToken } from '../../src/mail/signed-token.ts';
import { pauseQueue as pause } from '../../src/operations/queue/pause-queue.ts';
import { resumeQueue as resume } from '../../src/operations/queue/resume-queue.ts';
import { type ClaimedDelivery, promoteDue } from '../../src/store/claims.ts';
import { retryDeliveries } from '../../src/store/deliveries.ts';
import { askForRetry, pauseQueue, queuePaused, resumeQueue } from '../../src/store/queue-pause.ts';
import { queueStatus } from '../../src/store/queue-status.ts';
import type { Store } from '../../src/store/store.ts';
import { noteAtWork } from '../../src/store/time-off.ts';
import { createDesk } from '../support/desk.ts';
import {
  addMembers,
  deliveryRows,
  keys,
  makeList,
  notify,
  postTo,
  start,
  startWorker,
  type WorkerInput,
} from '../support/outbox.ts';
import { openSink, type SinkOptions } from '../support/sink.ts';
import { onEachEngine } from '../support/stores.ts';

const minute = 60_000;

onEachEngine((engine) => {
  /** A list of so many members, a sink, and a worker between them. */
  async function setUp(members: number, options: SinkOptions = {}, input: Partial<WorkerInput> = {}) {
    const store = await engine.freshStore();
    const sink = await openSink(options);
    const list = await store.write((tx) => makeList(tx, 'birds'));
    await addMembers(store, list, members);
    const clock = { now: start };
    const workers: Worker[] = [];
    onTestFinished(async () => {
      for (const worker of workers) await worker.close();
    });
    const work = (more: Partial<WorkerInput> = {}) => {
      const worker = startWorker({ store, url: sink.url, now: () => clock.now, ...input, ...more });
      workers.push(worker);
      return worker;
    };
    return { store, sink, list, clock, work };
  }

  describe('a post that a destination refuses for what it is', () => {
    /** Enough that the worker hears of the first fifth before it has sent the rest. */
    const members = 2_500;

    test('goes to a fifth of those there, and not to all: the rest waits, and none is lost', async () => {
      const { store, sink, list, work } = await setUp(members, {
        message: () => '554 5.7.1 Rejected as spam',
      });
      await store.write((tx) => postTo(tx, { list }));
      await work({ connections: 1 }).idle();
      const states = (await deliveryRows(store)).map(({ state }) => state);
      const failed = states.filter((state) => state === 'failed').length;
      // Of those whose deliveries are made so far: the first thousand at least.
      expect(failed).toBeGreaterThanOrEqual(200);
      expect(states.filter((state) => state === 'deferred').length).toBeGreaterThan(0);
      expect(new Set(states)).toEqual(new Set(['failed', 'deferred']));
      expect(sink.mails).toEqual([]);
    });

    test('for DMARC reaches all of them from the address of the list', async () => {
      const { store, sink, list, work } = await setUp(500, {
        message: ({ data }) =>
          /^From: [^\r]*@lists\.example\.org/m.test(data) ? undefined : '550 5.7.26 Refused for DMARC',
      });
      await store.write((tx) => postTo(tx, { list }));
      await work().idle();
      expect(new Set((await deliveryRows(store)).map(({ state }) => state))).toEqual(new Set(['sent']));
      expect(new Set(sink.mails.flatMap(({ to }) => to)).size).toBe(500);
      expect(sink.mails).toHaveLength(500);
    });
  });

  describe('a post', () => {
    test('reaches every member with a return path and a leave link of their own', async () => {
      const { store, sink, list, work } = await setUp(25);
      await store.write((tx) => postTo(tx, { list }));
      await work().idle();
      const rows = await deliveryRows(store);
      expect(rows.map((row) => [row.state, row.attempts, row.last_code])).toEqual(
        Array(25).fill(['sent', 1, 250]),
      );
      for (const { from, to, data } of sink.mails) {
        const row = rows.find(({ recipient }) => recipient === to[0]);
        const token = /^birds-bounces\+([0-9a-z]{15})@lists\.example\.org$/.exec(from)?.[1] ?? '';
        expect(verifyToken(keys, 'bounce', token)).toBe(row?.id);
        const link = /<https:\/\/lists\.example\.org\/u\/([0-9a-z]{23})>/.exec(data)?.[1] ?? '';
        expect(verifyToken(keys, 'leave', link, 23)).toBe(row?.membership_id);
        const address = /birds-leave\+([0-9a-z]{15})@/.exec(data)?.[1] ?? '';
        expect(verifyToken(keys, 'leave', address)).toBe(row?.membership_id);
      }
      expect(new Set(sink.mails.flatMap(({ to }) => to)).size).toBe(25);
    });

    test('that is fresh is sent when the worker is woken', async () => {
      const { store, sink, list, work } = await setUp(3);
      const worker = work();
      await worker.idle();
      await store.write((tx) => postTo(tx, { list }));
      worker.wake();
      await sink.received(3);
    });

    test('is not sent to who has left, paused or been suspended since', async () => {
      const { store, sink, list, work } = await setUp(4);
      await store.write((tx) => postTo(tx, { list }));
      const ids = (await deliveryRows(store)).map((row) => row.membership_id ?? 0);
      await store.write(async (tx) => {
        for (const [i, column] of (['left_at', 'paused_at', 'suspended_at'] as const).entries()) {
          await tx
            .updateTable('memberships')
            .set({ [column]: start })
            .where('id', '=', ids[i] ?? 0)
            .execute();
        }
      });
      await work().idle();
      expect(sink.mails.map(({ to }) => to)).toEqual([['sub000003@example.net']]);
      expect((await deliveryRows(store)).map((row) => row.state)).toEqual([
        'cancelled',
        'cancelled',
        'cancelled',
        'sent',
      ]);
    });

    test('to more members than one step of the fan-out reaches each of them once', async () => {
      const { store, sink, list, work } = await setUp(10_200, {}, { settings: { personalize: 'never' } });
      await store.write((tx) => postTo(tx, { list }));
      expect(await deliveryRows(store)).toHaveLength(10_000);
      await work().idle();
      expect(sink.mails.flatMap(({ to }) => to).length).toBe(10_200);
      expect(new Set(sink.mails.flatMap(({ to }) => to)).size).toBe(10_200);
    });
  });

  describe('deliveries that were handed over', () => {
    /** A post whose deliveries the worker gets from whoever made them. */
    async function handedOver(members: number, input: Partial<WorkerInput> = {}) {
      const all = await setUp(members, {}, input);
      const worker = all.work();
      await worker.idle();
      const post = async (list = all.list) => {
        const made: ClaimedDelivery[] = [];
        const lease = worker.lease();
        if (!lease) throw new Error('The worker takes none.');
        const claimed = { lease, handOver: (more: typeof made) => void made.push(...more) };
        await all.store.write((tx) => postTo(tx, { list, claimed }));
        return made;
      };
      return { ...all, worker, post };
    }

    test('are sent, and the rest of a long list after them, to each member once', async () => {
      const { sink, worker, post } = await handedOver(2_500);
      worker.wake(await post());
      await worker.idle();
      expect(new Set(sink.mails.flatMap(({ to }) => to)).size).toBe(2_500);
      expect(sink.mails).toHaveLength(2_500);
    });

    test('of a whole step keep neither a small list nor a confirmation waiting', async () => {
      const { store, sink, worker, post } = await handedOver(10_200, { connections: 1 });
      worker.wake(await post());
      await sink.received(300);
      const small = await store.write((tx) => makeList(tx, 'owls'));
      await addMembers(store, small, 5, 900_000);
      const made = await post(small);
      await store.write((tx) => notify(tx, { to: ['new@example.net'] }));
      const before = sink.mails.length;
      worker.wake(made);
      await worker.idle();
      const places = sink.mails.flatMap(({ to }, i) =>
        /^(sub9|new@)/.test(to[0] ?? '') ? [i - before] : [],
      );
      expect(places).toHaveLength(6);
      // Behind the large one it would be 9,900; how many go out while they are claimed is the machine's mood.
      expect(Math.max(...places)).toBeLessThan(1_500);
    });

    test('wait in a paused queue', async () => {
      const { store, sink, worker, post } = await handedOver(3);
      const made = await post();
      await store.write((tx) => pauseQueue(tx, { at: start, why: 'a test' }));
      worker.wake(made);
      await worker.idle();
      expect(sink.mails).toEqual([]);
      expect((await deliveryRows(store)).map((row) => row.state)).toEqual(Array(3).fill('queued'));
      expect(worker.lease()).toBeUndefined();
      await store.write(resumeQueue);
      worker.wake();
      await sink.received(3);
      await worker.idle();
      expect(worker.lease()).toBeDefined();
    });

    test('to a worker that is closing go back into the queue', async () => {
      const { store, sink, worker, post } = await handedOver(3);
      const made = await post();
      const closed = worker.close();
      expect(worker.lease()).toBeUndefined();
      worker.wake(made);
      await closed;
      expect(sink.mails).toEqual([]);
      expect((await deliveryRows(store)).map((row) => row.state)).toEqual(Array(3).fill('queued'));
    });

    test('are none while the next hop takes no mail, and the rest of a long list is queued', async () => {
      const { store, list, work } = await setUp(2_500, { greeting: () => '421 4.3.2 not now' });
      await store.write((tx) => postTo(tx, { list }));
      const worker = work();
      await worker.idle();
      expect(worker.lease()).toBeUndefined();
      expect((await deliveryRows(store)).map((row) => row.state)).toEqual(Array(2_500).fill('queued'));
    });
  });

  describe('shared copies', () => {
    const shared = { settings: { personalize: 'never' } } as const;

    test('go to a hundred at a time, from the address of the first delivery', async () => {
      const { store, sink, list, work } = await setUp(250, {}, { ...shared, connections: 1 });
      await store.write((tx) => postTo(tx, { list }));
      await work().idle();
      expect(sink.mails.map(({ to }) => to.length)).toEqual([100, 100, 50]);
      const token = /\+([0-9a-z]{15})@/.exec(sink.mails[0]?.from ?? '')?.[1] ?? '';
      const first = (await deliveryRows(store)).find((row) => row.recipient === sink.mails[0]?.to[0]);
      expect(verifyToken(keys, 'batch', token)).toBe(first?.id);
      expect(sink.mails[0]?.data).not.toContain('List-Unsubscribe-Post');
    });

    test('are what a large post to a long list gets', async () => {
      const { store, sink, list, work } = await setUp(201, {}, { connections: 1 });
      await store.write((tx) => postTo(tx, { list, body: 'x'.repeat(1024 * 1024) }));
      await work().idle();
      expect(sink.mails.map(({ to }) => to.length)).toEqual([100, 100, 1]);
    });

    test('are not what a large post to a short list gets', async () => {
      const { store, sink, list, work } = await setUp(20);
      await store.write((tx) => postTo(tx, { list, body: 'x'.repeat(1024 * 1024) }));
      await work().idle();
      expect(sink.mails).toHaveLength(20);
    });

    test('become smaller when the server takes fewer recipients', async () => {
      const { store, sink, list, work } = await setUp(
        60,
        { rcpt: (_, position) => (position > 25 ? '452 4.5.3 too many recipients' : undefined) },
        { ...shared, connections: 1 },
      );
      await store.write((tx) => postTo(tx, { list }));
      await work().idle();
      expect(new Set(sink.mails.flatMap(({ to }) => to)).size).toBe(60);
      expect((await deliveryRows(store)).every((row) => row.state === 'sent' && row.attempts === 1)).toBe(
        true,
      );
    });

    test('that are refused whole are tried one by one', async () => {
      const { store, sink, list, work } = await setUp(
        5,
        {
          message: ({ to }) =>
            to.length > 1 || to[0] === 'sub000002@example.net' ? '554 5.7.1 no' : undefined,
        },
        shared,
      );
      await store.write((tx) => postTo(tx, { list }));
      await work().idle();
      expect(sink.mails).toHaveLength(4);
      expect((await deliveryRows(store)).map((row) => row.state)).toEqual([
        'sent',
        'sent',
        'failed',
        'sent',
        'sent',
      ]);
    });
  });

  describe('what the next hop refuses', () => {
    test('for ever has failed', async () => {
      const { store, list, work } = await setUp(2, {
        rcpt: (to) => (to.startsWith('sub000000') ? '550 5.1.1 no such user' : undefined),
      });
      await store.write((tx) => postTo(tx, { list }));
      await work().idle();
      const [failed, sent] = await deliveryRows(store);
      expect(failed).toMatchObject({ state: 'failed', last_code: 550, last_reply: '5.1.1 no such user' });
      expect(sent?.state).toBe('sent');
    });

    test('for now is tried again when its time has come', async () => {
      let busy = true;
      const { store, sink, list, clock, work } = await setUp(1, {
        rcpt: () => (busy ? '450 4.2.0 greylisted' : undefined),
      });
      await store.write((tx) => postTo(tx, { list }));
      const worker = work();
      await worker.idle();
      const [row] = await deliveryRows(store);
      expect(row).toMatchObject({ state: 'deferred', attempts: 1, next_at: start + 6 * minute });
      await worker.close();
      busy = false;
      clock.now = start + 6 * minute;
      await work().idle();
      expect(sink.mails).toHaveLength(1);
      expect(await deliveryRows(store)).toMatchObject([{ state: 'sent', attempts: 2 }]);
      const log = await store.read((db) => db.selectFrom('delivery_log').selectAll().execute());
      expect(log).toMatchObject([{ outcome: 'deferred', code: 450, reply: '4.2.0 greylisted', at: start }]);
    });

    test('at each retry keeps its return path', async () => {
      const seen: string[] = [];
      const { store, list, clock, work } = await setUp(1, {
        mail: (from) => {
          seen.push(from);
          return undefined;
        },
        rcpt: () => '450 4.2.0 greylisted',
      });
      await store.write((tx) => postTo(tx, { list }));
      for (const wait of [0, 6, 15]) {
        clock.now += wait * minute;
        const worker = work();
        await worker.idle();
        await worker.close();
      }
      expect(seen).toHaveLength(3);
      expect(new Set(seen).size).toBe(1);
    });

    test('until its time is over has failed', async () => {
      const { store, list, clock, work } = await setUp(1, { rcpt: () => '450 4.2.0 full' });
      await store.write((tx) => postTo(tx, { list, giveUpAt: start + 5 * minute }));
      await (async (worker) => {
        await worker.idle();
        await worker.close();
      })(work());
      expect(await deliveryRows(store)).toMatchObject([{ state: 'deferred', next_at: start + 5 * minute }]);
      clock.now = start + 5 * minute;
      await work().idle();
      expect(await deliveryRows(store)).toMatchObject([{ state: 'failed', attempts: 2, last_code: 450 }]);
    });

    test('is tried once more when an operator asks for it after that', async () => {
      const { store, sink, list, clock, work } = await setUp(2);
      await store.write((tx) => postTo(tx, { list, giveUpAt: start + minute }));
      clock.now = start + 5 * 60 * minute;
      const once = async () => {
        const worker = work();
        await worker.idle();
        await worker.close();
      };
      await once();
      const [first] = await deliveryRows(store);
      await store.write((tx) => retryDeliveries(tx, { ids: [first?.id ?? 0] }, clock.now));
      await once();
      expect((await deliveryRows(store)).map((row) => row.state)).toEqual(['sent', 'failed']);
      expect(sink.mails).toHaveLength(1);
    });

    test('is not even tried long after that', async () => {
      const { store, sink, list, clock, work } = await setUp(1);
      await store.write((tx) => postTo(tx, { list, giveUpAt: start + minute }));
      clock.now = start + 2 * 60 * minute;
      await work().idle();
      expect(sink.mails).toEqual([]);
      expect(await deliveryRows(store)).toMatchObject([{ state: 'failed', last_code: null }]);
    });
  });

  describe('a mail that is sent whole and not answered', () => {
    test('is tried once more, and then no more', async () => {
      const { store, sink, list, clock, work } = await setUp(1, { message: () => 'cut' });
      await store.write((tx) => postTo(tx, { list }));
      const once = async () => {
        const worker = work();
        await worker.idle();
        await worker.close();
      };
      await once();
      expect(await deliveryRows(store)).toMatchObject([{ state: 'deferred', unanswered: 1 }]);
      clock.now += 6 * minute;
      await once();
      expect(await deliveryRows(store)).toMatchObject([{ state: 'failed', attempts: 2 }]);
      expect(sink.commands.filter(({ line }) => line === 'DATA')).toHaveLength(2);
    });
  });

  describe('a next hop that takes nothing', () => {
    test.each<[string, number, SinkOptions]>([
      ['at RCPT', 3, { rcpt: () => '554 5.7.1 Relay access denied' }],
      // The envelope of the next goes out with each text.
      ['at the final dot', 4, { message: () => '554 5.7.1 Relay access denied' }],
    ])(
      'because it relays for nobody, said %s, loses nothing: all of it waits, no recipient is to blame, and the log says what to mend',
      async (_, tried, denies) => {
        const errors: string[] = [];
        const log = { ...silentLog, error: (_: object, sentence: string) => void errors.push(sentence) };
        const { store, list, work } = await setUp(10, denies, { connections: 1, log });
        await store.write((tx) => postTo(tx, { list }));
        await work().idle();
        const rows = await deliveryRows(store);
        expect(new Set(rows.map(({ state }) => state))).toEqual(new Set(['deferred', 'queued']));
        expect(rows.filter(({ attempts }) => attempts > 0)).toHaveLength(tried);
        expect(await store.read((db) => db.selectFrom('bounces').selectAll().execute())).toEqual([]);
        expect(errors).toEqual([expect.stringContaining('mynetworks')]);
        const { groups } = await store.read(queueStatus);
        expect(groups).toMatchObject([{ lastReply: '554 5.7.1 Relay access denied' }]);
      },
    );

    test('because it relays for nobody until a post is given up: it has failed, no recipient is to blame, and it goes by hand', async () => {
      let denies = true;
      const { store, sink, list, clock, work } = await setUp(
        5,
        { rcpt: () => (denies ? '554 5.7.1 Relay access denied' : undefined) },
        { connections: 1 },
      );
      await store.write((tx) => postTo(tx, { list, giveUpAt: start + 60 * minute }));
      const at = async (after: number) => {
        clock.now = start + after * minute;
        const worker = work();
        await worker.idle();
        await worker.close();
      };
      for (const after of [0, 60, 180]) await at(after);
      const rows = await deliveryRows(store);
      expect(rows.map(({ state }) => state)).toEqual(Array(5).fill('failed'));
      const told = await store.read((db) => db.selectFrom('bounces').select(['class', 'points']).execute());
      expect(told).toEqual(Array(5).fill({ class: 'relay', points: 0 }));
      denies = false;
      await store.write((tx) => retryDeliveries(tx, { ids: rows.map(({ id }) => id) }, clock.now));
      await at(181);
      expect(sink.mails).toHaveLength(5);
    });

    test('while the machine slept it lost no time to be tried', async () => {
      let full = true;
      const { store, clock, work } = await setUp(0, { rcpt: () => (full ? '450 4.2.0 full' : undefined) });
      const note = () => store.write((tx) => noteAtWork(tx, clock.now)).then(() => {});
      await note();
      await store.write((tx) => notify(tx, { to: ['bo@example.org'] }));
      const worker = work({ awoke: note });
      await worker.idle();
      expect((await deliveryRows(store)).map(({ state }) => state)).toEqual(['deferred']);
      full = false;
      clock.now += 5 * 24 * 60 * minute;
      // As the alarm does, twice a minute.
      await store.write((tx) => promoteDue(tx, { now: clock.now, limit: 1 }));
      worker.wake();
      await worker.idle();
      expect((await deliveryRows(store)).map(({ state }) => state)).toEqual(['sent']);
    });

    test('costs one connection, and no attempts', async () => {
      const { store, sink, list, work } = await setUp(40, { greeting: () => '421 4.3.2 not now' });
      await store.write((tx) => postTo(tx, { list }));
      await work().idle();
      const rows = await deliveryRows(store);
      expect(rows.map((row) => [row.state, row.attempts])).toEqual(Array(40).fill(['queued', 0]));
      expect(rows[0]?.last_reply).toBe('421 4.3.2 not now');
      expect(sink.connections).toBeLessThanOrEqual(4);
    });

    test('is tried at once when an operator asks for it', async () => {
      let down = true;
      const { store, sink, list, work } = await setUp(5, {
        greeting: () => (down ? '554 5.3.2 no service' : undefined),
      });
      await store.write((tx) => postTo(tx, { list }));
      const worker = work();
      await worker.idle();
      down = false;
      await store.write((tx) => askForRetry(tx, start + 1));
      worker.wake();
      await sink.received(5);
      await worker.idle();
      expect((await deliveryRows(store)).map((row) => row.state)).toEqual(Array(5).fill('sent'));
    });

    test('pauses the queue when it refuses the login, until somebody resumes it', async () => {
      let right = false;
      const { store, sink, list, work } = await setUp(5, {
        mail: () => (right ? undefined : '530 5.7.0 authentication required'),
      });
      await store.write((tx) => postTo(tx, { list }));
      const worker = work();
      await worker.idle();
      expect(await store.read(queuePaused)).toMatchObject({ why: '530 5.7.0 authentication required' });
      expect((await deliveryRows(store)).map((row) => row.state)).toEqual(Array(5).fill('queued'));
      right = true;
      await store.write(resumeQueue);
      worker.wake();
      await sink.received(5);
    });
  });

  describe('a paused queue', () => {
    test('takes no time from what waits in it', async () => {
      const { store, sink, clock, work } = await setUp(0);
      const desk = createDesk(store);
      desk.now = clock.now;
      await store.write((tx) => notify(tx, { to: ['bo@example.org'], now: clock.now - 20 * 60 * minute }));
      await desk.operate(pause, {});
      await store.write((tx) => notify(tx, { to: ['mia@example.org'], now: clock.now + 60 * minute }));
      clock.now = desk.now += 5 * 24 * 60 * minute;
      await work().idle();
      await desk.operate(resume, {});
      await work().idle();
      expect(sink.mails.flatMap(({ to }) => to).sort()).toEqual(['bo@example.org', 'mia@example.org']);
    });

    test('sends nothing, and everything once it is resumed', async () => {
      const { store, sink, list, work } = await setUp(5);
      await store.write((tx) => pauseQueue(tx, { at: start, why: 'a test' }));
      await store.write((tx) => postTo(tx, { list }));
      const worker = work();
      await worker.idle();
      expect(sink.connections).toBe(0);
      await store.write(resumeQueue);
      worker.wake();
      await sink.received(5);
    });
  });

  describe('order', () => {
    test('a small list does not wait for a large one, nor a confirmation for either', async () => {
      const { store, sink, list, work } = await setUp(3_000, {}, { connections: 1 });
      await store.write((tx) => postTo(tx, { list }));
      const worker = work();
      await sink.received(300);
      const small = await store.write((tx) => makeList(tx, 'owls'));
      await addMembers(store, small, 5, 900_000);
      await store.write((tx) => postTo(tx, { list: small }));
      await store.write((tx) => notify(tx, { to: ['new@example.net'] }));
      const before = sink.mails.length;
      worker.wake();
      await worker.idle();
      const places = sink.mails.flatMap(({ to }, i) =>
        /^(sub9|new@)/.test(to[0] ?? '') ? [i - before] : [],
      );
      expect(places).toHaveLength(6);
      // Behind the large one it would be 2,700; how many go out while they are claimed is the machine's mood.
      expect(Math.max(...places)).toBeLessThan(1_500);
    });
  });

  describe('a large post', () => {
    test('is sent to the end, although something small comes in while much of it is in hand', async () => {
      const { store, sink, list, work } = await setUp(3_000, {}, { connections: 1 });
      await store.write((tx) => postTo(tx, { list }));
      const worker = work();
      await sink.received(100);
      await store.write((tx) => notify(tx, { to: ['new@example.net'] }));
      worker.wake();
      await worker.idle();
      const waiting = (await deliveryRows(store)).filter(({ state }) => state !== 'sent');
      expect(waiting).toEqual([]);
    });
  });

  describe('a worker that is closed', () => {
    test('leaves the rest queued, and another one sends it: nobody is left out, few get two', async () => {
      const { store, sink, list, work } = await setUp(400, {}, { connections: 2 });
      await store.write((tx) => postTo(tx, { list }));
      const first = work();
      await sink.received(50);
      await first.close();
      const states = new Set((await deliveryRows(store)).map((row) => row.state));
      expect(states.has('claimed')).toBe(false);
      await work().idle();
      const reached = sink.mails.flatMap(({ to }) => to);
      expect(new Set(reached).size).toBe(400);
      expect(reached.length).toBe(400);
    });

    test('while it claims puts back what it claimed', async () => {
      const { store, sink, list, work } = await setUp(3);
      await store.write((tx) => postTo(tx, { list }));
      const claiming = holdBack(store);
      const first = work({ store: claiming.store });
      await claiming.reached;
      const closed = first.close();
      claiming.letGo();
      await closed;
      expect((await deliveryRows(store)).map((row) => row.state)).toEqual(Array(3).fill('queued'));
      expect(sink.mails).toEqual([]);
    });

    test('ends although the store cannot be written any more', async () => {
      const { store, sink, list, work } = await setUp(50);
      await store.write((tx) => postTo(tx, { list }));
      let broken = false;
      const write: Store['write'] = async (...given) => {
        if (broken) throw new Refusal('busy', 'The disk failed.');
        return store.write(...given);
      };
      const worker = work({ store: { ...store, write } });
      await sink.received(5);
      broken = true;
      await worker.close();
      await worker.idle();
    });

    test('by force leaves claims that are taken over when their lease is out', async () => {
      const { store, sink, list, clock, work } = await setUp(3);
      await store.write((tx) => postTo(tx, { list }));
      await store.write((tx) =>
        tx
          .updateTable('deliveries')
          .set({ state: 'claimed', lease_until: start + 30 * minute })
          .execute(),
      );
      clock.now = start + 30 * minute;
      await work().idle();
      expect(sink.mails).toHaveLength(3);
    });
  });

  describe('a message that cannot be read just now', () => {
    test('is read a moment later, and that counts as no attempt', async () => {
      const { store, sink, list, work } = await setUp(2);
      await store.write((tx) => postTo(tx, { list }));
      await store.write((tx) => tx.updateTable('deliveries').set({ attempts: 2 }).execute());
      let failures = 0;
      const read: Store['read'] = async (query) => {
        if (sink.connections === 0 && failures++ < 2) throw new Refusal('busy', 'The connection was lost.');
        return store.read(query);
      };
      await work({ store: { ...store, read } }).idle();
      expect(failures).toBeGreaterThan(1);
      expect((await deliveryRows(store)).map((row) => [row.state, row.attempts])).toEqual(
        Array(2).fill(['sent', 3]),
      );
    });
  });

  describe('a message that is gone', () => {
    test('fails after three tries, with the reason, and holds up nobody', async () => {
      const { store, sink, list, clock, work } = await setUp(2);
      const lost = await store.write((tx) => notify(tx, { to: ['a@example.net'] }));
      await store.write((tx) => postTo(tx, { list }));
      await breakMailing(store, lost);
      for (let i = 0; i < 3; i++) {
        const worker = work();
        await worker.idle();
        await worker.close();
        clock.now += 30 * minute;
      }
      expect(sink.mails).toHaveLength(2);
      const [row] = (await deliveryRows(store)).filter(({ mailing_id }) => mailing_id === lost);
      expect(row).toMatchObject({
        state: 'failed',
        attempts: 3,
        last_reply: expect.stringContaining('The copy could not be made'),
      });
    });
  });
});

/** The store, whose first write has done its work but not answered yet, until it is let go. */
function holdBack(store: Store) {
  let letGo = () => {};
  let reach = () => {};
  const gone = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  const reached = new Promise<void>((resolve) => {
    reach = resolve;
  });
  const write: Store['write'] = async (...given) => {
    const result = await store.write(...given);
    reach();
    await gone;
    return result;
  };
  return { store: { ...store, write }, reached, letGo };
}

/** Points it at a kind that nobody knows: as good as bytes that cannot be read. */
async function breakMailing(store: Store, id: number): Promise<void> {
  await store.write((tx) =>
    tx.updateTable('mailings').set({ kind: 'riddle' }).where('id', '=', id).execute(),
  );
}
