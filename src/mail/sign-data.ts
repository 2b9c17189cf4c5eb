import { sign } from 'node:crypto';
import { createSignCrew, type SignJob } from './sign-crew.ts';
import { digestOf, messageOf, type SigningKey } from './signing-key.ts';

/**
 * A few signatures are made by libuv's threads, which the process has only once and which also bring commits to the disk: so no more than
 * these are given to them at a time. A long list's thousands go to threads of our own, some at a time: to hand over a single one costs a
 * quarter of what it is.
 */
const fewAtOnce = 2;

const jobs: SignJob[] = [];
const crew = createSignCrew(jobs, startFew);
let underWay = 0;

/** Of what somebody waits for, which goes before all that nobody waits for. `text`: latin1. */
export function signNow(text: string, { algorithm, key }: SigningKey): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const message = messageOf(Buffer.from(text, 'latin1'), algorithm);
    sign(digestOf(algorithm), message, key, (error, made) => (error ? reject(error) : resolve(made)));
  });
}

/** Of copies of a mailing, some at a time: all of them, in the order of the texts (latin1), or none. */
export function signMany(texts: readonly string[], key: SigningKey): Promise<Buffer[]> {
  return new Promise((resolve, reject) => {
    jobs.push({ texts, key, done: resolve, failed: reject });
    startFew();
    crew.lookAtWork();
  });
}

function startFew(): void {
  while (underWay < fewAtOnce && !crew.works) {
    const job = jobs.shift();
    if (!job) return;
    underWay += 1;
    void signHere(job).finally(() => {
      underWay -= 1;
      startFew();
    });
  }
}

async function signHere({ texts, key, done, failed }: SignJob): Promise<void> {
  try {
    const signatures: Buffer[] = [];
    for (const text of texts) signatures.push(await signNow(text, key));
    done(signatures);
  } catch (error) {
    failed(error);
  }
}
