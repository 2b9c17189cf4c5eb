import { describe, expect, inject, test } from 'vitest';
import type { Store } from '../../src/store/store.ts';
import { install, type ServerProcess, type StartOptions } from '../support/program.ts';
import { openSink, type SinkOptions } from '../support/sink.ts';
import { onEachEngine, postgres, sqlite, type TestEngine } from '../support/stores.ts';
import { until } from '../support/until.ts';
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
/** Of a node that does not come back: what it had sent and not yet told the database, of each connection. */
const repeatsOfLostNode = 100;
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

onEachEngine((engine) => {
  test('killed at random moments under load, it keeps every promise', patience, async () => {
    const kills = (engine === sqlite ? 20 : 5) * rounds;
    const fate = createFate({ seed: 2026, kills, strike: () => supervisor.kill() });
    const { supervisor, post, verdict } = await setUp({
      engine,
      sink: { message: () => fate.comes('copy') },
    });
    while (fate.left > 0)
      await post(24, { sent: () => fate.comes('sent'), accepted: () => fate.comes('accepted') });
    expect(await verdict()).toEqual([]);
    expect(supervisor.starts).toBe(kills + 1);
  });
});

onEachEngine((engine) => {
  test(
    'killed in the middle of a long list, it goes on where it was, also where not all members had their deliveries yet',
    patience,
    async () => {
      const kills = [1, 1_500, 4_990, 5_400];
      const { sink, supervisor, post, verdict } = await setUp({
        engine,
        lists: { birds: 6_000 },
        sink: {
          message: (_, count) => {
            if (count < (kills[0] ?? Number.POSITIVE_INFINITY)) return undefined;
            if (supervisor.kill()) kills.shift();
            return undefined;
          },
        },
      });
      await post(1);
      await sink.reached(6_000);
      expect(await verdict()).toEqual([]);
      expect(supervisor.starts).toBe(5);
    },
  );
});

describeWithStrace('killed at a system call under load', () => {
  /** The first of them come while it starts, the last in the middle of the load. */
  const faults = [
    ...fatal('fdatasync', { from: 1, to: 6, count: 4 }),
    ...fatal('pwrite64', { from: 4, to: 3_000, count: 4 }),
    // Copies, answers and lines of the log.
    ...fatal('write', { from: 20, to: 500, count: 5 }),
  ];

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

describe.skipIf(!inject('postgresSocket'))('one of two nodes on PostgreSQL that is killed', () => {
  test('leaves the other at work, which takes over the rest when the lease is out', patience, async () => {
    const slow = 'm0@birds.example';
    let released = false;
    // One member's server says "later": so the node looks at its queue each second, as it otherwise does every half minute.
    const sink = await openSink({
      rcpt: (to) => (to === slow && !released ? '450 4.2.0 later' : undefined),
    });
    const databaseUrl = await postgres.freshDatabase();
    const settings = { 'delivery.retry': '"1s*"' };
    const [first, second] = await Promise.all(
      [1, 2].map(() => install({ smarthost: sink.url, databaseUrl, settings })),
    );
    if (!first || !second) throw new Error('two installations');
    await first.look((store) => makeLists(store, { birds: 300 }));
    const ledger = createLedger();
    const doomed = first.serve();
    const other = second.serve({ node: wrongClock({ jump: 31 * minute }) });
    await Promise.all([doomed.listening(), other.listening()]);
    const post = (node: ServerProcess, posts: number) =>
      postAll({ ledger, port: async () => node.smtpPort, senders: 2, posts, lists: ['birds'] });
    await post(doomed, 6);
    doomed.signal('SIGKILL');
    await doomed.ended();
    await post(other, 2);
    other.signal('SIGUSR2');
    released = true;
    await second.look(everythingSent);
    other.signal('SIGTERM');
    expect((await other.ended()).status).toBe(0);
    const found = await second.look((store) =>
      judge({ ledger, sink, store }, { allowedRepeats: repeatsOfLostNode }),
    );
    expect(found).toEqual([]);
  });

  test(
    'sends what it had claimed as soon as it is started again, and nothing of the other',
    patience,
    async () => {
      const members = { birds: 2_000, bees: 200 };
      let nodes: ServerProcess[] = [];
      let copies = 0;
      const sink = await openSink({
        message: ({ to: [to = ''] }) => {
          const [doomed, halted] = nodes;
          // It lives, and does nothing: so what it has claimed must be left to it.
          if (to === 'm20@bees.example') halted?.signal('SIGSTOP');
          if (to.endsWith('@birds.example') && ++copies === 300) doomed?.signal('SIGKILL');
          return undefined;
        },
      });
      const reached = (list: string) =>
        new Set(sink.mails.flatMap(({ to }) => to).filter((to) => to.endsWith(`@${list}.example`))).size;
      const databaseUrl = await postgres.freshDatabase();
      const [first, second] = await Promise.all(
        [1, 2].map(() => install({ smarthost: sink.url, databaseUrl })),
      );
      if (!first || !second) throw new Error('two installations');
      await first.look((store) => makeLists(store, members));
      const [doomed, halted] = [first.serve(), second.serve()];
      await Promise.all([doomed.listening(), halted.listening()]);
      nodes = [doomed, halted];
      const ledger = createLedger();
      const post = (node: ServerProcess, list: string) =>
        postAll({ ledger, port: async () => node.smtpPort, senders: 1, posts: 1, lists: [list] });
      await post(halted, 'bees');
      await until(() => reached('bees') > 20);
      const claims = () => first.look((store) => claimedOf(store, 'bees'));
      const before = await claims();
      expect(before.length).toBeGreaterThan(100);
      await post(doomed, 'birds');
      await doomed.ended();
      const again = first.serve();
      await until(() => reached('birds') === members.birds - 1);
      expect(await claims()).toEqual(before);
      halted.signal('SIGCONT');
      await second.look(everythingSent);
      for (const node of [again, halted]) {
        node.signal('SIGTERM');
        expect((await node.ended()).status).toBe(0);
      }
      expect(await second.look((store) => judge({ ledger, sink, store }))).toEqual([]);
      expect(again.logged.filter(({ msg }) => msg.startsWith('What this server was about'))).toHaveLength(1);
    },
  );
});

async function claimedOf(store: Store, list: string) {
  return store.read((db) =>
    db
      .selectFrom('deliveries')
      .select(['id', 'claimed_by', 'lease_until'])
      .where('state', '=', 'claimed')
      .where('recipient', 'like', `%@${list}.example`)
      .orderBy('id')
      .execute(),
  );
}

/** So many faults, at the `from`th call, at the `to`th, and in equal proportions in between. */
function fatal(call: string, { from, to, count }: Record<'from' | 'to' | 'count', number>): string[] {
  const last = count * rounds - 1;
  return Array.from(
    { length: last + 1 },
    (_, i) => `${call}:signal=KILL:when=${Math.round(from * (to / from) ** (i / last))}`,
  );
}
