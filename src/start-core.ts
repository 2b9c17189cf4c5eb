import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { Config } from './config/schema.ts';
import { toSite } from './config/to-site.ts';
import { createIndexer, type Indexer } from './deliver/indexer.ts';
import { noteServerAtWork } from './deliver/note-at-work.ts';
import { type Outbox, openOutbox } from './deliver/outbox.ts';
import { startSchedule } from './deliver/schedule.ts';
import { openSentJournal } from './deliver/sent-journal.ts';
import { timedJobs } from './deliver/timed-jobs.ts';
import { openWay } from './deliver/way.ts';
import { createWorker, type Worker } from './deliver/worker.ts';
import type { DnsResolver } from './dns/resolver.ts';
import type { HmacKeys } from './domain/keys.ts';
import type { Log } from './domain/log.ts';
import type { Site } from './domain/site.ts';
import { createExtractPool } from './mail/extract-pool.ts';
import { ensureDkimKeys } from './operations/keys/ensure-dkim-keys.ts';
import type { Outside } from './operations/operation.ts';
import { createPerform, type Perform } from './operations/perform.ts';
import { beginClaimant } from './store/claimant.ts';
import type { ClaimedDelivery } from './store/claims.ts';
import { loadOrMakeHmacKeys } from './store/keys.ts';
import { settleLeftBehind } from './store/settle.ts';
import type { Store } from './store/store.ts';
import { watchDkimRecords } from './watch-dkim-records.ts';

export interface CoreParts {
  readonly config: Config;
  readonly log: Log;
  readonly store: Store;
  readonly resolver: DnsResolver;
}

/** All that works without a door: operations, the worker, the indexer, the timers. */
export interface Core {
  readonly outside: Outside;
  readonly site: Site;
  readonly perform: Perform;
  readonly worker: Worker;
  readonly indexer: Indexer;
  readonly outbox: Outbox;
}

export type Closer = () => Promise<void> | void;

/** `whenClosing` is told how to close each part as soon as it is open; they are closed in the opposite order. */
export async function startCore(parts: CoreParts, whenClosing: (close: Closer) => void): Promise<Core> {
  const { config, log, store, resolver } = parts;
  const now = Date.now;
  const site = toSite(config);
  const keys = await loadOrMakeHmacKeys(store, randomBytes, now());
  if (config.dkim.sign || config.arc.seal)
    await makeMissingKeys({ store, site, keys, now, randomBytes }, log);
  const pool = createExtractPool({ hostname: config.hostname, threads: 1 });
  whenClosing(() => pool.close());
  const indexer = createIndexer({ store, pool, log, now });
  whenClosing(() => indexer.close());
  const outbox = openOutbox(join(config.data_dir, 'outbox'));
  const worker = await startWorker({ ...parts, site, keys, outbox }, whenClosing);
  const wake = (handedOver?: readonly ClaimedDelivery[]) => {
    worker.wake(handedOver);
    indexer.wake();
  };
  const lease = () => worker.lease();
  const outside: Outside = { store, site, keys, now, randomBytes, lease, committed: wake };
  const perform = createPerform(outside);
  whenClosing(store.onOutsideChange(() => wake()));
  const sends = config.delivery.transport !== 'capture';
  const watches = config.dkim.sign && sends ? [watchDkimRecords({ perform, resolver, log })] : [];
  const jobs = [...timedJobs({ store, perform, site, log, now }), ...watches];
  const schedule = startSchedule({ store, jobs, log, now });
  whenClosing(() => schedule.close());
  wake();
  return { outside, site, perform, worker, indexer, outbox };
}

/** Before the worker starts: nothing goes out unsigned. */
async function makeMissingKeys(outside: Omit<Outside, 'committed'>, log: Log): Promise<void> {
  const perform = createPerform({ ...outside, committed: () => {} });
  for (const { domain, record } of await ensureDkimKeys(perform, outside.site))
    log.info(
      { domain, record: record.name },
      'Mail is signed with a new key; “dkim show” prints its DNS record.',
    );
}

type WorkerNeeds = Omit<CoreParts, 'resolver'> & {
  readonly site: Site;
  readonly keys: HmacKeys;
  readonly outbox: Outbox;
};

/** First what the server before this one left behind is put in order: what it had sent, and what it had claimed. */
async function startWorker(
  { config, log, store, site, keys, outbox }: WorkerNeeds,
  whenClosing: (close: Closer) => void,
): Promise<Worker> {
  const now = Date.now;
  const journal = openSentJournal(join(config.data_dir, 'sent.journal'));
  if (journal.left.length > 0) await store.write((tx) => settleLeftBehind(tx, journal.left, now()));
  journal.written([]);
  const noteAtWork = () => noteServerAtWork({ store, log, now });
  await noteAtWork();
  const { url } = config.database;
  const claimant = await beginClaimant({ store, url, dataDir: config.data_dir, log });
  whenClosing(() => claimant.end());
  const worker = createWorker({
    store,
    way: await openWay({ config, store, outbox, log, now }, whenClosing),
    journal,
    claimant: claimant.id,
    awoke: noteAtWork,
    keys,
    site,
    settings: {
      retry: config.delivery.retry,
      personalize: config.delivery.personalize,
      signs: config.dkim.sign,
      seals: config.arc.seal,
    },
    log,
    now,
    random: Math.random,
  });
  whenClosing(() => worker.close());
  return worker;
}
