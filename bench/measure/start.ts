import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { largeArchive } from '../archive/large-archive.ts';
import { type Measurement, ratioOf, spreadOf } from '../figure.ts';
import { alternate } from '../rounds.ts';
import { monotonicNow } from '../wire/sink.ts';

/** Target 13: from the start of the process until it listens, with a long history. */
export const start: Measurement = {
  name: 'start',
  async measure(bench) {
    const installation = await largeArchive(bench);
    const times = await alternate(bench, {
      limit: startBareNode,
      ours: async () => {
        const server = await installation.serve();
        await server.stop();
        return server.startedIn;
      },
    });
    const ours = spreadOf(times.ours);
    return [
      {
        target: 13,
        what: `start to listening, with ${bench.options.archivePosts.toLocaleString('en')} posts`,
        unit: 'ms',
        ours,
        limit: { what: 'an empty Node server', measured: spreadOf(times.limit) },
        ratio: ratioOf(times.ours, times.limit),
        goal: { text: '< 1,000 ms', met: ours.median < 1_000 },
      },
    ];
  },
};

async function startBareNode(): Promise<number> {
  const began = monotonicNow();
  const code = `require('net').createServer().listen(0, '127.0.0.1', () => { console.log('up'); process.exit() })`;
  const node = spawn(process.execPath, ['-e', code], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(node.stdout, 'data');
  const took = monotonicNow() - began;
  if (node.exitCode === null) await once(node, 'exit');
  return took;
}
