import type { Log } from '../domain/log.ts';
import { type ConnectOptions, connect } from './connect.ts';
import { createConnectionPool, type PoolTimeouts } from './connection-pool.ts';
import { describeSmarthost, type SmarthostAddress } from './smarthost-url.ts';
import type { Transport } from './transport.ts';

export interface SmarthostOptions {
  readonly to: SmarthostAddress;
  /** Our name in EHLO. */
  readonly hostname: string;
  /** Most connections at the same time. */
  readonly connections: number;
  readonly log: Log;
  readonly timeouts?: Partial<SmarthostTimeouts>;
}

/** All in milliseconds. */
export interface SmarthostTimeouts extends PoolTimeouts {
  /** Everything up to the login. */
  readonly connect: number;
}

const standardTimeouts: SmarthostTimeouts = {
  connect: 30_000,
  answer: 10 * 60_000,
  idle: 10_000,
  close: 20_000,
  fewer: 60_000,
};

/** Everything goes to one mail server, over a few kept connections. */
export function createSmarthost(options: SmarthostOptions): Transport {
  const { to, hostname, connections, log } = options;
  const timeouts = { ...standardTimeouts, ...options.timeouts };
  return createConnectionPool({
    destination: describeSmarthost(to),
    connect: (signal) => connect({ ...endpoint(to), hostname, timeout: timeouts.connect, signal }),
    connections: () => connections,
    log,
    timeouts,
  });
}

/** A password goes only to a host that proved its name, or to this machine. */
function endpoint({ host, port, implicitTls, login, loopback }: SmarthostAddress) {
  const demand = login && !loopback ? 'proof' : 'any';
  return { host, port, login, tls: { implicit: implicitTls, demand } } satisfies Partial<ConnectOptions>;
}
