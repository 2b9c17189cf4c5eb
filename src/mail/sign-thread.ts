import { sign } from 'node:crypto';
import { parentPort } from 'node:worker_threads';
import { joinBytes, splitBytes } from './joined-bytes.ts';
import type { SignBatch, SignedBatch } from './sign-crew.ts';
import { digestOf, messageOf } from './signing-key.ts';

// The entry of a thread of sign-crew.ts: it signs, a batch at a time.
parentPort?.on('message', ({ id, algorithm, key, texts }: SignBatch) => {
  const signatures = joinBytes(
    splitBytes(texts).map((text) => sign(digestOf(algorithm), messageOf(text, algorithm), key)),
  );
  parentPort?.postMessage({ id, signatures } satisfies SignedBatch, [signatures.bytes.buffer]);
});
