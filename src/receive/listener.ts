import { mkdir } from 'node:fs/promises';
import type { SMTPServerOptions } from 'smtp-server';
import { type ListenAddress, parseListen } from '../config/values.ts';
import { type Network, parseNetwork } from '../domain/network.ts';
import { countSeldom } from '../domain/seldom.ts';
import { bind } from './bind.ts';
import { createConnectionLimits } from './connection-limits.ts';
import { createDiskSpace } from './disk-space.ts';
import type { Door } from './door.ts';
import { type Admission, DoorServer } from './door-server.ts';
import { createMemoryBudget } from './memory-budget.ts';
import { firstBlock } from './message-buffer.ts';
import type { Pace } from './message-intake.ts';
import { createCallbacks } from './session.ts';
import type { SessionContext } from './session-context.ts';
import { loadTlsPair, type TlsFiles, type TlsPair, watchTlsFiles } from './tls-files.ts';

export interface ListenerOptions {
  /** Our name in greetings; `MailFacts.messageId` is made with it where a mail has none. */
  readonly hostname: string;
  /** `127.0.0.1:2525`, `[::1]:25` or `unix:/path`; port 0 lets the system choose. */
  readonly listen: readonly string[];
  readonly lmtp: readonly string[];
  /** Bytes. */
  readonly maxSize: number;
  /** STARTTLS is offered only with these. */
  readonly tls?: TlsFiles;
  /** 0: no limit. Trusted relays, LMTP and Unix sockets do not count. */
  readonly maxConnections: number;
  readonly connectionsPerIp: number;
  /** Addresses and networks of front MTAs: XCLIENT is believed. */
  readonly trustedRelays: readonly string[];
  /** Addresses and networks of load balancers that always send a PROXY v1 line. */
  readonly proxyProtocol: readonly string[];
  /** Holds large messages while they arrive; made when it is not there. */
  readonly incomingDir: string;
  /** Bytes that must be free on its file system; 0: do not ask. */
  readonly minFreeDisk?: number;
  /** Message bytes all sessions together may hold in memory. */
  readonly memoryBudget?: number;
  readonly limits?: Partial<typeof defaultLimits>;
}

/** Recipients and errors as Postfix has them; times in milliseconds, from RFC 5321 §4.5.3.2. */
const defaultLimits = {
  maxRecipients: 1000,
  maxErrors: 20,
  /** RFC 5321 asks for 512 octets with room for parameters; XCLIENT needs the rest. */
  maxCommand: 2048,
  idle: 300_000,
  data: { total: 600_000, window: 60_000, minBytes: 16 * 1024 } as Pace,
  close: 20_000,
  tlsPoll: 5_000,
};

export interface Listeners {
  /** Where we really listen, in the order of `listen`, then `lmtp`. */
  readonly addresses: readonly BoundAddress[];
  /** Takes no more connections, lets running transactions end within 20 seconds. */
  close(): Promise<void>;
}

export type BoundAddress = ListenAddress & { readonly protocol: 'smtp' | 'lmtp' };

/** Starts every listener, or none: throws a sentence for the operator. */
export async function createListeners(options: ListenerOptions, door: Door): Promise<Listeners> {
  await mkdir(options.incomingDir, { recursive: true, mode: 0o700 });
  const shared = share(options, door, options.tls && (await loadTlsPair(options.tls)));
  const wanted = [
    ...options.listen.map((text) => ({ protocol: 'smtp', text }) as const),
    ...options.lmtp.map((text) => ({ protocol: 'lmtp', text }) as const),
  ].map((one) => ({ ...one, server: createServer(shared, one) }));
  const close = () => Promise.all(wanted.map(({ server }) => server.shutdown())).then(() => undefined);
  const addresses: BoundAddress[] = [];
  try {
    for (const { protocol, text, server } of wanted) {
      addresses.push({ protocol, ...(await bind(server.server, text)) });
    }
  } catch (error) {
    await close();
    throw error;
  }
  const stopWatching = watchTls(
    shared,
    wanted.map(({ server }) => server),
  );
  return {
    addresses,
    close() {
      stopWatching();
      return close();
    },
  };
}

