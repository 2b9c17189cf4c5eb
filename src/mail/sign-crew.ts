import type { KeyObject } from 'node:crypto';
import { availableParallelism } from 'node:os';
import type { Worker } from 'node:worker_threads';
import type { KeyAlgorithm } from '../domain/dkim-key.ts';
import { type JoinedBytes, joinTexts, splitBytes } from './joined-bytes.ts';
import type { SigningKey } from './signing-key.ts';
import { startThread } from './start-thread.ts';

/** Some things to be signed with one key: all of them or none. */
export interface SignJob {
  /** Latin1. */
  readonly texts: readonly string[];
  readonly key: SigningKey;
  done(signatures: Buffer[]): void;
  failed(error: unknown): void;
}

/** Threads that sign while there is much to sign. They come with the work, and go when there has been none for a while. */
export interface SignCrew {
  /** It has threads: what waits is theirs. */
  readonly works: boolean;
  /** There may be enough for it to begin, or to go on. */
  lookAtWork(): void;
}

/** To a thread: the job's number comes back with its signatures, in their order. */
export interface SignBatch {
  readonly id: number;
  readonly algorithm: KeyAlgorithm;
  readonly key: KeyObject;
  readonly texts: JoinedBytes;
}

export interface SignedBatch {
  readonly id: number;
  readonly signatures: JoinedBytes;
}

/** So many signatures that wait are worth the start of threads. */
const enough = 64;
/** A thread has the next job at hand while it works at one. */
const jobsAtOnce = 2;
/** Without work, in milliseconds: a thread holds some megabytes. */
const idleMs = 10_000;

/** Takes `jobs` from the front. `left`: it works no longer, though some may wait. */
export function createSignCrew(jobs: SignJob[], left: () => void): SignCrew {
  const members = new Set<Member>();
  let idle: NodeJS.Timeout | undefined;

  function lookAtWork(): void {
    if (members.size === 0 && waiting(jobs) < enough) return;
    clearTimeout(idle);
    while (members.size < availableParallelism()) members.add(createMember(leave));
    for (const member of members)
      for (let job = member.hasRoom && jobs.shift(); job; job = member.hasRoom && jobs.shift())
        member.take(job, lookAtWork);
    if (jobs.length === 0 && [...members].every((member) => member.rests))
      idle = setTimeout(goHome, idleMs).unref();
  }

  /** What they had in hand waits again. */
  function goHome(): void {
    for (const member of members) jobs.unshift(...member.end());
    members.clear();
  }

  /** One has died: the others would be no better. */
  function leave(): void {
    goHome();
    left();
  }

  return {
    get works() {
      return members.size > 0;
    },
    lookAtWork,
  };
}

function waiting(jobs: readonly SignJob[]): number {
  return jobs.reduce((sum, { texts }) => sum + texts.length, 0);
}

interface Member {
  readonly hasRoom: boolean;
  readonly rests: boolean;
  take(job: SignJob, signed: () => void): void;
  /** Returns what it has not signed. */
  end(): readonly SignJob[];
}

function createMember(died: () => void): Member {
  const worker: Worker = startThread(new URL('./sign-thread.ts', import.meta.url), {});
  const atWork = new Map<number, { readonly job: SignJob; signed(): void }>();
  let lastId = 0;
  let ended = false;

  function finish({ id, signatures }: SignedBatch): void {
    const work = atWork.get(id);
    atWork.delete(id);
    if (!work) return;
    work.signed();
    work.job.done(splitBytes(signatures));
    if (atWork.size === 0) worker.unref();
  }

  function fall(): void {
    if (!ended) died();
  }

  worker.unref();
  worker.on('message', finish);
  worker.on('error', fall);
  worker.on('exit', fall);
  return {
    get hasRoom() {
      return atWork.size < jobsAtOnce;
    },
    get rests() {
      return atWork.size === 0;
    },
    take(job, signed) {
      lastId += 1;
      atWork.set(lastId, { job, signed });
      worker.ref();
      const { algorithm, key } = job.key;
      const texts = joinTexts(job.texts);
      worker.postMessage({ id: lastId, algorithm, key, texts } satisfies SignBatch, [texts.bytes.buffer]);
    },
    end() {
      ended = true;
      void worker.terminate();
      return Array.from(atWork.values(), ({ job }) => job);
    },
  };
}
