import { sign } from 'node:crypto';
import { parentPort } from 'node:worker_threads';
import type { SignBatch, SignedBatch } from './sign-crew.ts';

// The entry of a thread of sign-crew.ts: it signs, a batch at a time.
parentPort?.on('message', ({ id, algorithm, key, data }: SignBatch) => {
  const signatures = data.map((each) => new Uint8Array(sign(algorithm, each, key)));
  const memory = signatures.map(({ buffer }) => buffer);
  parentPort?.postMessage({ id, signatures } satisfies SignedBatch, memory);
});
