import { type Measurement, ratioOf, spreadOf } from '../figure.ts';
import { alternate } from '../rounds.ts';
import { installListwright, makeList } from '../servers/listwright.ts';
import { fanOut } from './fan-out.ts';

/** Target 8: what a recipient costs on a large list and on a small one, personal copies. */
export const growth: Measurement = {
  name: 'growth',
  async measure(bench) {
    const installation = installListwright(bench);
    const large = await makeList(bench, installation, { name: 'large', members: 100_000 });
    const small = await makeList(bench, installation, { name: 'small', members: 1_000 });
    const server = await installation.serve();
    const timeEach = async ({ address: list }: typeof large, members: number) =>
      ((await fanOut(bench, server, { list, members })).last / members) * 1000;
    const times = await alternate(bench, {
      ours: () => timeEach(large, 100_000),
      limit: () => timeEach(small, 1_000),
    });
    await server.stop();
    const ratio = ratioOf(times.ours, times.limit);
    return [
      {
        target: 8,
        what: 'time per recipient, list of 100,000',
        unit: 'µs',
        ours: spreadOf(times.ours),
        limit: { what: 'ours, list of 1,000', measured: spreadOf(times.limit) },
        ratio,
        goal: { text: '≤ 1.2 ×', met: ratio <= 1.2 },
      },
    ];
  },
};
