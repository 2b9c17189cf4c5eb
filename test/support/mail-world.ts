import type { SendingSettings } from '../../src/deliver/create-destinations.ts';
import { createDirectRoutes, type DirectOptions } from '../../src/deliver/direct/routes.ts';
import { createWorker, type Worker } from '../../src/deliver/worker.ts';
import { createResolver } from '../../src/dns/resolver.ts';
import { silentLog } from '../../src/domain/log.ts';
import { networks } from '../../src/domain/public-address.ts';
import type { Store } from '../../src/store/store.ts';
import { startDns, type TestDns, type Zones } from './dns.ts';
import { keys, quickRetry, site, start } from './outbox.ts';
import { openSink, type Sink, type SinkOptions } from './sink.ts';
import type { WhenDone } from './stores.ts';

/**
 * The Internet in small: domains with DNS and mail servers of their own, each `mx.DOMAIN` on a loopback address of its own and all on
 * one port, as in the large one.
 */
export interface MailWorld {
  readonly dns: TestDns;
  readonly port: number;
  sink(domain: string): Sink;
  /** Where that domain's server is, or would be. */
  address(domain: string): string;
}

export const loopback = networks('127.0.0.0/8');

/** `zones`: more names, or others than the usual ones for a domain. */
export async function openMailWorld(
  servers: Readonly<Record<string, SinkOptions>>,
  zones: Zones = {},
  whenDone?: WhenDone,
): Promise<MailWorld> {
  const sinks = new Map<string, Sink>();
  const addresses = new Map<string, string>();
  const known: Record<string, Zones[string]> = {};
  let port = 0;
  for (const [i, [domain, options]] of Object.entries(servers).entries()) {
    const host = `127.0.0.${i + 2}`;
    const sink = await openSink({ ...options, host, port, ...(whenDone && { whenDone }) });
    port = sink.port;
    sinks.set(domain, sink);
    addresses.set(domain, host);
    known[domain] = { MX: [[10, `mx.${domain}`]] };
    known[`mx.${domain}`] = { A: [host] };
  }
  return {
    dns: await startDns({ ...known, ...zones }, whenDone),
    port,
    sink(domain) {
      const sink = sinks.get(domain);
      if (!sink) throw new Error(`there is no server for ${domain}`);
      return sink;
    },
    address: (domain) => addresses.get(domain) ?? '',
  };
}

export interface DirectWorkerInput extends Partial<DirectOptions> {
  readonly store: Store;
  readonly world: Pick<MailWorld, 'dns' | 'port'>;
  readonly settings?: Partial<SendingSettings>;
}

/** A worker that delivers into it; end it with `close()`. */
export function startDirectWorker({ store, world, settings, ...options }: DirectWorkerInput): Worker {
  const now = options.now ?? (() => start);
  const random = () => 0.5;
  const routes = createDirectRoutes({
    resolver: createResolver({ servers: [world.dns.address], now: () => performance.now() }),
    hostname: site.hostname,
    domains: site.domains,
    port: world.port,
    privateNetworks: loopback,
    connections: 10,
    limits: [],
    policyOf: async () => undefined,
    log: silentLog,
    now,
    random,
    ...options,
    timeouts: { close: 1_000, ...options.timeouts },
  });
  return createWorker({
    store,
    way: { kind: 'direct', routes },
    keys,
    site,
    settings: { retry: quickRetry, personalize: 'auto', signs: false, seals: false, ...settings },
    log: silentLog,
    now,
    random,
  });
}
