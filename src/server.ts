/** Puts the parts together: store, operations, worker, indexer, timers and the doors, and takes them apart in good order. */
import { randomBytes } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { createChecks, type MailChecks } from './checks/create-checks.ts';
import type { Config } from './config/schema.ts';
import { toSite } from './config/to-site.ts';
import type { ListenAddress } from './config/values.ts';
import { createIndexer, type Indexer } from './deliver/indexer.ts';
import { noteServerAtWork } from './deliver/note-at-work.ts';
import { type Outbox, openOutbox } from './deliver/outbox.ts';
import { startSchedule } from './deliver/schedule.ts';
import { openSentJournal } from './deliver/sent-journal.ts';
import { timedJobs } from './deliver/timed-jobs.ts';
import { openWay } from './deliver/way.ts';
import { createWorker, type Worker } from './deliver/worker.ts';
import { createResolver, type DnsResolver } from './dns/resolver.ts';
import type { Actor } from './domain/actor.ts';
import type { CheckedMail } from './domain/incoming.ts';
import type { Log } from './domain/log.ts';
import type { Site } from './domain/site.ts';
import { createExtractPool } from './mail/extract-pool.ts';
import { readableText } from './mail/readable-text.ts';
import { acceptMail } from './operations/incoming/accept-mail.ts';
import { resolveMailbox } from './operations/incoming/resolve-mailbox.ts';
import { ensureDkimKeys } from './operations/keys/ensure-dkim-keys.ts';
import type { Outside } from './operations/operation.ts';
import { createPerform, type Perform } from './operations/perform.ts';
import type { BoundAddress, Listeners } from './receive/listener.ts';
import { createThreadedListeners } from './receive/threaded-listeners.ts';
import { beginClaimant } from './store/claimant.ts';
import type { ClaimedDelivery } from './store/claims.ts';
import { loadOrMakeHmacKeys } from './store/keys.ts';
import { openStore } from './store/open-store.ts';
import { holdServerLock } from './store/server-lock.ts';
import { settleLeftBehind } from './store/settle.ts';
import type { Store } from './store/store.ts';
import { watchDkimRecords } from './watch-dkim-records.ts';
import { createWeb, type Web } from './web/create-web.ts';

export interface ServerParts {
  readonly config: Config;
  readonly log: Log;
  /** Shows captured mail at /outbox to whoever has this key: trial mode and demo only. */
  readonly outboxKey?: string;
  /** The disk has failed: the process must end, so that its supervisor starts it again. */
  readonly onBroken?: () => void;
}

export interface Server {
  readonly listeners: readonly BoundAddress[];
  /** What a person types: `127.0.0.1:2525`, `http://127.0.0.1:8080`. */
  readonly addresses: { readonly smtp: string; readonly pages: string };
  readonly outbox: Outbox;
  readonly site: Site;
  readonly perform: Perform;
  /** Resolves when nothing waits to be sent or indexed. */
  idle(): Promise<void>;
  /** Takes nothing new, finishes what is under way and leaves the rest in the queue; may be called twice. */
  close(): Promise<void>;
}

/** Starts everything, or nothing: what fails is thrown after the rest has been closed again. */
export async function startServer(parts: ServerParts): Promise<Server> {
  const closers: Closer[] = [];
  const closeAll = async () => {
    const failures: unknown[] = [];
    for (const close of closers.splice(0).reverse()) {
      // What cannot be closed keeps nothing else open.
      await Promise.resolve(close()).catch((error: unknown) => failures.push(error));
    }
    if (failures.length > 0) throw new AggregateError(failures, 'some parts could not be closed');
  };
  try {
    return { ...(await start(parts, (close) => closers.push(close))), close: once(closeAll) };
  } catch (error) {
    await closeAll();
    throw error;
  }
}

type Closer = () => Promise<void> | void;

/** `whenClosing` is told how to close each part as soon as it is open; they are closed in the opposite order. */
async function start(
  parts: ServerParts,
  whenClosing: (close: Closer) => void,
): Promise<Omit<Server, 'close'>> {
  const { config } = parts;
  await mkdir(config.data_dir, { recursive: true, mode: 0o700 });
  const store = await openLockedStore(parts, whenClosing);
  const resolver = createResolver({ servers: config.checks.dns_servers, now: () => performance.now() });
  whenClosing(() => resolver.close());
  const engine = await startEngine(parts, { store, resolver }, whenClosing);
  const { perform } = engine;

  const checks = openChecks(parts, { site: engine.site, resolver }, whenClosing);
  const listeners = await listen(parts, perform, checks);
  whenClosing(() => listeners.close());
  const web = await showPages(parts, engine);
  whenClosing(() => web.close());
  return {
    listeners: listeners.addresses,
    addresses: {
      smtp:
        listeners.addresses.filter(({ protocol }) => protocol === 'smtp').map(describeAddress)[0] ?? 'off',
      pages: `http://${describeAddress(web.address)}`,
    },
    outbox: engine.outbox,
    site: engine.site,
    perform,
    idle: async () => {
      await engine.indexer.idle();
      await engine.worker.idle();
    },
  };
}

