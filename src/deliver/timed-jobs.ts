import type { Log } from '../domain/log.ts';
import type { Site } from '../domain/site.ts';
import { findOutages } from '../operations/bounces/find-outages.ts';
import { tellBreakers } from '../operations/bounces/tell-breakers.ts';
import { tellRemovals } from '../operations/bounces/tell-removals.ts';
import { tendAiling } from '../operations/bounces/tend-ailing.ts';
import { watchComplaints } from '../operations/bounces/watch-complaints.ts';
import { expireHeld } from '../operations/moderation/expire-held.ts';
import { remindModerators } from '../operations/moderation/remind-moderators.ts';
import { tellDecisions } from '../operations/moderation/tell-decisions.ts';
import { writeToModerators } from '../operations/moderation/write-to-moderators.ts';
import type { Perform } from '../operations/perform.ts';
import { forgetRecovered } from '../store/ailing.ts';
import { endPauses } from '../store/memberships.ts';
import { pruneBounces, pruneHeld, pruneMailings, pruneTokens } from '../store/prune.ts';
import { overQuota, pruneQuotas, strangersBucket } from '../store/quotas.ts';
import type { Store } from '../store/store.ts';
import { noteServerAtWork } from './note-at-work.ts';
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
      // Before anything ends whose time is over.
      name: 'note-at-work',
      every: minute,
      run: async () => {
        await noteServerAtWork({ store, log, now });
        return false;
      },
    },
    {
      name: 'expire-held',
      every: 10 * minute,
      run: async () => (await perform(expireHeld, { kind: 'system' }, { limit: 50 })).expired === 50,
    },
    { name: 'notify-moderators', every: minute, run: () => notifyModerators(perform) },
    { name: 'find-outages', every: 10 * minute, run: () => lookForOutages(perform, log) },
    {
      name: 'tend-ailing',
      every: minute,
      run: async () => (await perform(tendAiling, system, { limit: tendStep })).tended === tendStep,
    },
    {
      name: 'forget-recovered',
      every: hour,
      run: async () => (await store.write((tx) => forgetRecovered(tx, recovery(now())))) === step,
    },
    { name: 'tell-breakers', every: minute, run: () => tellOfBreakers(perform, log) },
    {
      name: 'tell-removals',
      every: hour,
      run: async () => (await perform(tellRemovals, system, {})).lists > 0,
    },
    { name: 'watch-complaints', every: hour, run: () => lookAtComplaints(perform, log) },
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

const system = { kind: 'system' } as const;
/** Addresses about which something is due, in one transaction: each may get a mail. */
const tendStep = 20;

/** Two weeks without a failure: through a smarthost we never see the last server take it, and its report takes days (email.md §6.4). */
function recovery(now: number) {
  return { now, quietFor: 14 * day, forgetAfter: 90 * day, limit: step };
}

async function lookForOutages(perform: Perform, log: Log): Promise<boolean> {
  const { domains } = await perform(findOutages, system, {});
  for (const domain of domains)
    log.warn({ domain }, 'Mail to a whole domain fails: nothing counts against its people for two days.');
  return false;
}

async function tellOfBreakers(perform: Perform, log: Log): Promise<boolean> {
  const { breakers } = await perform(tellBreakers, system, {});
  for (const { list, postId, domain, said, mungedMailingId, waiting } of breakers) {
    const rest = waiting === 0 ? 'nobody else there waits for it' : 'the rest waits';
    const then = mungedMailingId === null ? rest : 'it goes there once more with its From rewritten';
    log.warn({ list, post: postId, domain, said, waiting }, `A post is refused for what it is; ${then}.`);
  }
  return breakers.length > 0;
}

async function lookAtComplaints(perform: Perform, log: Log): Promise<boolean> {
  const { level, complaints, copies } = await perform(watchComplaints, system, {});
  if (level !== 'fine')
    log.warn({ level, complaints, copies }, 'Too many members report posts as spam (email.md §6.5).');
  return false;
}

/** All that is due is marked before the first mail is written, so that one mail speaks of it all. */
async function notifyModerators(perform: Perform): Promise<boolean> {
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
