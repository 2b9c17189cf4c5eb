import { type Measurement, ratioOf, spreadOf } from '../figure.ts';
import { alternate } from '../rounds.ts';
import { installListwright, makeList } from '../servers/listwright.ts';
import { signingRate } from '../servers/signing-rate.ts';
import { fanOut } from './fan-out.ts';

const members = 10_000;

/** Targets 2 and 4: as it is by default, each copy with a signature of its own; beside it what the processors can sign and no more. */
export const fanOutSigned: Measurement = {
  name: 'fan-out-signed',
  async measure(bench) {
    const installation = installListwright(bench);
    const { address: list } = await makeList(bench, installation, { name: 'signed', members });
    const server = await installation.serve();
    const firsts: number[] = [];
    const rates = await alternate(bench, {
      limit: () => signingRate(members),
      ours: async () => {
        const times = await fanOut(bench, server, { list, members });
        firsts.push(times.first);
        return members / (times.last / 1000);
      },
    });
    await server.stop();
    const ratio = ratioOf(rates.ours, rates.limit);
    const first = spreadOf(firsts.slice(1));
    return [
      {
        target: 2,
        what: 'fan-out to 10,000, personal copies, each signed with RSA-2048',
        unit: 'recipients/s',
        ours: spreadOf(rates.ours),
        limit: { what: 'RSA-2048 on all cores', measured: spreadOf(rates.limit) },
        ratio,
        goal: { text: '≥ 0.8 × signatures', met: ratio >= 0.8 },
      },
      {
        target: 4,
        what: 'first recipient after the 250, 10,000 members, signed',
        unit: 'ms',
        ours: first,
        goal: { text: '< 20 ms', met: first.median < 20 },
      },
    ];
  },
};
