import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { getRequestListener, RequestError } from '@hono/node-server';
import { type ListenAddress, parseListen } from '../config/values.ts';
import { type Network, parseNetwork } from '../domain/network.ts';
import { createApp } from './app.ts';
import type { WebDoor, WebOptions } from './door.ts';
import type { OutboxLock } from './outbox-gate.ts';
import { say } from './texts.ts';

export interface Web {
  readonly address: Extract<ListenAddress, { kind: 'tcp' }>;
  /** Takes nothing new and waits for what was begun, at most five seconds; may be called twice. */
  close(): Promise<void>;
}

/** Milliseconds. */
const limits = { head: 10_000, request: 30_000, idle: 5_000, close: 5_000 };

/** Starts to listen. Throws an error with a sentence that names the address where that is not possible. */
export async function createWeb(options: WebOptions, door: WebDoor): Promise<Web> {
  const wanted = parseListen(options.listen);
  if (wanted?.kind !== 'tcp')
    throw new Error(`cannot show pages on "${options.listen}": it is not host:port`);
  const app = createApp(frameOf(options, door), lockOf(options, wanted.host));
  const server = createServer(
    { headersTimeout: limits.head, requestTimeout: limits.request, keepAliveTimeout: limits.idle },
    getRequestListener(app.fetch, {
      // HTTP/1.0 has no Host; nothing of ours depends on it but the gate of the outbox.
      hostname: 'host.invalid',
      // Our other parts use the real ones.
      overrideGlobalObjects: false,
      errorHandler: (error) => answerUnreadable(error, door),
    }),
  );
  const { port } = await listen(server, wanted, options.listen);
  let closed: Promise<void> | undefined;
  return {
    address: { ...wanted, port },
    close: () => {
      closed ??= close(server);
      return closed;
    },
  };
}

function frameOf({ baseUrl, trustedProxies }: WebOptions, door: WebDoor) {
  const url = new URL(baseUrl);
  const base = url.pathname.replace(/\/+$/, '');
  return { door, name: url.hostname, baseUrl, base, proxies: trustedProxies.map(toNetwork) };
}

function lockOf({ outboxKey }: WebOptions, host: string): OutboxLock | undefined {
  return outboxKey ? { key: outboxKey, listenHost: host.includes(':') ? `[${host}]` : host } : undefined;
}

function toNetwork(text: string): Network {
  const network = parseNetwork(text);
  if (!network) throw new Error(`"${text}" is neither an IP address nor a network`);
  return network;
}

/** What HTTP lets through and no page can be asked with: a Host that is none, a path with a backslash. */
function answerUnreadable(error: unknown, { log }: WebDoor): Response {
  if (!(error instanceof RequestError)) log.error({ err: error }, 'a request could not be answered');
  return new Response(`${say('error.request')}\n`, {
    status: error instanceof RequestError ? 400 : 500,
    headers: { 'Content-Type': 'text/plain; charset=utf-8', 'X-Content-Type-Options': 'nosniff' },
  });
}

function listen(server: Server, { host, port }: Web['address'], text: string): Promise<AddressInfo> {
  return new Promise((resolve, reject) => {
    const failed = (cause: Error) =>
      reject(new Error(`cannot show pages on ${text}: ${cause.message}`, { cause }));
    server.once('error', failed);
    server.listen({ host, port }, () => {
      server.off('error', failed);
      resolve(server.address() as AddressInfo);
    });
  });
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    const overdue = setTimeout(() => server.closeAllConnections(), limits.close);
    server.close(() => {
      clearTimeout(overdue);
      resolve();
    });
    server.closeIdleConnections();
  });
}
