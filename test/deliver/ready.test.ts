import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Copies } from '../../src/deliver/copies.ts';
import { createHeldMessages } from '../../src/deliver/held-messages.ts';
import { createReady } from '../../src/deliver/ready.ts';
import { fillingOf } from '../../src/mail/template.ts';
import type { ClaimedDelivery } from '../../src/store/claims.ts';

function mailing(mailingId: number, { shared = false, bytes = 10 } = {}): Copies {
  return {
    mailingId,
    form: 'full',
    keys: [],
    giveUpAt: 0,
    shared,
    message: { bytes: Buffer.alloc(bytes), text: undefined, eightBit: false, utf8: false },
    returnPath: () => '',
    personalHead: () => fillingOf(''),
    sign: undefined,
  };
}

let ids = 0;
function deliveries(mailingId: number, count: number, { priority = 1, turn = 0 } = {}): ClaimedDelivery[] {
  return Array.from({ length: count }, (_, i) => ({
    id: ++ids,
    mailingId,
    membershipId: null,
    recipient: `r${ids}@example.net`,
    priority,
    turn: turn + i,
    dueAt: 0,
    leaseUntil: 0,
    attempts: 0,
    unanswered: 0,
  }));
}

test('mailings take turns', () => {
  const ready = createReady();
  for (const id of [1, 2, 3])
    ready.add({ copies: mailing(id), deliveries: deliveries(id, id), alone: false });
  const order = [];
  for (let portion = ready.take(100); portion; portion = ready.take(100))
    order.push(portion.copies.mailingId);
  expect(order).toEqual([1, 2, 3, 2, 3, 3]);
});

test('what is urgent goes first, also when it comes last', () => {
  const ready = createReady();
  ready.add({ copies: mailing(1), deliveries: deliveries(1, 2), alone: false });
  ready.add({ copies: mailing(2), deliveries: deliveries(2, 1, { priority: 0 }), alone: false });
  expect(ready.take(100)?.copies.mailingId).toBe(2);
  expect(ready.front).toEqual({ priority: 1, turn: 0 });
});

test('a shared copy goes to as many as may be, unless each shall go alone', () => {
  const ready = createReady();
  const copies = mailing(1, { shared: true });
  ready.add({ copies, deliveries: deliveries(1, 150), alone: false });
  expect(ready.take(100)?.deliveries).toHaveLength(100);
  expect(ready.take(100)?.deliveries).toHaveLength(50);
  ready.add({ copies, deliveries: deliveries(1, 2), alone: true });
  expect(ready.take(100)?.deliveries).toHaveLength(1);
});

test('a long line keeps its order while more of it comes in', () => {
  const ready = createReady();
  const copies = mailing(1);
  const all = deliveries(1, 5_000);
  const taken: number[] = [];
  for (let from = 0; from < 5_000; from += 1_000) {
    ready.add({ copies, deliveries: all.slice(from, from + 1_000), alone: false });
    for (let i = 0; i < 700; i++) taken.push(ready.take(1)?.deliveries[0]?.id ?? 0);
  }
  const rest = ready.drain().map(({ id }) => id);
  expect([...taken, ...rest]).toEqual(all.map(({ id }) => id));
});

test('size and bytes are those of what waits, whatever is added and taken', () => {
  fc.assert(
    fc.property(
      fc.array(
        fc.oneof(
          fc.record({ id: fc.integer({ min: 1, max: 4 }), count: fc.integer({ min: 1, max: 5 }) }),
          fc.constant('take' as const),
        ),
      ),
      (steps) => {
        const held = createHeldMessages();
        const ready = createReady(held);
        const known = new Map([1, 2, 3, 4].map((id) => [id, mailing(id, { bytes: 10 ** id })]));
        const waiting = new Map<number, number>();
        for (const step of steps) {
          if (step === 'take') {
            const taken = ready.take(100);
            if (taken) waiting.set(taken.copies.mailingId, (waiting.get(taken.copies.mailingId) ?? 0) - 1);
          } else {
            ready.add({
              copies: known.get(step.id) as Copies,
              deliveries: deliveries(step.id, step.count),
              alone: false,
            });
            waiting.set(step.id, (waiting.get(step.id) ?? 0) + step.count);
          }
          const left = [...waiting].filter(([, count]) => count > 0);
          expect(ready.size).toBe(left.reduce((sum, [, count]) => sum + count, 0));
          expect(held.bytes).toBe(left.reduce((sum, [id]) => sum + 10 ** id, 0));
        }
        expect(ready.drain()).toHaveLength([...waiting.values()].reduce((a, b) => a + b, 0));
        expect([ready.size, held.bytes, ready.front]).toEqual([0, 0, undefined]);
      },
    ),
  );
});
