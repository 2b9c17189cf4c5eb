/** Puts a server together: the store, all that works without a door (start-core.ts), and the doors; and takes it apart in good order. */
import { mkdir } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { createChecks, type MailChecks } from './checks/create-checks.ts';
import type { Config } from './config/schema.ts';
import type { ListenAddress } from './config/values.ts';
import type { Outbox } from './deliver/outbox.ts';
import { createResolver, type DnsResolver } from './dns/resolver.ts';
import type { Actor } from './domain/actor.ts';
import type { CheckedMail } from './domain/incoming.ts';
import type { Log } from './domain/log.ts';
import type { Site } from './domain/site.ts';
import { readableText } from './mail/readable-text.ts';
import { acceptMail } from './operations/incoming/accept-mail.ts';
import { resolveMailbox } from './operations/incoming/resolve-mailbox.ts';
import type { Perform } from './operations/perform.ts';
import type { BoundAddress, Listeners } from './receive/listener.ts';
import { createThreadedListeners } from './receive/threaded-listeners.ts';
import { type Closer, type Core, startCore } from './start-core.ts';
import { openStore } from './store/open-store.ts';
import { holdServerLock } from './store/server-lock.ts';
import type { Store } from './store/store.ts';
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
  const core = await startCore({ ...parts, store, resolver }, whenClosing);
  const { perform } = core;

  const checks = openChecks(parts, { site: core.site, resolver }, whenClosing);
  const listeners = await listen(parts, perform, checks);
  whenClosing(() => listeners.close());
  const web = await showPages(parts, core);
  whenClosing(() => web.close());
  return {
    listeners: listeners.addresses,
    addresses: {
      smtp:
        listeners.addresses.filter(({ protocol }) => protocol === 'smtp').map(describeAddress)[0] ?? 'off',
      pages: `http://${describeAddress(web.address)}`,
    },
    outbox: core.outbox,
    site: core.site,
    perform,
    idle: async () => {
      await core.indexer.idle();
      await core.worker.idle();
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

function showPages({ config, log, outboxKey }: ServerParts, core: Core): Promise<Web> {
  const { store, keys } = core.outside;
  return createWeb(
    {
      listen: config.web.listen,
      baseUrl: config.base_url,
      trustedProxies: config.web.trusted_proxies,
      ...(outboxKey ? { outboxKey } : {}),
    },
    {
      perform: core.perform,
      log,
      keys,
      now: Date.now,
      health: async () => ({ ok: (await store.schema()).kind === 'current' }),
      ...(outboxKey ? { trial: { outbox: core.outbox, readableText } } : {}),
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
