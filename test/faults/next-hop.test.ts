import { describe, expect, test } from 'vitest';
import { install } from '../support/program.ts';
import { openSink, type Sink, type SinkOptions } from '../support/sink.ts';
import { createLedger, everythingSent, judge } from './ledger.ts';
import { makeLists } from './lists.ts';
import { postAll } from './senders.ts';

const patience = { timeout: 90_000 };
const members = 30;

/** A server that tries again after a second, and its next hop. */
async function setUp(script: SinkOptions = {}, settings: Readonly<Record<string, string>> = {}) {
  const sink = await openSink(script);
  const installation = await install({
    smarthost: sink.url,
    settings: { 'delivery.retry': '"1s*"', ...settings },
  });
  await installation.look((store) => makeLists(store, { birds: members }));
  const ledger = createLedger();
  const server = installation.serve();
  await server.listening();
  return {
    sink,
    server,
    installation,
    ledger,
    post: (posts: number) =>
      postAll({ ledger, port: async () => server.smtpPort, senders: 2, posts, lists: ['birds'] }),
    async end(): Promise<void> {
      server.signal('SIGTERM');
      expect((await server.ended()).status).toBe(0);
    },
    verdict: (at: Sink = sink, allowedRepeats = 0) =>
      installation.look((store) => judge({ ledger, sink: at, store }, { allowedRepeats })),
    deliveries: () =>
      installation.look((store) =>
        store.read((db) =>
          db
            .selectFrom('deliveries')
            .select(['recipient', 'state', 'attempts', 'unanswered', 'last_code'])
            .orderBy('id')
            .execute(),
        ),
      ),
  };
}

describe('a next hop', () => {
  test(
    'that is down costs nothing: mail is taken, and goes out when it is there again',
    patience,
    async () => {
      const { sink, server, installation, post, end, verdict } = await setUp();
      await sink.close();
      await post(6);
      await server.logs('The next hop takes no mail just now');
      const back = await openSink({ port: sink.port });
      await installation.look(everythingSent);
      await end();
      expect(await verdict(back)).toEqual([]);
    },
  );

  test('that takes connections and says nothing holds up neither senders nor the end', patience, async () => {
    const { sink, installation, ledger, post, end } = await setUp({ greeting: () => 'silence' });
    await post(10);
    const begun = performance.now();
    await end();
    expect(performance.now() - begun).toBeLessThan(21_000);
    await sink.close();
    const back = await openSink({ port: sink.port });
    const again = installation.serve();
    await again.listening();
    await installation.look(everythingSent);
    again.signal('SIGTERM');
    await again.ended();
    expect(await installation.look((store) => judge({ ledger, sink: back, store }))).toEqual([]);
  });

  test('that cuts the connection after the final dot gets those mails once more', patience, async () => {
    const cut = new Set<string>();
    const { installation, post, end, verdict, deliveries } = await setUp({
      message: ({ to }) => {
        const [recipient = ''] = to;
        if (cut.size === 4 || cut.has(recipient)) return undefined;
        cut.add(recipient);
        return 'cut';
      },
    });
    await post(1);
    await installation.look(everythingSent);
    await end();
    expect(await verdict()).toEqual([]);
    const rows = await deliveries();
    expect(rows.filter(({ unanswered }) => unanswered === 1).map(({ recipient }) => recipient)).toEqual(
      expect.arrayContaining([...cut]),
    );
    expect(rows.filter(({ attempts }) => attempts === 1)).toHaveLength(members - 4);
  });

  test(
    'that refuses some for now and some for good: they alone are tried again, or given up',
    patience,
    async () => {
      const busy = new Map<string, number>();
      const { sink, installation, post, end, deliveries } = await setUp({
        rcpt: (to) => {
          const number = Number(/^m(\d+)@/.exec(to)?.[1] ?? 0);
          if (number % 10 === 3) return '550 5.1.1 no such user';
          if (number % 10 !== 5) return undefined;
          busy.set(to, (busy.get(to) ?? 0) + 1);
          return (busy.get(to) ?? 0) > 2 ? undefined : '450 4.2.0 greylisted';
        },
      });
      await post(1);
      await installation.look(everythingSent);
      await end();
      const rows = await deliveries();
      const told = (state: string, code: number, attempts: number) =>
        rows.filter((row) => row.state === state && row.last_code === code && row.attempts === attempts)
          .length;
      expect([told('failed', 550, 1), told('sent', 250, 3), told('sent', 250, 1)]).toEqual([
        3,
        3,
        members - 6,
      ]);
      const recipients = sink.mails.flatMap(({ to }) => to);
      expect(recipients).toHaveLength(members - 3);
      expect(new Set(recipients).size).toBe(members - 3);
    },
  );

  test(
    'that closes with 421 in the middle gets the rest over new connections, nothing twice',
    patience,
    async () => {
      let mails = 0;
      const { installation, post, end, verdict } = await setUp({
        mail: () => (++mails === 10 ? '421 4.3.2 too busy' : undefined),
      });
      await post(3);
      await installation.look(everythingSent);
      await end();
      expect(await verdict()).toEqual([]);
    },
  );

  test(
    'that never answers one mail keeps only the next one over the same connection waiting',
    patience,
    async () => {
      let stuck = 0;
      const { sink, post } = await setUp({ message: () => (++stuck === 5 ? 'silence' : undefined) });
      await post(2);
      await sink.received(2 * members - 2);
    },
  );
});
