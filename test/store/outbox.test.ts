import { describe, expect, test } from 'vitest';
import {
  type Claim,
  type ClaimedDelivery,
  claimDeliveries,
  type Lease,
  promoteDue,
  releaseAbandoned,
  releaseClaims,
  releaseClaimsOf,
} from '../../src/store/claims.ts';
import { cancelDeliveries, findDelivery, retryDeliveries } from '../../src/store/deliveries.ts';
import { continueFanOut } from '../../src/store/fan-out.ts';
import { addDelivery, loadMailing } from '../../src/store/mailings.ts';
import { pruneMailings } from '../../src/store/prune.ts';
import { queueStatus } from '../../src/store/queue-status.ts';
import { type Settlement, settleDeliveries, settleLeftBehind } from '../../src/store/settle.ts';
import type { Store } from '../../src/store/store.ts';
import { addMembers, deliveryRows, makeList, notify, postTo, start } from '../support/outbox.ts';
import { onEachEngine } from '../support/stores.ts';

const hour = 3_600_000;
const day = 24 * hour;

function claim(store: Store, limit: number, by: number | null = null): Promise<Claim> {
  const { skipLocked } = store.capabilities;
  const lease = { until: start + hour, by };
  return store.write((tx) => claimDeliveries(tx, { limit, now: start, lease, skipLocked }), {
    isolation: 'read committed',
  });
}

function grow(store: Store, { now = start, lease }: { now?: number; lease?: Lease } = {}) {
  const { skipLocked } = store.capabilities;
  return store.write((tx) => continueFanOut(tx, { now, skipLocked, lease }));
}

const recipients = ({ deliveries }: Claim) => deliveries.map(({ recipient }) => recipient).sort();

