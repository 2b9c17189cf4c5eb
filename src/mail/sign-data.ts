import { sign } from 'node:crypto';
import { availableParallelism } from 'node:os';
import type { SigningKey } from './signing-key.ts';

/**
 * Signatures are made by libuv's threads, which the process has only once, and which also bring commits to the disk: a long list's
 * thousand signatures must not stand in a queue before those. So only as many are given to them at once as keep the processors busy, and
 * one thread stays free; the rest waits here, and what somebody waits for goes first.
 */
const threads = Number(process.env.UV_THREADPOOL_SIZE) || 4;
const atOnce = Math.max(1, Math.min(availableParallelism() + 1, threads - 1));

interface Job {
  readonly data: Buffer;
  readonly key: SigningKey;
  done(error: Error | null, signature: Buffer): void;
}

const urgentJobs: Job[] = [];
const jobs: Job[] = [];
let underWay = 0;

/** `urgent`: before all that are not. */
export function signData(data: Buffer, key: SigningKey, urgent: boolean): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const done = (error: Error | null, signature: Buffer) => (error ? reject(error) : resolve(signature));
    (urgent ? urgentJobs : jobs).push({ data, key, done });
    startNext();
  });
}

function startNext(): void {
  while (underWay < atOnce) {
    const job = urgentJobs.shift() ?? jobs.shift();
    if (!job) return;
    underWay += 1;
    sign(job.key.algorithm === 'rsa' ? 'sha256' : null, job.data, job.key.key, (error, signature) => {
      underWay -= 1;
      startNext();
      job.done(error, signature);
    });
  }
}
