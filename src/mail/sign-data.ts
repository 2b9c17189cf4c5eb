import { sign } from 'node:crypto';
import { createSignCrew, type SignJob } from './sign-crew.ts';
import { algorithmOf, type SigningKey } from './signing-key.ts';

/**
 * Few signatures are made by libuv's threads, which the process has only once and which also bring commits to the disk: so no more than
 * these are given to them at a time. A long list's thousands go to threads of our own, in batches: to hand over a single one costs a
 * quarter of what it is.
 */
const fewAtOnce = 2;

const jobs: SignJob[] = [];
const crew = createSignCrew(jobs, startFew);
let underWay = 0;

/** `urgent`: before all that are not. */
export function signData(data: Buffer, key: SigningKey, urgent: boolean): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const job: SignJob = { data, key, done: (error, made) => (error ? reject(error) : resolve(made)) };
    if (urgent) signHere(job);
    else {
      jobs.push(job);
      startFew();
      crew.lookAtWork();
    }
  });
}

/** What somebody waits for is not many, and does not wait for a place. */
function signHere(job: SignJob): void {
  sign(algorithmOf(job.key), job.data, job.key.key, job.done);
}

function startFew(): void {
  while (underWay < fewAtOnce && !crew.works) {
    const job = jobs.shift();
    if (!job) return;
    underWay += 1;
    const done: SignJob['done'] = (error, signature) => {
      underWay -= 1;
      startFew();
      job.done(error, signature);
    };
    signHere({ ...job, done });
  }
}
