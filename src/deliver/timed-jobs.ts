import type { Log } from '../domain/log.ts';
import type { Site } from '../domain/site.ts';
import { expireHeld } from '../operations/moderation/expire-held.ts';
import { remindModerators } from '../operations/moderation/remind-moderators.ts';
import { tellDecisions } from '../operations/moderation/tell-decisions.ts';
import { writeToModerators } from '../operations/moderation/write-to-moderators.ts';
import type { Perform } from '../operations/perform.ts';
import { endPauses } from '../store/memberships.ts';
import { pruneBounces, pruneHeld, pruneMailings, pruneTokens } from '../store/prune.ts';
import { overQuota, pruneQuotas, strangersBucket } from '../store/quotas.ts';
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
  site,
  log,
  now,
}: {
  store: Store;
  perform: Perform;
  site: Site;
  log: Log;
  now(): number;
}): readonly TimedJob[] {
  return [
    {
      name: 'expire-held',
      every: 10 * minute,
      run: async () => (await perform(expireHeld, { kind: 'system' }, { limit: 50 })).expired === 50,
    },
    { name: 'notify-moderators', every: minute, run: () => notifyModerators(perform) },
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
      name: 'watch-strangers',
      every: 10 * minute,
      run: () => watchStrangers({ store, site, log, now: now() }),
    },
    {
      name: 'prune-quotas',
      every: hour,
      run: async () => (await store.write((tx) => pruneQuotas(tx, now(), step))) === step,
    },
  ];
}

/** All that is due is marked before the first mail is written, so that one mail speaks of it all. */
async function notifyModerators(perform: Perform): Promise<boolean> {
  const system = { kind: 'system' } as const;
  if ((await perform(remindModerators, system, {})).lists > 0) return true;
  if ((await perform(tellDecisions, system, {})).lists > 0) return true;
  return (await perform(writeToModerators, system, {})).mails > 0;
}

/** Nobody who asked is told that the limit was reached: so the operator is. */
async function watchStrangers(parts: { store: Store; site: Site; log: Log; now: number }): Promise<boolean> {
  const { store, site, log, now } = parts;
  const rate = site.limits.mailToStrangers;
  const unsent = rate ? await store.read((db) => overQuota(db, strangersBucket, { rate, now })) : 0;
  if (unsent > 0) {
    log.warn(
      { unsent, limit: rate?.count },
      'limits.mail_to_strangers is reached: is somebody writing in the names of others?',
    );
  }
  return false;
}
