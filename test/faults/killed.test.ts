import { expect, test } from 'vitest';
import { install, type StartOptions } from '../support/program.ts';
import { openSink, type SinkOptions } from '../support/sink.ts';
import { onEachEngine, sqlite, type TestEngine } from '../support/stores.ts';
import { createFate } from './fate.ts';
import { createLedger, everythingSent, judge } from './ledger.ts';
import { makeLists } from './lists.ts';
import { wrongClock } from './preload.ts';
import { rounds } from './rounds.ts';
import { type Load, postAll } from './senders.ts';
import { describeWithStrace, straceWith } from './strace.ts';
import { supervise } from './supervisor.ts';

const minute = 60_000;
const patience = { timeout: 3 * minute * rounds };
const bothLists = { birds: 24, bees: 6 };

interface Setting {
  readonly engine?: TestEngine;
  readonly sink?: SinkOptions;
  readonly lists?: Readonly<Record<string, number>>;
  /** The options of each start, counted from 1. */
  readonly how?: (start: number) => StartOptions;
}

/** A server that is started again whenever it ends, a sink behind it, and four senders who do not give up. */
async function setUp({ engine = sqlite, sink: script, lists = bothLists, how }: Setting) {
  const sink = await openSink(script);
  const installation = await install({ smarthost: sink.url, engine });
  await installation.look((store) => makeLists(store, lists));
  const supervisor = supervise(installation, how);
  const ledger = createLedger();
  return {
    sink,
    supervisor,
    post: (posts: number, watch: Pick<Load, 'sent' | 'accepted'> = {}) =>
      postAll({
        ledger,
        port: () => supervisor.port(),
        senders: 4,
        posts,
        lists: Object.keys(lists),
        ...watch,
      }),
    /** Lets it finish and end in peace: what is wrong then? */
    async verdict(): Promise<readonly string[]> {
      await supervisor.port();
      await installation.look(everythingSent);
      expect(await supervisor.stop()).toBe(0);
      return installation.look((store) => judge({ ledger, sink, store }));
    },
  };
}

/** On PostgreSQL a claim ends with its lease: the next start comes half an hour later. */
function laterEachTime(start: number): StartOptions {
  return { node: wrongClock({ ahead: start * 31 * minute }) };
}

onEachEngine((engine) => {
  test('killed at random moments under load, it keeps every promise', patience, async () => {
    const kills = (engine === sqlite ? 20 : 5) * rounds;
    const fate = createFate({ seed: 2026, kills, strike: () => supervisor.kill() });
    const { supervisor, post, verdict } = await setUp({
      engine,
      sink: { message: () => fate.comes('copy') },
      ...(engine === sqlite ? {} : { how: laterEachTime }),
    });
    while (fate.left > 0)
      await post(24, { sent: () => fate.comes('sent'), accepted: () => fate.comes('accepted') });
    expect(await verdict()).toEqual([]);
    expect(supervisor.starts).toBe(kills + 1);
  });
});

describeWithStrace('killed at a system call under load', () => {
  /** The first of them come while it starts, the last in the middle of the load. */
  const faults = Object.entries({
    fsync: [2, 5, 12, 30],
    pwrite64: [4, 60, 700, 3_000],
    writev: [2, 30, 300],
    write: [20, 90],
  }).flatMap(([call, counts]) => counts.map((count) => `${call}:signal=KILL:when=${count}`));

  test('it keeps every promise', patience, async () => {
    const how = (start: number) => {
      const fault = faults[start - 1];
      return fault === undefined ? {} : { wrapper: straceWith(fault) };
    };
    const { supervisor, post, verdict } = await setUp({ how });
    while (supervisor.starts <= faults.length) await post(24);
    expect(await verdict()).toEqual([]);
  });
});
