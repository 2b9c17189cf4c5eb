import type { Socket } from 'node:net';
import { rootCertificates } from 'node:tls';
import SMTPConnection from 'nodemailer/lib/smtp-connection';
import type { Answer, Stage } from '../domain/outcome.ts';
import type { Extensions } from './flight.ts';

export interface ConnectOptions {
  /** A name, or an IP address. */
  readonly host: string;
  readonly port: number;
  readonly tls: TlsUse;
  readonly login?: { readonly user: string; readonly password: string } | undefined;
  /** What we call ourselves in EHLO. */
  readonly hostname: string;
  /** For everything up to the login, in milliseconds. */
  readonly timeout: number;
  /** Ends the attempt. */
  readonly signal: AbortSignal;
}

export interface TlsUse {
  /** From the first byte on, instead of STARTTLS. */
  readonly implicit?: boolean;
  /**
   * `proof`: with a certificate for the name, or not at all. `any`: where it is offered, whoever that is, since that is still better
   * than plain text (RFC 7435). `none`: never.
   */
  readonly demand: 'proof' | 'any' | 'none';
  /** The name to ask for and to be proved, where `host` is an address. */
  readonly name?: string;
  /** Trusted beside the usual authorities: PEM. */
  readonly ca?: string | undefined;
}

export type Connected =
  | { readonly kind: 'connected'; readonly socket: Socket; readonly extensions: Extensions }
  | Refused;

export interface Refused {
  readonly kind: 'refused';
  readonly stage: Stage;
  readonly answer: Answer;
  /** It failed while TLS was begun: it may go without. */
  readonly inTls: boolean;
}

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
    const refuse = (error: ConnectionError) =>
      settle(refused(error, connection.upgrading === true || error.code === 'ETLS'));
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
      const { login } = options;
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

function connectionOptions({ host, port, tls, hostname, timeout }: ConnectOptions): SMTPConnection.Options {
  const { implicit = false, demand, name, ca } = tls;
  return {
    host,
    port,
    secure: implicit,
    requireTLS: demand === 'proof' && !implicit,
    opportunisticTLS: demand === 'any',
    ignoreTLS: demand === 'none',
    name: hostname,
    connectionTimeout: timeout,
    greetingTimeout: timeout,
    socketTimeout: timeout,
    maxResponseSize: 64 * 1024,
    allowInternalNetworkInterfaces: true,
    ...(name === undefined ? {} : { servername: name }),
    tls: {
      rejectUnauthorized: demand === 'proof',
      ...(ca === undefined ? {} : { ca: [...rootCertificates, ca] }),
    },
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

function refused(error: ConnectionError, inTls: boolean): Refused {
  const stage: Stage = error.code === 'EAUTH' ? 'auth' : 'connect';
  const { response, responseCode } = error;
  const answer: Answer =
    response && responseCode
      ? { kind: 'reply', reply: { code: responseCode, text: oneLine(response.slice(4)) } }
      : { kind: 'lost', why: oneLine(error.message) };
  return { kind: 'refused', stage, answer, inTls };
}

function oneLine(text: string): string {
  return text
    .replace(/[^ -~]+/g, ' ')
    .slice(0, 500)
    .trim();
}
