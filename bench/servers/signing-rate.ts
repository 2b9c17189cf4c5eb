import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { monotonicNow } from '../wire/sink.ts';

/** A thread that signs what a DKIM signature covers, with RSA-2048, as often as it is told. */
const signer = `
const { parentPort } = require('node:worker_threads');
const { generateKeyPairSync, sign } = require('node:crypto');
const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const data = Buffer.alloc(2048, 'x');
const signMany = (count) => { for (let i = 0; i < count; i++) sign('sha256', data, privateKey); };
signMany(100);
parentPort.on('message', (count) => { signMany(count); parentPort.postMessage('done'); });
parentPort.postMessage('ready');
`;

/** RSA-2048 signatures a second that this machine makes on all cores at best, and nothing else: no copies, no sockets. */
export async function signingRate(signatures: number): Promise<number> {
  // Twice as many as cores: beside other work on the machine they must not get less of it than a server with its threads does.
  const threads = availableParallelism() * 2;
  const workers = Array.from({ length: threads }, () => new Worker(signer, { eval: true }));
  await Promise.all(workers.map((worker) => once(worker, 'message')));
  const began = monotonicNow();
  for (const worker of workers) worker.postMessage(Math.ceil(signatures / threads));
  await Promise.all(workers.map((worker) => once(worker, 'message')));
  const rate = signatures / ((monotonicNow() - began) / 1000);
  await Promise.all(workers.map((worker) => worker.terminate()));
  return rate;
}
