import type { Config } from '../config/schema.ts';
import { createResolver } from '../dns/resolver.ts';
import type { Log } from '../domain/log.ts';
import { networks } from '../domain/public-address.ts';
import type { Store } from '../store/store.ts';
import { createCapture } from './capture.ts';
import { fetchPolicy } from './direct/fetch-policy.ts';
import { createDirectRoutes, type DirectRoutes } from './direct/routes.ts';
import { createSts } from './direct/sts.ts';
import { startWarmUp } from './direct/warm-up.ts';
import type { Outbox } from './outbox.ts';
import { createSmarthost } from './smarthost.ts';
import { parseSmarthost } from './smarthost-url.ts';
import type { Transport } from './transport.ts';

/** How mail leaves: all of it one way, or each to its recipient's own mail servers. */
export type Way =
  | { readonly kind: 'one'; readonly transport: Transport }
  | { readonly kind: 'direct'; readonly routes: DirectRoutes };

export interface WayParts {
  readonly config: Pick<Config, 'hostname' | 'domains' | 'delivery' | 'direct' | 'checks'>;
  readonly store: Store;
  readonly outbox: Outbox;
  readonly log: Log;
  now(): number;
}

/** As the configuration says. `whenClosing` is told how to close what it needs; the worker must be closed before. */
export async function openWay(
  parts: WayParts,
  whenClosing: (close: () => Promise<void> | void) => void,
): Promise<Way> {
  const { config, outbox, log, now } = parts;
  const { transport, smarthost, connections } = config.delivery;
  if (transport === 'direct') return { kind: 'direct', routes: await openDirect(parts, whenClosing) };
  if (transport === 'capture') return { kind: 'one', transport: createCapture({ outbox, now }) };
  const to = parseSmarthost(smarthost);
  return { kind: 'one', transport: createSmarthost({ to, hostname: config.hostname, connections, log }) };
}

async function openDirect(
  { config, store, log, now }: WayParts,
  whenClosing: (close: () => Promise<void> | void) => void,
): Promise<DirectRoutes> {
  const { direct, hostname, domains, delivery } = config;
  const resolver = createResolver({ servers: config.checks.dns_servers, now: () => performance.now() });
  whenClosing(() => resolver.close());
  const privateNetworks = networks(...direct.private_networks);
  const fetch = (domain: string) => fetchPolicy(domain, { resolver, privateNetworks, port: 443 });
  const sts = createSts({ store, resolver, log, fetch, now });
  const { start } = direct.warm_up;
  const warmUp = start === undefined ? undefined : await startWarmUp({ store, start, log, now });
  if (warmUp) whenClosing(() => warmUp.close());
  return createDirectRoutes({
    resolver,
    hostname,
    domains,
    port: direct.port,
    privateNetworks,
    connections: delivery.connections,
    limits: direct.limits,
    policyOf: direct.mta_sts ? sts.policyOf : async () => undefined,
    ...(warmUp ? { allowanceOf: warmUp.allowanceOf } : {}),
    log,
    now,
    random: Math.random,
  });
}
