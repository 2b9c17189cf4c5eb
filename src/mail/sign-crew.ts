import type { KeyObject } from 'node:crypto';
import { availableParallelism } from 'node:os';
import type { Worker } from 'node:worker_threads';
import { type JoinedBytes, joinBytes, splitBytes } from './joined-bytes.ts';
import { algorithmOf, type SigningKey } from './signing-key.ts';
import { startThread } from './start-thread.ts';

/** One thing to be signed. */
export interface SignJob {
  readonly data: Buffer;
  readonly key: SigningKey;
  done(error: Error | null, signature: Buffer): void;
}

/** Threads that sign while there is much to sign. They come with the work, take it in batches, and go when there has been none for a while. */
export interface SignCrew {
  /** It has threads: what waits is theirs. */
  readonly works: boolean;
  /** There may be enough for it to begin, or to go on. */
  lookAtWork(): void;
}

/** To a thread: the batch's number comes back with its signatures, in their order. */
export interface SignBatch {
  readonly id: number;
  readonly algorithm: 'sha256' | null;
  readonly key: KeyObject;
  readonly data: JoinedBytes;
}

export interface SignedBatch {
  readonly id: number;
  readonly signatures: JoinedBytes;
}

/** So many that wait are worth the start of threads. */
const enough = 64;
const batchSize = 16;
/** A thread has the next batch at hand while it works at one. */
const batchesAtOnce = 2;
/** Without work, in milliseconds: a thread holds some megabytes. */
const idleMs = 10_000;

/** Takes `jobs` from the front. `left`: it works no longer, though some may wait. */
export function createSignCrew(jobs: SignJob[], left: () => void): SignCrew {
  const members = new Set<Member>();
  let idle: NodeJS.Timeout | undefined;

  function lookAtWork(): void {
    if (members.size === 0 && jobs.length < enough) return;
    clearTimeout(idle);
    while (members.size < availableParallelism()) members.add(createMember(leave));
    for (const member of members)
      while (member.hasRoom && jobs.length > 0) member.take(nextBatch(jobs), lookAtWork);
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

/** Neighbours with one key. */
function nextBatch(jobs: SignJob[]): SignJob[] {
  const [first] = jobs;
  const other = jobs.findIndex(({ key }, i) => i >= batchSize || key !== first?.key);
  return jobs.splice(0, other === -1 ? jobs.length : other);
}

interface Member {
  readonly hasRoom: boolean;
  readonly rests: boolean;
  take(batch: readonly SignJob[], signed: () => void): void;
  /** Returns what it has not signed. */
  end(): readonly SignJob[];
}

function createMember(died: () => void): Member {
  const worker: Worker = startThread(new URL('./sign-thread.ts', import.meta.url), {});
  const atWork = new Map<number, { readonly batch: readonly SignJob[]; signed(): void }>();
  let lastId = 0;
  let ended = false;

  function finish({ id, signatures }: SignedBatch): void {
    const work = atWork.get(id);
    atWork.delete(id);
    if (!work) return;
    work.signed();
    for (const [i, signature] of splitBytes(signatures).entries()) work.batch[i]?.done(null, signature);
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
      return atWork.size < batchesAtOnce;
    },
    get rests() {
      return atWork.size === 0;
    },
    take(batch, signed) {
      const [first] = batch;
      if (!first) return;
      lastId += 1;
      atWork.set(lastId, { batch, signed });
      worker.ref();
      const data = joinBytes(batch.map((job) => job.data));
      const message: SignBatch = { id: lastId, algorithm: algorithmOf(first.key), key: first.key.key, data };
      worker.postMessage(message, [data.bytes.buffer]);
    },
    end() {
      ended = true;
      void worker.terminate();
      return [...atWork.values()].flatMap(({ batch }) => batch);
    },
  };
}
