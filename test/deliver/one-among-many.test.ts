import { expect, onTestFinished, test } from 'vitest';
import type { Worker } from '../../src/deliver/worker.ts';
import { openMailWorld, startDirectWorker } from '../support/mail-world.ts';
import { addAddresses, deliveryRows, makeList, postTo, start, startWorker } from '../support/outbox.ts';
import { openSink, type SinkScript } from '../support/sink.ts';
import { onEachEngine } from '../support/stores.ts';

/** One recipient whom the server cannot bear, among others who want their mail: over virtual days. */

const hour = 3_600_000;
const people = 15;
const isFirst = (to: string) => to.startsWith('m0@');
const overItsRate =
  '450 4.2.1 The user you are trying to contact is receiving mail at a rate that prevents additional messages from being delivered.';

/** What it does with one return path, whichever comes first. */
function atMailOfOne(answer: string): SinkScript {
  let first: string | undefined;
  return {
    mail(from) {
      first ??= from;
      return from === first ? answer : undefined;
    },
  };
}

const cases: readonly [name: string, script: () => SinkScript][] = [
  ['421 at RCPT', () => ({ rcpt: (to) => (isFirst(to) ? '421 4.3.2 try later' : undefined) })],
  ['a loss at RCPT', () => ({ rcpt: (to) => (isFirst(to) ? 'cut' : undefined) })],
  ['a mailbox over its rate', () => ({ rcpt: (to) => (isFirst(to) ? overItsRate : undefined) })],
  ['452 at MAIL', () => atMailOfOne('452 4.3.1 Insufficient system storage')],
  ['421 at MAIL', () => atMailOfOne('421 4.3.2 not that one')],
  ['a loss after the dot', () => ({ message: ({ to }) => (to.some(isFirst) ? 'cut' : undefined) })],
];

onEachEngine((engine) => {
  /** A post to fifteen members, and what came of it: a worker each six hours until it is given up. */
  async function deliver(script: SinkScript, personalize: 'auto' | 'never', direct: boolean) {
    const store = await engine.freshStore();
    const list = await store.write((tx) => makeList(tx, 'birds'));
    await addAddresses(
      store,
      list,
      Array.from({ length: people }, (_, i) => `m${i}@a.example`),
    );
    await store.write((tx) => postTo(tx, { list }));
    const clock = { now: start };
    const common = { store, settings: { personalize }, now: () => clock.now, connections: 1 };
    const world = direct ? await openMailWorld({ 'a.example': script }) : undefined;
    const sink = world?.sink('a.example') ?? (await openSink(script));
    const workers: Worker[] = [];
    onTestFinished(async () => {
      for (const worker of workers) await worker.close();
    });
    const statesAfter: string[][] = [];
    for (const passed of [0, 1, 12, 73]) {
      clock.now = start + passed * hour;
      const worker = world
        ? startDirectWorker({ ...common, world })
        : startWorker({ ...common, url: sink.url });
      workers.push(worker);
      await worker.idle();
      await worker.close();
      statesAfter.push((await deliveryRows(store)).map(({ state }) => state));
    }
    return { sink, statesAfter, rows: await deliveryRows(store) };
  }

  for (const way of ['a smarthost', 'their own mail server'] as const) {
    test.each(cases)(`%s of one leaves the others their mail, through ${way}`, async (_, script) => {
      const { statesAfter, rows } = await deliver(script(), 'auto', way !== 'a smarthost');
      const sent = statesAfter[0]?.filter((state) => state === 'sent');
      expect(sent).toHaveLength(people - 1);
      expect(rows.map(({ state }) => state).sort()).toEqual(['failed', ...Array(people - 1).fill('sent')]);
      expect(rows.filter(({ state }) => state === 'sent').every(({ attempts }) => attempts === 1)).toBe(true);
    });

    test.each(cases.slice(0, 3))(`%s of one in a group, through ${way}`, async (_, script) => {
      const { statesAfter } = await deliver(script(), 'never', way !== 'a smarthost');
      expect(statesAfter[0]?.filter((state) => state === 'sent')).toHaveLength(people - 1);
      expect(statesAfter.at(-1)?.filter((state) => state === 'failed')).toHaveLength(1);
    });
  }

  test('what three different ones meet in a row is the server’s own: the others wait, and lose no attempt', async () => {
    const { sink, statesAfter, rows } = await deliver(
      { mail: () => '451 4.3.0 the disk is full' },
      'auto',
      false,
    );
    expect(statesAfter[0]?.filter((state) => state === 'deferred')).toHaveLength(3);
    expect(statesAfter[0]?.filter((state) => state === 'queued')).toHaveLength(people - 3);
    expect(rows.filter(({ attempts }) => attempts === 0).length).toBeGreaterThan(0);
    expect(sink.mails).toEqual([]);
  });

  test('several recipients who are told to wait for our sake ask for less', async () => {
    const { statesAfter, rows } = await deliver(
      { rcpt: () => '451 4.7.1 Too many messages from you' },
      'auto',
      true,
    );
    expect(statesAfter[0]?.every((state) => state === 'deferred')).toBe(true);
    expect(rows.filter(({ attempts }) => attempts === 0).length).toBeGreaterThan(0);
  });
});
