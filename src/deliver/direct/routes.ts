import type { DestinationLimit } from '../../config/values.ts';
import type { DnsResolver } from '../../dns/resolver.ts';
import type { Log } from '../../domain/log.ts';
import type { Network } from '../../domain/network.ts';
import { connectionsTo, isUnder } from '../../domain/provider.ts';
import type { StsPolicy } from '../../domain/sts-policy.ts';
import type { Allowance } from '../allowance.ts';
import { createConnectionPool, type PoolTimeouts } from '../connection-pool.ts';
import { createConnectionSlots } from '../connection-slots.ts';
import { createPace, type Pace } from '../pace.ts';
import type { Transport } from '../transport.ts';
import { createHostConnector } from './connect-host.ts';
import { createDirectory, type Directory, type MailGroup } from './directory.ts';

/** The ways to everybody's own mail servers. */
export interface DirectRoutes {
  readonly directory: Directory;
  /** A new way to a group, with what it may get. */
  open(group: MailGroup): {
    readonly transport: Transport;
    readonly pace: Pace;
    readonly allowance: Allowance | undefined;
  };
}

export interface DirectOptions {
  readonly resolver: DnsResolver;
  /** Our name in EHLO. */
  readonly hostname: string;
  /** Our mail domains. */
  readonly domains: readonly string[];
  readonly port: number;
  readonly privateNetworks: readonly Network[];
  /** Most connections to one group, where nothing narrower is known. */
  readonly connections: number;
  /** What the operator wants of some destinations; the first that fits counts. */
  readonly limits: readonly DestinationLimit[];
  policyOf(domain: string): Promise<StsPolicy | undefined>;
  /** What a destination may still get today; undefined: no limit. */
  allowanceOf?(name: string): Allowance;
  readonly ca?: string | undefined;
  readonly log: Log;
  now(): number;
  random(): number;
  readonly timeouts?: Partial<DirectTimeouts>;
}

export interface DirectTimeouts extends PoolTimeouts {
  /** Up to the answer to EHLO, for each address. In milliseconds. */
  readonly connect: number;
}

/** RFC 5321 §4.5.3.2, but for the greeting: who waits five minutes for one holds up all mail for this destination. */
const standardTimeouts: DirectTimeouts = {
  connect: 60_000,
  answer: 10 * 60_000,
  idle: 10_000,
  close: 20_000,
  fewer: 60_000,
};

/** Connections to all destinations together. */
const mostConnections = 100;
/** Messages over one connection (email.md §7.4). */
const mostTransactions = 100;

export function createDirectRoutes(options: DirectOptions): DirectRoutes {
  const { resolver, hostname, domains, port, privateNetworks, ca, log, now, random } = options;
  const timeouts = { ...standardTimeouts, ...options.timeouts };
  const slots = createConnectionSlots(mostConnections);
  const connector = createHostConnector({
    resolver,
    hostname,
    port,
    privateNetworks,
    timeout: timeouts.connect,
    ca,
    now,
    random,
  });
  return {
    directory: createDirectory({
      resolver,
      policyOf: options.policyOf,
      isOurs: (host) => host === hostname,
      isOurDomain: (domain) => domains.includes(domain),
      now,
      random,
    }),
    open(group) {
      const pace = createPace({ ...limitsOf(group, options), now, random });
      const transport = createConnectionPool({
        destination: group.name,
        connect: (signal) => connector.connect(group, signal),
        connections: () => pace.connections,
        transactions: mostTransactions,
        slots,
        log,
        timeouts,
      });
      return { transport, pace, allowance: options.allowanceOf?.(group.name) };
    },
  };
}

function limitsOf({ name }: MailGroup, { connections, limits }: DirectOptions) {
  const own = limits.find(({ host }) => isUnder(name, host));
  if (own) return { first: own.connections, most: own.connections, perMinute: own.perMinute };
  const { first, most } = connectionsTo(name);
  return { first: Math.min(first, connections), most: Math.min(most, connections) };
}