onEachEngine((engine) => {
  async function posted(members: number, settings = {}) {
    const store = await engine.freshStore();
    const list = await store.write((tx) => makeList(tx, 'birds', settings));
    await addMembers(store, list, members);
    const mailingId = await store.write((tx) => postTo(tx, { list }));
    return { store, list, mailingId };
  }

  describe('fan-out', () => {
    test('leaves out who gets no mail, and an author without own copy', async () => {
      const store = await engine.freshStore();
      const list = await store.write((tx) => makeList(tx, 'birds'));
      await addMembers(store, list, 5);
      const change = [
        { mode: 'none' },
        { left_at: start },
        { paused_at: start },
        { suspended_at: start },
        { own_copy: 0 },
      ];
      await store.write(async (tx) => {
        const rows = await tx.selectFrom('memberships').select('id').orderBy('id').execute();
        for (const [i, set] of change.entries())
          await tx
            .updateTable('memberships')
            .set(set)
            .where('id', '=', rows[i]?.id ?? 0)
            .execute();
      });
      await store.write((tx) => postTo(tx, { list, author: 'sub000004@example.net' }));
      expect(await deliveryRows(store)).toEqual([]);
      await store.write((tx) => postTo(tx, { list, author: 'somebody@example.net' }));
      expect((await deliveryRows(store)).map(({ recipient }) => recipient)).toEqual([
        'sub000004@example.net',
      ]);
    });

    test('gives readers of digests every post, until there are digests', async () => {
      const store = await engine.freshStore();
      const list = await store.write((tx) => makeList(tx, 'birds'));
      await addMembers(store, list, 1);
      await store.write((tx) => tx.updateTable('memberships').set({ mode: 'digest-mime' }).execute());
      await store.write((tx) => postTo(tx, { list }));
      expect(await deliveryRows(store)).toHaveLength(1);
    });

    test('goes on where it stopped, and counts the turns on', async () => {
      const { store, mailingId } = await posted(10_003);
      expect(await store.read((db) => loadMailing(db, mailingId))).toMatchObject({
        growing: true,
        deliveries: 10_000,
      });
      expect(await grow(store)).toEqual({ growing: true, claimed: [] });
      expect(await grow(store)).toEqual({ growing: false, claimed: [] });
      expect(await store.read((db) => loadMailing(db, mailingId))).toMatchObject({
        growing: false,
        deliveries: 10_003,
      });
      expect((await deliveryRows(store)).slice(-3).map(({ turn }) => turn)).toEqual([10_000, 10_001, 10_002]);
    });

    test('leaves out who has joined since, and nobody because a clock was put back', async () => {
      const { store } = await posted(10_003);
      const joined = { sub010000: start - 1, sub010001: start + 1, sub010002: start + 100 };
      await store.write(async (tx) => {
        for (const [name, at] of Object.entries(joined)) {
          const of = tx.selectFrom('addresses').select('id').where('email', '=', `${name}@example.net`);
          await tx.updateTable('memberships').set({ joined_at: at }).where('address_id', '=', of).execute();
        }
      });
      await grow(store, { now: start + 10 });
      const last = (await deliveryRows(store)).slice(10_000).map(({ recipient }) => recipient);
      expect(last).toEqual(['sub010000@example.net', 'sub010002@example.net']);
    });

    test('to exactly one step ends, with one empty step at most', async () => {
      const { store, mailingId } = await posted(10_000);
      await grow(store);
      expect(await store.read((db) => loadMailing(db, mailingId))).toMatchObject({
        growing: false,
        deliveries: 10_000,
      });
    });

    test('makes deliveries claimed for a worker that will send them itself: nobody else gets them', async () => {
      const store = await engine.freshStore();
      const list = await store.write((tx) => makeList(tx, 'birds'));
      await addMembers(store, list, 10_002);
      const made: ClaimedDelivery[] = [];
      const lease = { until: start + hour, by: 7 };
      const claimed = { lease, handOver: (more: typeof made) => void made.push(...more) };
      await store.write((tx) => postTo(tx, { list, claimed }));
      expect(made).toHaveLength(10_000);
      expect(new Set((await deliveryRows(store)).map((row) => row.claimed_by))).toEqual(new Set([7]));
      made.push(...(await grow(store, { lease })).claimed);
      expect((await claim(store, 10)).deliveries).toEqual([]);
      // What they are told of each delivery is what a claim says of it.
      await store.write((tx) => releaseAbandoned(tx, { now: start + hour, all: false }));
      const later = await claim(store, 11_000);
      expect([...later.deliveries].sort((a, b) => a.id - b.id)).toEqual(made);
    });
  });

  describe('a claim', () => {
    test('takes each delivery once', async () => {
      const { store } = await posted(5);
      const [first, second] = [await claim(store, 3), await claim(store, 3)];
      expect([first.more, second.more]).toEqual([true, false]);
      expect(new Set([...recipients(first), ...recipients(second)]).size).toBe(5);
      expect((await claim(store, 3)).deliveries).toEqual([]);
    });

    test('beside another one takes others', async () => {
      const { store } = await posted(40);
      const claims = await Promise.all([1, 2, 3, 4].map(() => claim(store, 10)));
      expect(new Set(claims.flatMap(recipients)).size).toBe(40);
    });

    test('takes what is urgent first, then who had least', async () => {
      const { store, list } = await posted(4);
      await claim(store, 2);
      const small = await store.write((tx) => makeList(tx, 'owls'));
      await addMembers(store, small, 1, 900_000);
      await store.write((tx) => postTo(tx, { list: small }));
      await store.write((tx) => notify(tx, { to: ['new@example.net'], list }));
      expect(recipients(await claim(store, 1))).toEqual(['new@example.net']);
      expect(recipients(await claim(store, 1))).toEqual(['sub900000@example.net']);
      expect(recipients(await claim(store, 1))).toEqual(['sub000002@example.net']);
    });

    test('cancels posts for former members, and no notices', async () => {
      const { store, mailingId } = await posted(1);
      const [row] = await deliveryRows(store);
      const notice = await store.write((tx) => notify(tx, { to: [] }));
      await store.write((tx) =>
        addDelivery(tx, {
          mailingId: notice,
          recipient: 'sub000000@example.net',
          membershipId: row?.membership_id ?? 0,
          now: start,
        }),
      );
      await store.write((tx) => tx.updateTable('memberships').set({ left_at: start }).execute());
      const { deliveries } = await claim(store, 10);
      expect(deliveries.map((delivery) => delivery.mailingId)).toEqual([notice]);
      const [cancelled] = (await deliveryRows(store)).filter(({ mailing_id }) => mailing_id === mailingId);
      expect(cancelled).toMatchObject({ state: 'cancelled', final_at: start });
    });

    test('can be given back', async () => {
      const { store } = await posted(2);
      const { deliveries } = await claim(store, 2);
      await store.write((tx) => releaseClaims(tx, [deliveries[0]?.id ?? 0], 'not now'));
      expect((await claim(store, 2)).deliveries.map(({ id }) => id)).toEqual([deliveries[0]?.id]);
      expect(await deliveryRows(store)).toContainEqual(
        expect.objectContaining({ last_reply: 'not now', attempts: 0 }),
      );
    });

    test('runs out with its lease, or at the start of the only server', async () => {
      const { store } = await posted(2);
      await claim(store, 2);
      const release = (now: number, all = false) => store.write((tx) => releaseAbandoned(tx, { now, all }));
      expect(await release(start + hour - 1)).toBe(0);
      expect(await release(start + hour)).toBe(2);
      await claim(store, 2);
      expect(await release(start, true)).toBe(2);
    });

    test('of a run of a server can be put back alone, whoever else has claimed, or had it before', async () => {
      const { store } = await posted(5);
      const release = (claimant: number) => store.write((tx) => releaseClaimsOf(tx, claimant));
      const before = await claim(store, 1, 9);
      await store.write((tx) => releaseClaims(tx, [before.deliveries[0]?.id ?? 0]));
      const mine = await claim(store, 2, 2 ** 48);
      await claim(store, 1, 9);
      await claim(store, 1);
      expect(await release(7)).toBe(0);
      expect(await release(2 ** 48)).toBe(2);
      expect(await release(2 ** 48)).toBe(0);
      expect(recipients(await claim(store, 5, 7))).toEqual(expect.arrayContaining([...recipients(mine)]));
      expect(await release(9)).toBe(1);
      expect((await deliveryRows(store)).filter(({ state }) => state === 'claimed')).toMatchObject(
        [7, 7, null, 7].map((by) => ({ claimed_by: by })),
      );
    });
  });

  describe('settling', () => {
    test('writes down each outcome with one statement a kind, and a log of what did not succeed', async () => {
      const { store } = await posted(4);
      const ids = (await claim(store, 10)).deliveries.map(({ id }) => id).sort((a, b) => a - b);
      const [a = 0, b = 0, c = 0, d = 0] = ids;
      const settlements: Settlement[] = [
        { kind: 'sent', id: a, code: 250, reply: '2.0.0 it’s “queued”' },
        { kind: 'deferred', id: b, code: 450, reply: '4.2.0 later', nextAt: start + hour, unanswered: false },
        { kind: 'deferred', id: c, code: null, reply: 'closed', nextAt: start + hour, unanswered: true },
        { kind: 'failed', id: d, code: 550, reply: '5.1.1 no' },
      ];
      await store.write((tx) => settleDeliveries(tx, settlements, start + 5));
      expect(await deliveryRows(store)).toMatchObject([
        {
          state: 'sent',
          attempts: 1,
          last_code: 250,
          last_reply: '2.0.0 it’s “queued”',
          final_at: start + 5,
        },
        {
          state: 'deferred',
          attempts: 1,
          last_code: 450,
          next_at: start + hour,
          final_at: null,
          unanswered: 0,
        },
        { state: 'deferred', attempts: 1, last_code: null, last_reply: 'closed', unanswered: 1 },
        { state: 'failed', attempts: 1, last_code: 550, final_at: start + 5 },
      ]);
      const log = await store.read((db) =>
        db.selectFrom('delivery_log').select('outcome').orderBy('id').execute(),
      );
      expect(log.map(({ outcome }) => outcome)).toEqual(['deferred', 'unanswered', 'failed']);
    });

    test('of many says of each what was answered, whichever neighbours share an answer', async () => {
      const { store } = await posted(40);
      const { deliveries } = await claim(store, 40);
      const ids = deliveries.map(({ id }) => id).sort((a, b) => a - b);
      // Runs of 1, 7, 8 and 9; one code differs, one id is left out, and one is answered out of its order.
      const answers = ids.map((id, i) => ({
        id,
        code: i === 30 ? 251 : 250,
        reply: `queued as ${[...'abbbbbbbccccccccddddddddd'][i] ?? 'e'}`,
      }));
      const [moved = { id: 0, code: 0, reply: '' }] = answers.splice(35, 1);
      const omitted = answers.splice(20, 1);
      answers.push(moved);
      await store.write((tx) =>
        settleDeliveries(
          tx,
          answers.map((answer) => ({ kind: 'sent', ...answer })),
          start + 5,
        ),
      );
      const rows = await deliveryRows(store);
      expect(rows.filter(({ state }) => state !== 'sent').map(({ id }) => id)).toEqual([omitted[0]?.id]);
      const written = rows.filter(({ state }) => state === 'sent');
      expect(written.map((row) => ({ id: row.id, code: row.last_code, reply: row.last_reply }))).toEqual(
        answers.sort((a, b) => a.id - b.id),
      );
      expect(
        written.every((row) => row.attempts === 1 && row.lease_until === null && row.final_at === start + 5),
      ).toBe(true);
    });

    test('of what a killed server left takes what is claimed, but for what was settled so before and goes out again', async () => {
      const { store } = await posted(3);
      const ids = (await claim(store, 3)).deliveries.map(({ id }) => id).sort((x, y) => x - y);
      const left = ids.map((id) => ({ kind: 'sent' as const, id, code: 250, reply: `queued as ${id}` }));
      const [again, both, once] = left;
      if (!again || !both || !once) throw new Error('three deliveries were claimed');
      await store.write((tx) => settleDeliveries(tx, [again, both], start));
      // As after a refusal that came back by mail (obey-breakers.ts).
      await store.write((tx) =>
        tx
          .updateTable('deliveries')
          .set({ state: 'claimed', final_at: null })
          .where('id', 'in', [again.id, both.id])
          .execute(),
      );
      const second = { ...both, reply: 'queued once more' };
      await store.write((tx) => settleLeftBehind(tx, [...left, second], start + 5));
      expect(await deliveryRows(store)).toMatchObject([
        { state: 'claimed', attempts: 1 },
        { state: 'sent', attempts: 2, last_reply: second.reply },
        { state: 'sent', attempts: 1, last_reply: once.reply },
      ]);
    });

    test('makes deferred ones due when their time has come', async () => {
      const { store } = await posted(1);
      const [delivery] = (await claim(store, 1)).deliveries;
      await store.write((tx) =>
        settleDeliveries(
          tx,
          [
            {
              kind: 'deferred',
              id: delivery?.id ?? 0,
              code: 450,
              reply: 'x',
              nextAt: start + hour,
              unanswered: false,
            },
          ],
          start,
        ),
      );
      expect(await store.write((tx) => promoteDue(tx, { now: start + hour - 1, limit: 10 }))).toBe(0);
      expect(await store.write((tx) => promoteDue(tx, { now: start + hour, limit: 10 }))).toBe(1);
      expect(await deliveryRows(store)).toMatchObject([{ state: 'queued', attempts: 1 }]);
    });

    test('leaves alone what was cancelled meanwhile, unless it was sent', async () => {
      const { store } = await posted(2);
      const [a, b] = (await claim(store, 2)).deliveries.map(({ id }) => id).sort((x, y) => x - y);
      await store.write((tx) =>
        tx.updateTable('deliveries').set({ state: 'cancelled', final_at: start }).execute(),
      );
      await store.write((tx) =>
        settleDeliveries(
          tx,
          [
            { kind: 'failed', id: a ?? 0, code: 550, reply: 'no' },
            { kind: 'sent', id: b ?? 0, code: 250, reply: 'yes' },
          ],
          start,
        ),
      );
      expect((await deliveryRows(store)).map(({ state }) => state)).toEqual(['cancelled', 'sent']);
    });
  });

  describe('an operator', () => {
    test('sees the queue by destination, with what was answered last', async () => {
      const { store } = await posted(3);
      await store.write((tx) => notify(tx, { to: ['x@example.com'], now: start + 1 }));
      const ids = (await deliveryRows(store)).map(({ id }) => id);
      await claim(store, 2);
      await store.write((tx) =>
        settleDeliveries(
          tx,
          [
            {
              kind: 'deferred',
              id: ids[0] ?? 0,
              code: 450,
              reply: '4.2.0 later',
              nextAt: start + hour,
              unanswered: false,
            },
          ],
          start,
        ),
      );
      expect(await store.read(queueStatus)).toEqual({
        queued: 3,
        deferred: 1,
        failed: 0,
        oldestQueuedAt: start,
        groups: [
          {
            domain: 'example.net',
            queued: 2,
            deferred: 1,
            nextAt: expect.any(Number),
            lastReply: '450 4.2.0 later',
          },
          { domain: 'example.com', queued: 1, deferred: 0, nextAt: null, lastReply: null },
        ],
      });
    });

    test('sees an empty queue', async () => {
      const store = await engine.freshStore();
      expect(await store.read(queueStatus)).toEqual({
        queued: 0,
        deferred: 0,
        failed: 0,
        oldestQueuedAt: null,
        groups: [],
      });
    });

    test('retries what is deferred, and what has failed where it is named', async () => {
      const { store, list } = await posted(3);
      const ids = (await claim(store, 3)).deliveries.map(({ id }) => id).sort((a, b) => a - b);
      const [a = 0, b = 0, c = 0] = ids;
      await store.write((tx) =>
        settleDeliveries(
          tx,
          [
            { kind: 'deferred', id: a, code: 450, reply: 'x', nextAt: start + hour, unanswered: false },
            { kind: 'failed', id: b, code: 550, reply: 'x' },
            { kind: 'sent', id: c, code: 250, reply: 'x' },
          ],
          start,
        ),
      );
      expect(await store.write((tx) => retryDeliveries(tx, { all: true }, start))).toBe(1);
      expect(await store.write((tx) => retryDeliveries(tx, { ids: [b, c] }, start))).toBe(1);
      expect((await deliveryRows(store)).map(({ state }) => state)).toEqual(['queued', 'queued', 'sent']);
      expect(await store.write((tx) => retryDeliveries(tx, { listId: list.id }, start))).toBe(0);
    });

    test('cancels what waits, and nothing else', async () => {
      const { store } = await posted(2);
      const [held] = (await claim(store, 1)).deliveries;
      const ids = (await deliveryRows(store)).map(({ id }) => id);
      const cancelled = await store.write((tx) => cancelDeliveries(tx, ids, start));
      expect(cancelled).toEqual(ids.filter((id) => id !== held?.id));
    });

    test('sees one delivery with its list', async () => {
      const { store } = await posted(1);
      const [row] = await deliveryRows(store);
      expect(await store.read((db) => findDelivery(db, row?.id ?? 0))).toMatchObject({
        state: 'queued',
        list: { name: 'birds', domain: 'lists.example.org' },
        kind: 'post',
        queuedAt: start,
        lastReply: null,
        log: [],
      });
      expect(await store.read((db) => findDelivery(db, 999_999))).toBeUndefined();
    });
  });

  describe('pruning', () => {
    test('forgets mailings with all their deliveries, batch by batch, and the text of notices', async () => {
      const { store } = await posted(600);
      await store.write((tx) => notify(tx, { to: ['x@example.com'] }));
      await store.write((tx) =>
        tx.updateTable('deliveries').set({ state: 'sent', final_at: start }).execute(),
      );
      const prune = (before: number) => store.write((tx) => pruneMailings(tx, before));
      expect(await prune(start + day)).toBe(false);
      let batches = 0;
      while (await prune(start + 4 * day)) batches += 1;
      expect(batches).toBe(3);
      const left = await store.read(async (db) => ({
        deliveries: await db.selectFrom('deliveries').select('id').execute(),
        mailings: await db.selectFrom('mailings').select('id').execute(),
        bodies: await db.selectFrom('bodies').select('id').execute(),
      }));
      expect([left.deliveries.length, left.mailings.length, left.bodies.length]).toEqual([0, 0, 1]);
    });
  });

  test('a recipient of a mailing is one, however often it is added', async () => {
    const store = await engine.freshStore();
    const mailingId = await store.write((tx) => notify(tx, { to: ['a@example.net', 'a@example.net'] }));
    expect(await deliveryRows(store)).toMatchObject([{ mailing_id: mailingId, priority: 0 }]);
  });
});
