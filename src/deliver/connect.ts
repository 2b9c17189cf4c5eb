import type { Socket } from 'node:net';
import SMTPConnection from 'nodemailer/lib/smtp-connection';
import type { Answer, Stage } from '../domain/outcome.ts';
import type { Extensions } from './flight.ts';
import type { SmarthostAddress } from './smarthost-url.ts';

export interface ConnectOptions {
  readonly to: SmarthostAddress;
  /** What we call ourselves in EHLO. */
  readonly hostname: string;
  /** For everything up to the login, in milliseconds. */
  readonly timeout: number;
  /** Ends the attempt. */
  readonly signal: AbortSignal;
}

export type Connected =
  | { readonly kind: 'connected'; readonly socket: Socket; readonly extensions: Extensions }
  | { readonly kind: 'refused'; readonly stage: Stage; readonly answer: Answer };

/**
 * Opens a connection up to the point where MAIL may be said: nodemailer resolves the name, waits for the greeting, says EHLO, does
 * STARTTLS and AUTH. Never rejects. Then the socket is ours: nodemailer's `data` and `timeout` listeners go, and those for its end
 * stay, which only note that it is over.
 */
export function connect(options: ConnectOptions): Promise<Connected> {
  const connection = new SMTPConnection(connectionOptions(options));
  return new Promise((resolve) => {
    let settled = false;
    const settle = (result: Connected) => {
      if (settled) return;
      settled = true;
      options.signal.removeEventListener('abort', stop);
      if (result.kind === 'refused') connection.close();
      resolve(result);
    };
    const refuse = (error: ConnectionError) => settle(refused(error));
    const stop = () => refuse(new Error('The attempt was ended here.'));
    options.signal.addEventListener('abort', stop);
    const takeOver = (extensions: Extensions) => {
      const socket = connection._socket;
      if (!socket) return refuse(new Error('The connection was closed.'));
      socket.removeAllListeners('data').removeAllListeners('timeout');
      settle({ kind: 'connected', socket, extensions });
    };
    connection.on('error', refuse);
    connection.once('end', () => refuse(new Error('The connection was closed.')));
    connection.connect((error) => {
      if (error) return refuse(error);
      const extensions = readExtensions(connection.lastServerResponse || '');
      const { login } = options.to;
      if (!login) return takeOver(extensions);
      connection.login({ credentials: { user: login.user, pass: login.password } }, (failure) =>
        failure ? refuse(failure) : takeOver(extensions),
      );
    });
  });
}

interface ConnectionError extends Error {
  readonly code?: string;
  readonly response?: string | undefined;
  readonly responseCode?: number | undefined;
}

/**
 * TLS: without a password it is opportunistic (RFC 7435), since a certificate that does not verify is still better than plain text.
 * A password goes only to a host that proved its name, or to this machine.
 */
function connectionOptions({ to, hostname, timeout }: ConnectOptions): SMTPConnection.Options {
  const proof = to.login !== undefined && !to.loopback;
  return {
    host: to.host,
    port: to.port,
    secure: to.implicitTls,
    requireTLS: proof && !to.implicitTls,
    opportunisticTLS: !proof,
    name: hostname,
    connectionTimeout: timeout,
    greetingTimeout: timeout,
    socketTimeout: timeout,
    maxResponseSize: 64 * 1024,
    allowInternalNetworkInterfaces: true,
    tls: { rejectUnauthorized: proof },
  };
}

/** The extensions of the last EHLO answer: after STARTTLS nodemailer asks again, as RFC 3207 §4.2 demands. */
function readExtensions(ehloReply: string): Extensions {
  const offered = new Set(
    ehloReply.split(/\r?\n/).map((line) => line.slice(4).trim().split(/\s/)[0]?.toUpperCase()),
  );
  return {
    pipelining: offered.has('PIPELINING'),
    eightBitMime: offered.has('8BITMIME'),
    size: offered.has('SIZE'),
    utf8: offered.has('SMTPUTF8'),
  };
}

function refused(error: ConnectionError): Connected {
  const stage: Stage = error.code === 'EAUTH' ? 'auth' : 'connect';
  const { response, responseCode } = error;
  const answer: Answer =
    response && responseCode
      ? { kind: 'reply', reply: { code: responseCode, text: oneLine(response.slice(4)) } }
      : { kind: 'lost', why: oneLine(error.message) };
  return { kind: 'refused', stage, answer };
}

function oneLine(text: string): string {
  return text
    .replace(/[^ -~]+/g, ' ')
    .slice(0, 500)
    .trim();
}
