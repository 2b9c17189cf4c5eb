import type { Socket } from 'node:net';
import type { SMTPServer, SMTPServerSession } from 'smtp-server';
import { SMTPConnection, type SMTPConnectionOptions } from 'smtp-server/lib/smtp-connection.js';
import type { Address } from '../domain/address.ts';
import type { Recipient } from '../domain/incoming.ts';
import { addBrackets, readPath } from './envelope-path.ts';

/** What a connection is told by the listener that took it. */
export interface ConnectionFacts {
  /** A front MTA of ours, LMTP or a Unix socket: XCLIENT is believed, no limit counts. */
  readonly trusted: boolean;
  /** This many errors without an accepted mail end the session (Postfix `smtpd_hard_error_limit`). */
  readonly maxErrors: number;
  /** Whether there is memory for one more message. */
  hasMemory(): boolean;
  /** Called once, when the socket is gone. */
  release(): void;
}

/** The envelope of the transaction at hand. */
export interface Envelope {
  readonly sender: Address | '';
  /** SMTPUTF8 was said with MAIL (RFC 6531 §3.4). */
  readonly utf8: boolean;
  /** One for each accepted RCPT, repeated ones too: LMTP answers each. */
  readonly recipients: Recipient[];
}

/**
 * smtp-server's dialogue with what it lacks: our enhanced codes, limits on errors and idle talk, 452 before the data instead of after it, EXPN.
 * Its underscored members are public in its types and pinned with its version; each use here is covered by a dialogue test.
 */
export class Connection extends SMTPConnection {
  readonly facts: ConnectionFacts;
  envelope: Envelope = { sender: '', utf8: false, recipients: [] };
  #errors = 0;
  /** Holds back answers that may leave together. */
  #gathering: Socket | undefined;
  /** Commands since the last DATA that bring no mail nearer. */
  #idleTalk = 0;

  constructor(
    server: SMTPServer,
    at: { readonly socket: Socket; readonly options: SMTPConnectionOptions | null },
    facts: ConnectionFacts,
  ) {
    super(server, at.socket, at.options);
    this.facts = facts;
    const disabled = server.options.disabledCommands;
    this.session.disabledCommands = facts.trusted ? disabled : [...disabled, 'XCLIENT'];
    connections.set(this.session, this);
  }

  /** Ends a session that has nothing under way; the others go when they have their answer. */
  leaveIfIdle(): void {
    if (!this._dataStream) this.leave();
  }

  leaveIfClosing(): void {
    if (this._server._closeTimeout) this.leave();
  }

  leave(): void {
    this.send(421, `4.3.2 ${this.name} is shutting down, try again later`);
  }

  /** A mail was taken: this client does not just try addresses. */
  forgiveErrors(): void {
    this.#errors = 0;
  }

  /** Sentences of ours bring their enhanced code along; smtp-server's get the one it knows for the reply code. */
  override send(code: number, data?: string | string[] | null, context?: string | false): void {
    if (code === 250 || code === 354) this.#gather();
    else this.#release();
    const complete = typeof data === 'string' && /^[245]\.\d{1,3}\.\d{1,3} /.test(data);
    super.send(code, data, complete ? false : context);
    if (code < 500 || this.facts.trusted) return;
    this.#errors += 1;
    if (this.#errors >= this.facts.maxErrors) super.send(421, `4.7.0 ${this.name} Too many errors`, false);
  }

  /** Answers to pipelined commands leave in one packet (RFC 2920 §3.2), as soon as nothing more can be answered at once. */
  #gather(): void {
    if (this.#gathering || !this._socket) return;
    this.#gathering = this._socket;
    this.#gathering.cork();
    process.nextTick(() => this.#release());
  }

  #release(): void {
    this.#gathering?.uncork();
    this.#gathering = undefined;
  }

  override _onCommand(command: Buffer, callback?: () => void): void {
    const line = this._ready && !this._upgrading ? command.toString('latin1') : '';
    if (line !== '' && this._server._closeTimeout) {
      this.leave();
    } else if (httpRequest.test(line)) {
      // A browser made to talk to us would send its body as commands: the session must not go on.
      this.send(502, '5.7.0 This is not a web server');
      this.close();
    } else if (badByte.test(line)) {
      this.send(500, '5.5.2 A command contains CR without LF, or NUL');
      setImmediate(() => callback?.());
    } else {
      if (idleTalk.test(line)) this.#idleTalk += 1;
      if (this.#idleTalk > mostIdleTalk && !this.facts.trusted)
        this.send(421, `4.7.0 ${this.name} Too many commands without a mail`);
      else super._onCommand(command, callback);
    }
  }

  override _parseAddressCommand(name: string, command: Buffer | string) {
    const line = addBrackets(command.toString());
    const parsed = super._parseAddressCommand(name, line);
    return parsed && { ...parsed, address: readPath(line) };
  }

  /** Who is on a list is nobody's business (RFC 5321 §7.3). */
  handler_EXPN(_command: Buffer, callback: () => void): void {
    this.send(502, '5.5.1 EXPN is not offered here');
    callback();
  }

  override handler_DATA(command: Buffer, callback: () => void): void {
    this.#idleTalk = 0;
    if (this.facts.hasMemory()) {
      super.handler_DATA(command, callback);
    } else {
      this.send(452, '4.3.1 Too much mail at once, try again later');
      callback();
    }
  }
}

/** The connection a callback of smtp-server speaks of. */
export function connectionOf(session: SMTPServerSession): Connection {
  const connection = connections.get(session);
  if (!connection) throw new Error(`session ${session.id} is not of this server`);
  return connection;
}

const connections = new WeakMap<SMTPServerSession, Connection>();
const httpRequest = /^(?:GET|HEAD|POST|PUT|DELETE|OPTIONS|TRACE|CONNECT) \S+ HTTP\/\d/i;
const idleTalk = /^(?:NOOP|RSET|VRFY|HELP|EHLO|HELO)\b/i;
/** Postfix `smtpd_junk_command_limit`: each command winds the idle timeout up again, so a session could be held for ever. */
const mostIdleTalk = 100;
const badByte = /[\r\0]/;
