import { type Bench, type Figure, type Measurement, ratioOf, spreadOf } from '../figure.ts';
import { alternate } from '../rounds.ts';
import { startBound } from '../servers/bound.ts';
import { installListwright, makeList } from '../servers/listwright.ts';
import { fanOut } from './fan-out.ts';

/** Target 1: one post to 1,000 and to 10,000, each copy with its own return path and one-click link, none signed. */
export const fanOutPersonal: Measurement = {
  name: 'fan-out-personal',
  measure: async (bench) => [...(await measure(bench, 10_000)), ...(await measure(bench, 1_000))],
};

async function measure(bench: Bench, members: number): Promise<Figure[]> {
  const installation = installListwright(bench, { unsigned: 'copies' });
  const { address: list } = await makeList(bench, installation, { name: 'personal', members });
  const server = await installation.serve();
  const bound = await startBound(bench, { kind: 'personal', members });
  const firsts: number[] = [];
  const rates = await alternate(bench, {
    limit: async () => rateOf(members, await fanOut(bench, bound, { list, members })),
    ours: async () => {
      const times = await fanOut(bench, server, { list, members });
      firsts.push(times.first);
      return rateOf(members, times);
    },
  });
  await server.stop();
  await bound.stop();
  const ratio = ratioOf(rates.ours, rates.limit);
  const first = spreadOf(firsts.slice(1));
  const size = members.toLocaleString('en');
  return [
    {
      target: 1,
      what: `fan-out to ${size}, personal copies, unsigned`,
      unit: 'recipients/s',
      ours: spreadOf(rates.ours),
      limit: { what: 'bound', measured: spreadOf(rates.limit) },
      ratio,
      ...(members === 10_000 ? { goal: { text: '≥ 0.6 × bound', met: ratio >= 0.6 } } : {}),
    },
    {
      target: 4,
      what: `first recipient after the 250, ${size} members, unsigned`,
      unit: 'ms',
      ours: first,
    },
  ];
}

function rateOf(members: number, { last }: { readonly last: number }): number {
  return members / (last / 1000);
}