type Shared = ReturnType<typeof share>;

/** What all listeners have in common: one count of connections, one memory. */
function share(options: ListenerOptions, door: Door, pair: TlsPair | undefined) {
  const limits = { ...defaultLimits, ...options.limits };
  // One message of the largest size must fit, or it could never be taken.
  const budget = createMemoryBudget(Math.max(options.memoryBudget ?? 64 * 1024 * 1024, options.maxSize));
  return {
    options,
    door,
    pair,
    limits,
    budget,
    relays: options.trustedRelays.map(networkOf),
    proxies: options.proxyProtocol.map(networkOf),
    connections: createConnectionLimits(options.maxConnections, options.connectionsPerIp),
    hasDiskSpace: createDiskSpace(options.incomingDir, options.minFreeDisk ?? 0, () => door.now()),
    turnedAway: oncePerSecond(door),
  };
}

function createServer(
  shared: Shared,
  { protocol, text }: { readonly protocol: 'smtp' | 'lmtp'; readonly text: string },
): DoorServer {
  const { options, door, limits, budget } = shared;
  const context: SessionContext = {
    door,
    protocol,
    hostname: options.hostname,
    maxRecipients: limits.maxRecipients,
    intake: { maxBytes: options.maxSize, budget, dir: options.incomingDir, pace: limits.data },
    hasDiskSpace: shared.hasDiskSpace,
  };
  const admission: Admission = {
    hostname: options.hostname,
    trustsAll: protocol === 'lmtp' || parseListen(text)?.kind === 'unix',
    relays: shared.relays,
    proxies: shared.proxies,
    limits: shared.connections,
    maxErrors: limits.maxErrors,
    hasMemory: () => budget.has(firstBlock),
    turnedAway: shared.turnedAway,
  };
  const server = new DoorServer(serverOptions(shared, context), admission);
  // Broken connections and failed TLS handshakes of strangers: of interest, but nothing to act on.
  server.on('error', (err) => door.log.info({ err }, 'a connection failed'));
  return server;
}

function serverOptions({ options, pair, limits }: Shared, context: SessionContext): SMTPServerOptions {
  return {
    ...pair,
    ...createCallbacks(context),
    minVersion: 'TLSv1.2', // RFC 8996
    name: options.hostname,
    heloResponse: '%s',
    lmtp: context.protocol === 'lmtp',
    size: options.maxSize,
    // The MTA in front would bounce by itself what is larger (take-mail.ts); its own limit is for that.
    hideSize: context.protocol === 'lmtp',
    hideENHANCEDSTATUSCODES: false,
    useXClient: true, // Connection switches the command off for everybody but trusted relays
    disabledCommands: ['AUTH', 'WIZ', 'SHELL', 'KILL', ...(pair ? [] : ['STARTTLS'])],
    disableReverseLookup: true,
    maxClients: options.maxConnections || undefined, // only bounds who has not sent a PROXY line yet
    maxCommandLength: limits.maxCommand,
    socketTimeout: limits.idle,
    closeTimeout: limits.close,
  };
}

/** New files are used from the next handshake on; files that do not work leave the old ones in use. */
function watchTls({ options, door, limits }: Shared, servers: readonly DoorServer[]): () => void {
  const { tls } = options;
  if (!tls) return () => undefined;
  return watchTlsFiles(tls, limits.tlsPoll, {
    changed(pair) {
      for (const server of servers) server.updateSecureContext({ ...pair });
      door.log.info({ ...tls }, 'the new certificate is in use');
    },
    broken: (err) => door.log.warn({ err }, 'the new certificate is not used, the old one is kept'),
  });
}

/** A flood must not become a flood of log lines: one a second, with the number of connections since the last one. */
function oncePerSecond(door: Door): Admission['turnedAway'] {
  const isDue = countSeldom(1000);
  return (ip, why) => {
    const count = isDue(door.now());
    if (count !== undefined) door.log.warn({ ip, why, count }, 'connections turned away');
  };
}

function networkOf(text: string): Network {
  const network = parseNetwork(text);
  if (!network) throw new Error(`"${text}" is neither an IP address nor a network`);
  return network;
}
