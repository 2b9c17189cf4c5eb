import { type Bench, type Measurement, ratioOf, spreadOf } from '../figure.ts';
import { alternate } from '../rounds.ts';
import { startBound } from '../servers/bound.ts';
import { installListwright, makeList } from '../servers/listwright.ts';
import { type FanOutQuestion, fanOut } from './fan-out.ts';

/** Target 3: one post to 10,000 as shared copies, 100 recipients a transaction. */
export const fanOutShared: Measurement = {
  name: 'fan-out-shared',
  async measure(bench) {
    const members = 10_000;
    const installation = installListwright(bench);
    const { address: list } = await makeList(bench, installation, {
      name: 'shared',
      members,
      settings: ['personalize=never'],
    });
    const server = await installation.serve();
    const bound = await startBound(bench, { kind: 'shared', members });
    const rate = async ({ port }: { readonly port: number }) =>
      members / ((await usualTime(bench, port, { list, members })) / 1000);
    const rates = await alternate(bench, { ours: () => rate(server), limit: () => rate(bound) });
    await server.stop();
    await bound.stop();
    const ratio = ratioOf(rates.ours, rates.limit);
    return [
      {
        target: 3,
        what: 'fan-out to 10,000, shared copies, 100 a transaction',
        unit: 'recipients/s',
        ours: spreadOf(rates.ours),
        limit: { what: 'bound', measured: spreadOf(rates.limit) },
        ratio,
        goal: { text: '≥ 0.3 × bound', met: ratio >= 0.3 },
      },
    ];
  },
};

/** It is over in some ten milliseconds, before the machine has shown its mood: so a round is several posts, one after the other. */
async function usualTime(bench: Bench, port: number, question: FanOutQuestion): Promise<number> {
  const times: number[] = [];
  for (let post = 0; post < 5; post++) times.push((await fanOut(bench, { port }, question)).last);
  return spreadOf(times).median;
}
