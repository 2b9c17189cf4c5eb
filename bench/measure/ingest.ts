import { type Bench, type Measurement, ratioOf, spreadOf } from '../figure.ts';
import { makeMails } from '../load/mail.ts';
import { memberAddress } from '../load/members.ts';
import { untilQuiet } from '../process-cpu.ts';
import { alternate } from '../rounds.ts';
import { startBound } from '../servers/bound.ts';
import { installListwright, makeList } from '../servers/listwright.ts';
import { handIn } from '../wire/source.ts';

const connections = 20;

/** Target 5: posts decided, archived and on the disk before their 250, to a list whose member wants no mail. */
export const ingest: Measurement = {
  name: 'ingest',
  async measure(bench) {
    const installation = installListwright(bench, { unsigned: 'everything' });
    const { address: list } = await makeList(bench, installation, {
      name: 'quiet',
      members: 1,
      mode: 'none',
    });
    const server = await installation.serve();
    const nothing = await startBound(bench, { kind: 'nothing' });
    const keeper = await startBound(bench, { kind: 'keep' });
    const kept: number[] = [];
    const rates = await alternate(bench, {
      warmUp: 4,
      ours: async () => {
        const rate = await acceptedPerSecond(bench, server.port, list);
        // A flood is let in first and indexed afterwards.
        await untilQuiet(server.pid);
        return rate;
      },
      limit: async () => {
        kept.push(await acceptedPerSecond(bench, keeper.port, list));
        return acceptedPerSecond(bench, nothing.port, list);
      },
    });
    await server.stop();
    await nothing.stop();
    await keeper.stop();
    const ratio = ratioOf(rates.ours, rates.limit);
    const keptMeanwhile = kept.slice(-rates.ours.length);
    return [
      {
        target: 5,
        what: 'durable ingest, 20 kept connections',
        unit: 'posts/s',
        ours: spreadOf(rates.ours),
        limit: { what: 'smtp-server accepting to nothing', measured: spreadOf(rates.limit) },
        ratio,
        goal: { text: '≥ 0.4 ×', met: ratio >= 0.4 },
      },
      {
        target: 5,
        what: 'the same, beside a server that keeps mails, and does nothing else',
        unit: 'posts/s',
        ours: spreadOf(rates.ours),
        limit: {
          what: 'smtp-server and SQLite, one commit for those that come together',
          measured: spreadOf(keptMeanwhile),
        },
        ratio: ratioOf(rates.ours, keptMeanwhile),
      },
    ];
  },
};

async function acceptedPerSecond(bench: Bench, port: number, list: string): Promise<number> {
  const posts = bench.options.quick ? 2_000 : 5_000;
  const from = memberAddress(0);
  const mails = makeMails(posts, { from, to: list, bytes: 4096 });
  const { began, ended } = await handIn(bench, port, { mails, connections, from, to: list });
  return posts / ((ended - began) / 1000);
}
