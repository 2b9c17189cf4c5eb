/** Where a smarthost is and how to speak to it, read from `smtp://user:pass@host:port`. */
export interface SmarthostAddress {
  readonly host: string;
  readonly port: number;
  /** TLS from the first byte (`smtps`). */
  readonly implicitTls: boolean;
  readonly login?: { readonly user: string; readonly password: string };
  readonly loopback: boolean;
}

/** RFC 5321 for smtp; RFC 8314 §3.3 for submission over TLS. */
const standardPort: Readonly<Record<string, number>> = { 'smtp:': 25, 'smtps:': 465 };

/** The configuration has checked the form already: throws TypeError on anything that is no URL. */
export function parseSmarthost(url: string): SmarthostAddress {
  const { protocol, hostname, port, username, password } = new URL(url);
  const host = decodeURIComponent(hostname).replace(/^\[|\]$/g, '');
  return {
    host,
    port: Number(port) || (standardPort[protocol] ?? 25),
    implicitTls: protocol === 'smtps:',
    ...(username && {
      login: { user: decodeURIComponent(username), password: decodeURIComponent(password) },
    }),
    loopback: host === 'localhost' || host === '::1' || /^127\.\d+\.\d+\.\d+$/.test(host),
  };
}

/** `mail.example.org:25`: how logs and the queue name it. Without the password, and without the user. */
export function describeSmarthost({ host, port }: SmarthostAddress): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}
