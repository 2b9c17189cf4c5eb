import { type Bench, type Figure, type Measurement, ratioOf, spreadOf } from '../figure.ts';
import { makeMails } from '../load/mail.ts';
import { memberAddress } from '../load/members.ts';
import { untilQuiet } from '../process-cpu.ts';
import { alternate } from '../rounds.ts';
import { startBound } from '../servers/bound.ts';
import { installListwright, makeList } from '../servers/listwright.ts';
import type { RunningServer } from '../servers/server.ts';
import { handIn } from '../wire/source.ts';

const posts = 500;
const connections = 10;
const members = 10;

/** Target 6: many posts to a small list, until each of its members has each of them. */
export const smallList: Measurement = {
  name: 'small-list',
  measure: async (bench) => [await measure(bench, 'personal'), await measure(bench, 'shared')],
};

async function measure(bench: Bench, kind: 'personal' | 'shared'): Promise<Figure> {
  const installation = installListwright(bench, { unsigned: 'everything' });
  const settings = kind === 'shared' ? ['personalize=never'] : [];
  const { address: list } = await makeList(bench, installation, { name: 'small', members, settings });
  const server = await installation.serve();
  const bound = await startBound(bench, { kind, members });
  const rates = await alternate(bench, {
    // A list server runs for weeks: 2,000 posts in all, until most of it is compiled.
    warmUp: 4,
    ours: async () => {
      const rate = await deliveredPerSecond(bench, server, { list });
      // Indexing follows, and is not the limit's to bear.
      await untilQuiet(server.pid);
      return rate;
    },
    limit: () => deliveredPerSecond(bench, bound, { list }),
  });
  await server.stop();
  await bound.stop();
  const ratio = ratioOf(rates.ours, rates.limit);
  return {
    target: 6,
    what: `500 posts over 10 connections to a list of 10, ${kind} copies`,
    unit: 'posts/s',
    ours: spreadOf(rates.ours),
    limit: { what: 'bound', measured: spreadOf(rates.limit) },
    ratio,
    goal: { text: '≥ 0.6 × bound', met: ratio >= 0.6 },
  };
}

/** Over all of them, from the first hand-over until the last member has the last post. */
export async function deliveredPerSecond(
  bench: Bench,
  { port }: Pick<RunningServer, 'port'>,
  { list, seconds = 300 }: { readonly list: string; readonly seconds?: number },
): Promise<number> {
  const from = memberAddress(0);
  const mails = makeMails(posts, { from, to: list, bytes: 4096 });
  await bench.sink.reset();
  const { began } = await handIn(bench, port, { mails, connections, from, to: list });
  const { last, recipients } = await bench.sink.recipients(posts * members, seconds);
  if (recipients < posts * members)
    throw new Error(`${recipients} of ${posts * members} copies were delivered within ${seconds} s.`);
  return posts / ((last - began) / 1000);
}
