import { isIPv6 } from 'node:net';
import { formatDate } from './format-date.ts';

export interface Reception {
  /** What the client called itself: anything. */
  readonly helo: string;
  readonly ip: string;
  /** Our name. */
  readonly hostname: string;
  readonly protocol: 'smtp' | 'lmtp';
  readonly tls: boolean;
  /** The client asked for SMTPUTF8. */
  readonly utf8?: boolean;
  /** Names this reception in our log. */
  readonly id: string;
  /** Canonical address. */
  readonly recipient: string;
  /** Epoch milliseconds. */
  readonly date: number;
}

/** The value of our Received field (RFC 5321 §4.4), on one line. */
export function renderTrace(reception: Reception): string {
  const { helo, ip, hostname, id, recipient, date } = reception;
  return (
    `from ${safeHelo(helo)} (${addressLiteral(ip)}) by ${hostname} with ${withProtocol(reception)}` +
    ` id ${id} for <${recipient}>; ${formatDate(date)}`
  );
}

/** A stranger wrote it: only what a host name or an address literal may hold, so that it cannot pose as another clause. */
function safeHelo(helo: string): string {
  return /^[A-Za-z0-9._:[\]-]{1,255}$/.test(helo) ? helo : 'unknown';
}

/** RFC 5321 §4.1.3 */
function addressLiteral(ip: string): string {
  return isIPv6(ip) ? `[IPv6:${ip}]` : `[${ip}]`;
}

/** The "with" types of RFC 3848 and RFC 6531 §4.3. */
function withProtocol({ protocol, tls, utf8 }: Reception): string {
  const name = protocol === 'lmtp' ? 'LMTP' : 'SMTP';
  return `${utf8 ? 'UTF8' : name === 'SMTP' ? 'E' : ''}${name}${tls ? 'S' : ''}`;
}
