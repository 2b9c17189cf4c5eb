import type { Socket } from 'node:net';
import { SMTPServer, type SMTPServerOptions, type SMTPServerSession } from 'smtp-server';
import type { SMTPConnectionOptions } from 'smtp-server/lib/smtp-connection.js';
import { isInNetworks, type Network } from '../domain/network.ts';
import { Connection, connectionOf } from './connection.ts';
import type { ConnectionLimits } from './connection-limits.ts';

/** Who may connect, and what is believed of whom. */
export interface Admission {
  readonly hostname: string;
  /** LMTP and Unix sockets: whoever can reach them was let in by the operator. */
  readonly trustsAll: boolean;
  readonly relays: readonly Network[];
  readonly proxies: readonly Network[];
  readonly limits: ConnectionLimits;
  readonly maxErrors: number;
  hasMemory(): boolean;
  /** A connection was turned away. */
  turnedAway(ip: string, why: string): void;
}

/** smtp-server with networks where it knows single addresses, and limits over all listeners, judged before any of its work. */
export class DoorServer extends SMTPServer {
  readonly #admission: Admission;

  constructor(options: SMTPServerOptions, admission: Admission) {
    super(options);
    this.#admission = admission;
  }

  override connect(socket: Socket, options: SMTPConnectionOptions | null = null): void {
    if (socket.destroyed) return; // gone while it waited: its close event will not come any more
    const { limits, maxErrors, hasMemory } = this.#admission;
    const ip = options?.remoteAddress ?? socket.remoteAddress ?? '';
    // A load balancer that does not say for whom it speaks (`PROXY UNKNOWN`) is not the relay at the same address.
    const isTold = options?.remoteAddress !== undefined || !this._expectsProxyHeader(socket);
    const trusted = this.#admission.trustsAll || (isTold && isInNetworks(ip, this.#admission.relays));
    const admitted = trusted ? 'admitted' : limits.admit(ip);
    if (admitted !== 'admitted') {
      this.#turnAway(socket, ip, turnedAwayFor[admitted]);
      return;
    }
    const release = () => {
      if (!trusted) limits.release(ip);
    };
    const connection = new Connection(this, { socket, options }, { trusted, maxErrors, hasMemory, release });
    this.connections.add(connection);
    connection.on('error', (error: Error) => this._onError(error));
    connection.init();
  }

  /** The socket's own close event would not do: STARTTLS takes the listeners off it. */
  override onClose(session: SMTPServerSession): void {
    connectionOf(session).facts.release();
  }

  override _expectsProxyHeader(socket: Socket): boolean {
    return isInNetworks(socket.remoteAddress ?? '', this.#admission.proxies);
  }

  /** No new connections and commands; resolves when the last answer is given, or after `closeTimeout`. */
  shutdown(): Promise<void> {
    return new Promise((resolve) => {
      this.close(resolve);
      for (const connection of this.connections) (connection as Connection).leaveIfIdle();
    });
  }

  #turnAway(socket: Socket, ip: string, why: string): void {
    this.#admission.turnedAway(ip, why);
    socket.on('error', () => socket.destroy());
    socket.end(`421 4.7.0 ${this.#admission.hostname} ${why}, try again later\r\n`, () => socket.destroy());
  }
}

const turnedAwayFor = {
  'too-many': 'Too many connections',
  'too-many-from-you': 'Too many connections from your address',
} as const;
