import { setTimeout as delay } from 'node:timers/promises';
import { type Measurement, spreadOf } from '../figure.ts';
import { memoryOf, watchMemory } from '../process-memory.ts';
import { installListwright, makeList } from '../servers/listwright.ts';
import { fanOut } from './fan-out.ts';

/** Target 7: the server's memory at rest, and while a large post goes to 100,000 members; pages and threads included. */
export const memory: Measurement = {
  name: 'memory',
  async measure(bench) {
    const members = 100_000;
    const installation = installListwright(bench);
    const { address: list } = await makeList(bench, installation, { name: 'large', members });
    const idle: number[] = [];
    const peak: number[] = [];
    for (let run = 0; run < Math.min(bench.options.runs, 3); run++) {
      const server = await installation.serve();
      await delay(5_000);
      idle.push(memoryOf(server.pid));
      const watch = watchMemory(server.pid);
      await fanOut(bench, server, { list, members, bytes: 1_500_000 });
      peak.push(watch.stop());
      await server.stop();
    }
    const [atRest, atWork] = [spreadOf(idle), spreadOf(peak)];
    return [
      {
        target: 7,
        what: 'memory (PSS), idle',
        unit: 'MB',
        ours: atRest,
        goal: { text: '< 100 MB', met: atRest.median < 100 },
      },
      {
        target: 7,
        what: 'memory (PSS), peak while 1.5 MB go to 100,000',
        unit: 'MB',
        ours: atWork,
        goal: { text: '< 250 MB', met: atWork.median < 250 },
      },
    ];
  },
};