async function openLockedStore(
  { config, log, onBroken }: ServerParts,
  whenClosing: (close: Closer) => void,
): Promise<Store> {
  // Beside the database, which is what two servers must not share; those of a PostgreSQL each have a folder of their own.
  const isFile = config.database.url.startsWith('sqlite:');
  const file = isFile ? config.database.url.slice('sqlite:'.length) : 'node';
  const lock = holdServerLock(dirname(resolve(config.data_dir, file)));
  whenClosing(() => lock.release());
  const store = await openStore(config.database.url, {
    dataDir: config.data_dir,
    log,
    ...(onBroken ? { onBroken } : {}),
  });
  whenClosing(() => store.close());
  return store;
}

interface Engine {
  readonly outside: Outside;
  readonly site: Site;
  readonly perform: Perform;
  readonly worker: Worker;
  readonly indexer: Indexer;
  readonly outbox: Outbox;
}

/** All that works without a door: operations, the worker, the indexer, the timers. */
async function startEngine(
  { config, log }: ServerParts,
  { store, resolver }: { readonly store: Store; readonly resolver: DnsResolver },
  whenClosing: (close: Closer) => void,
): Promise<Engine> {
  const now = Date.now;
  const site = toSite(config);
  const keys = await loadOrMakeHmacKeys(store, randomBytes, now());
  if (config.dkim.sign || config.arc.seal)
    await makeMissingKeys({ store, site, keys, now, randomBytes }, log);
  const pool = createExtractPool({ hostname: config.hostname, threads: 1 });
  whenClosing(() => pool.close());
  const indexer = createIndexer({ store, pool, log, now });
  whenClosing(() => indexer.close());
  const journal = openSentJournal(join(config.data_dir, 'sent.journal'));
  if (journal.left.length > 0) await store.write((tx) => settleLeftBehind(tx, journal.left, now()));
  journal.written([]);
  await noteServerAtWork({ store, log, now });
  const { url } = config.database;
  const claimant = await beginClaimant({ store, url, dataDir: config.data_dir, log });
  whenClosing(() => claimant.end());
  const outbox = openOutbox(join(config.data_dir, 'outbox'));
  const worker = createWorker({
    store,
    way: await openWay({ config, store, outbox, log, now }, whenClosing),
    journal,
    claimant: claimant.id,
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

function openChecks(
  { config, log }: ServerParts,
  { site, resolver }: { readonly site: Site; readonly resolver: DnsResolver },
  whenClosing: (close: Closer) => void,
): MailChecks {
  const checks = createChecks({
    site,
    rspamd: config.checks.rspamd,
    resolver,
    log,
    now: Date.now,
    threads: availableParallelism(),
  });
  whenClosing(() => checks.close());
  return checks;
}

function listen(
  { config: { hostname, smtp, limits, data_dir }, log }: ServerParts,
  perform: Perform,
  checks: MailChecks,
): Promise<Listeners> {
  const system = { kind: 'system' } as const;
  return createThreadedListeners(
    {
      hostname,
      listen: smtp.listen,
      lmtp: smtp.lmtp,
      maxSize: smtp.max_size,
      ...(smtp.tls_cert && smtp.tls_key ? { tls: { certFile: smtp.tls_cert, keyFile: smtp.tls_key } } : {}),
      maxConnections: smtp.max_connections,
      connectionsPerIp: limits.connections_per_ip,
      trustedRelays: smtp.trusted_relays,
      proxyProtocol: smtp.proxy_protocol,
      incomingDir: join(data_dir, 'incoming'),
      minFreeDisk: limits.min_free_disk,
    },
    {
      resolve: (address) => perform(resolveMailbox, system, { address }),
      accept: async (mail) => {
        const checked = await checks.check(mail);
        return perform(acceptMail, authorOf(checked), checked);
      },
      now: Date.now,
      log,
    },
  );
}

/** A `From` by itself proves nothing; a mail without a readable one comes from an address on the network. */
function authorOf({ facts, peer, checks }: CheckedMail): Actor {
  if (!facts.author) return { kind: 'visitor', ip: peer.ip };
  const kind = checks.identity.class === 'verified' ? 'verified' : 'claimed';
  return { kind, email: facts.author.email };
}

function showPages({ config, log, outboxKey }: ServerParts, engine: Engine): Promise<Web> {
  const { store, keys } = engine.outside;
  return createWeb(
    {
      listen: config.web.listen,
      baseUrl: config.base_url,
      trustedProxies: config.web.trusted_proxies,
      ...(outboxKey ? { outboxKey } : {}),
    },
    {
      perform: engine.perform,
      log,
      keys,
      now: Date.now,
      health: async () => ({ ok: (await store.schema()).kind === 'current' }),
      ...(outboxKey ? { trial: { outbox: engine.outbox, readableText } } : {}),
    },
  );
}

/** `127.0.0.1:2525`, `[::1]:25`, `/run/listwright/smtp.sock`. */
export function describeAddress(address: ListenAddress): string {
  if (address.kind === 'unix') return address.path;
  return `${address.host.includes(':') ? `[${address.host}]` : address.host}:${address.port}`;
}

function once(act: () => Promise<void>): () => Promise<void> {
  let done: Promise<void> | undefined;
  return () => {
    done ??= act();
    return done;
  };
}
