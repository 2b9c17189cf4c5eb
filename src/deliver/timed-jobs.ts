import { expireHeld } from '../operations/expire-held.ts';
import type { Perform } from '../operations/perform.ts';
import { endPauses } from '../store/memberships.ts';
import { pruneBounces, pruneHeld, pruneMailings, pruneTokens } from '../store/prune.ts';
import { pruneQuotas } from '../store/quotas.ts';
import type { Store } from '../store/store.ts';
import type { TimedJob } from './schedule.ts';

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

/** Rows a step touches: a transaction of a few milliseconds. */
const step = 200;
/** The same where each row may have a message of some megabytes, whose every page is overwritten. */
const bodyStep = 10;
/** How long the story of a delivery, a held mail that was decided about and the answer of a used link are kept (email.md §3.1, §6.1). */
const keptFor = 30 * day;

/** All that happens by itself when its time comes. */
export function timedJobs({
  store,
  perform,
  now,
}: {
  store: Store;
  perform: Perform;
  now(): number;
}): readonly TimedJob[] {
  return [
    {
      name: 'expire-held',
      every: 10 * minute,
      run: async () => (await perform(expireHeld, { kind: 'system' }, { limit: 50 })).expired === 50,
    },
    {
      name: 'end-pauses',
      every: 10 * minute,
      run: async () => (await store.write((tx) => endPauses(tx, now(), step))) === step,
    },
    {
      name: 'prune-mailings',
      every: hour,
      run: () => store.write((tx) => pruneMailings(tx, now() - keptFor)),
    },
    {
      name: 'prune-held',
      every: hour,
      run: async () => (await store.write((tx) => pruneHeld(tx, now() - keptFor, bodyStep))) === bodyStep,
    },
    {
      name: 'prune-bounces',
      every: hour,
      run: async () => (await store.write((tx) => pruneBounces(tx, now() - keptFor, bodyStep))) === bodyStep,
    },
    {
      name: 'prune-tokens',
      every: hour,
      run: async () => (await store.write((tx) => pruneTokens(tx, now() - keptFor, step))) === step,
    },
    {
      name: 'prune-quotas',
      every: hour,
      run: async () => (await store.write((tx) => pruneQuotas(tx, now(), step))) === step,
    },
  ];
}
