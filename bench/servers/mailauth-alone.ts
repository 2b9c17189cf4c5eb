import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { Zones } from '../../test/support/name-server.ts';
import { monotonicNow } from '../wire/sink.ts';

/** What mailauth does by itself: `authenticate()` of each mail on every core, with DNS out of a table in the same thread. Mails a second. */
export async function mailauthAlone(mails: readonly Buffer[], zones: Zones): Promise<number> {
  const cores = availableParallelism();
  const entry = new URL('./mailauth-alone-thread.ts', import.meta.url).href;
  const bootstrap = `import('tsx/esm/api').then(({ register }) => { register(); return import('${entry}'); })`;
  const workers = Array.from({ length: cores }, (_, core) => {
    const share = mails.filter((_mail, i) => i % cores === core);
    return new Worker(bootstrap, { eval: true, workerData: { mails: share, zones } });
  });
  await Promise.all(workers.map((worker) => once(worker, 'message'))); // they have loaded, and warmed up
  const began = monotonicNow();
  for (const worker of workers) worker.postMessage('go');
  await Promise.all(workers.map((worker) => once(worker, 'message')));
  const rate = mails.length / ((monotonicNow() - began) / 1000);
  await Promise.all(workers.map((worker) => worker.terminate()));
  return rate;
}
