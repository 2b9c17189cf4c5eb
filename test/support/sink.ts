import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { onTestFinished } from 'vitest';
import type { WhenDone } from './stores.ts';

/** A mail that the sink took. */
export interface SunkMail {
  readonly from: string;
  readonly to: readonly string[];
  /** Dots unstuffed, one character an octet. */
  readonly data: string;
  /** Parameters of MAIL, e.g. `SIZE=1234 BODY=8BITMIME`. */
  readonly parameters: string;
  /** Which connection it came over, from 1. */
  readonly connection: number;
  readonly tls: boolean;
  readonly user: string | undefined;
}

/** A reply line, or something else that a server may do. */
export type SinkAnswer = string | 'cut' | 'silence';

/** What to answer instead of yes; undefined says yes. */
export interface SinkScript {
  greeting?(connection: number): SinkAnswer | undefined;
  mail?(from: string, connection: number): SinkAnswer | undefined;
  rcpt?(to: string, position: number): SinkAnswer | undefined;
  data?(from: string): SinkAnswer | undefined;
  /** At the final dot. The mail is kept when the answer is 2yz, or undefined. */
  message?(mail: SunkMail, count: number): SinkAnswer | undefined;
  rset?(): SinkAnswer | undefined;
}

export interface SinkOptions extends SinkScript {
  readonly pipelining?: boolean;
  readonly eightBitMime?: boolean;
  /** Offers SMTPUTF8. */
  readonly utf8?: boolean;
  readonly port?: number;
  /** A loopback address; 127.0.0.1 where absent. */
  readonly host?: string;
  /** Offers STARTTLS. */
  readonly tls?: { readonly key: string; readonly cert: string };
  /** Breaks off in the middle of the TLS handshake. */
  readonly brokenTls?: boolean;
  /** Offers AUTH PLAIN, and wants it before MAIL. */
  readonly login?: { readonly user: string; readonly password: string };
  /** Told how to close it; without it the running test's end does. */
  readonly whenDone?: WhenDone;
}

/** A next hop for tests that does as it is told, on a loopback port of its own. */
export interface Sink {
  readonly port: number;
  /** `smtp://127.0.0.1:PORT`. */
  readonly url: string;
  readonly mails: readonly SunkMail[];
  /** Every command line, in order, with the connection's number. */
  readonly commands: readonly { readonly connection: number; readonly line: string }[];
  readonly connections: number;
  /** Resolves when it has this many mails, or that many recipients of mails. */
  received(count: number): Promise<void>;
  reached(recipients: number): Promise<void>;
  /** Ends every connection and stops listening. */
  close(): Promise<void>;
}

export async function openSink(options: SinkOptions = {}): Promise<Sink> {
  const mails: SunkMail[] = [];
  const commands: { connection: number; line: string }[] = [];
  const sockets = new Set<Socket>();
  const waiting = new Set<() => void>();
  let connections = 0;
  let recipients = 0;
  const server: Server = createServer((socket) => {
    connections += 1;
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    converse(socket, connections, options, {
      command: (connection, line) => commands.push({ connection, line }),
      count: () => mails.length,
      took(mail) {
        mails.push(mail);
        recipients += mail.to.length;
        for (const check of waiting) check();
      },
    });
  });
  const host = options.host ?? '127.0.0.1';
  server.listen(options.port ?? 0, host);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const until = (done: () => boolean) =>
    new Promise<void>((resolve) => {
      const check = () => {
        if (!done()) return;
        waiting.delete(check);
        resolve();
      };
      waiting.add(check);
      check();
    });
  const close = async () => {
    if (!server.listening) return;
    const closed = once(server, 'close');
    server.close();
    for (const socket of sockets) socket.destroy();
    await closed;
  };
  (options.whenDone ?? onTestFinished)(close);
  return {
    port,
    url: `smtp://${host}:${port}`,
    mails,
    commands,
    get connections() {
      return connections;
    },
    received: (count) => until(() => mails.length >= count),
    reached: (count) => until(() => recipients >= count),
    close,
  };
}

interface Notes {
  command(connection: number, line: string): void;
  count(): number;
  took(mail: SunkMail): void;
}

function converse(plain: Socket, connection: number, options: SinkOptions, notes: Notes): void {
  plain.setNoDelay(true);
  let socket: Socket = plain;
  let input = '';
  const pieces: string[] = [];
  let tail = '';
  let inData = false;
  let from: string | undefined;
  let parameters = '';
  let to: string[] = [];
  let position = 0;
  let user: string | undefined;
  let over = false;

  function say(answer: SinkAnswer): void {
    if (answer === 'cut') {
      over = true;
      socket.destroy();
    } else if (answer === 'silence') over = true;
    else socket.write(`${answer}\r\n`, 'latin1');
  }
  function listen(): void {
    socket.on('error', () => {});
    socket.on('data', (chunk) => {
      const text = chunk.toString('latin1');
      const seam = tail + text;
      tail = seam.slice(-4);
      pieces.push(text);
      // A large message is put together once, at its end: looking at it as it grows would copy it each time.
      if (inData && !seam.includes('\r\n.\r\n')) return;
      input += pieces.splice(0).join('');
      while (!over && (inData ? takeMessage() : takeCommand()));
    });
  }
  function takeCommand(): boolean {
    const end = input.indexOf('\r\n');
    if (end < 0) return false;
    const line = input.slice(0, end);
    input = input.slice(end + 2);
    notes.command(connection, line);
    obey(line);
    return true;
  }
  function takeMessage(): boolean {
    const empty = input.startsWith('.\r\n');
    const end = empty ? 0 : input.indexOf('\r\n.\r\n');
    if (end < 0) return false;
    const data = empty ? '' : input.slice(0, end + 2).replace(/^\.\./gm, '.');
    input = input.slice(empty ? 3 : end + 5);
    inData = false;
    const mail = { from: from ?? '', to, data, parameters, connection, tls: socket !== plain, user };
    const answer = options.message?.(mail, notes.count()) ?? '250 2.0.0 taken';
    from = undefined;
    if (answer.startsWith('2') && mail.to.length > 0) notes.took(mail);
    say(answer);
    return true;
  }
  function obey(line: string): void {
    const verb = line.slice(0, 4).toUpperCase();
    const path = /<([^>]*)>\s*(.*)$/.exec(Buffer.from(line, 'latin1').toString());
    if (verb === 'EHLO') say(offers());
    else if (verb === 'STAR' && options.tls) {
      say('220 2.0.0 go ahead');
      if (options.brokenTls) {
        plain.removeAllListeners('data');
        plain.once('data', () => say('cut'));
        return;
      }
      socket = new TLSSocket(plain, { isServer: true, ...options.tls });
      input = '';
      plain.removeAllListeners('data');
      listen();
    } else if (verb === 'AUTH' && options.login) {
      const { login } = options;
      const given = Buffer.from(line.split(' ')[2] ?? '', 'base64').toString();
      const right = given === `\0${login.user}\0${login.password}`;
      if (right) user = login.user;
      say(right ? '235 2.7.0 welcome' : '535 5.7.8 wrong password');
    } else if (verb === 'MAIL') {
      const answer = options.mail?.(path?.[1] ?? '', connection) ?? refusalOfMail();
      if (!answer || answer.startsWith('2')) from = path?.[1] ?? '';
      parameters = path?.[2] ?? '';
      to = [];
      position = 0;
      say(answer ?? '250 2.1.0 ok');
    } else if (verb === 'RCPT') {
      const answer =
        from === undefined ? '503 5.5.1 MAIL first' : options.rcpt?.(path?.[1] ?? '', ++position);
      if (!answer || answer.startsWith('2')) to.push(path?.[1] ?? '');
      say(answer ?? '250 2.1.5 ok');
    } else if (verb === 'DATA') {
      const answer =
        options.data?.(from ?? '') ?? (to.length === 0 ? '554 5.5.1 no valid recipients' : '354 go on');
      inData = answer.startsWith('354');
      say(answer);
    } else if (verb === 'RSET') {
      from = undefined;
      to = [];
      say(options.rset?.() ?? '250 2.0.0 forgotten');
    } else if (verb === 'QUIT') {
      say('221 2.0.0 bye');
      socket.end();
    } else say('502 5.5.1 not here');
  }
  function refusalOfMail(): string | undefined {
    if (options.login && !user) return '530 5.7.0 log in first';
    return from === undefined ? undefined : '503 5.5.1 one at a time';
  }
  function offers(): string {
    const lines = ['sink.example', 'SIZE 104857600'];
    if (options.pipelining !== false) lines.push('PIPELINING');
    if (options.eightBitMime !== false) lines.push('8BITMIME');
    if (options.utf8) lines.push('SMTPUTF8');
    if (options.tls && socket === plain) lines.push('STARTTLS');
    if (options.login) lines.push('AUTH PLAIN');
    return lines.map((line, i) => `250${i < lines.length - 1 ? '-' : ' '}${line}`).join('\r\n');
  }

  listen();
  say(options.greeting?.(connection) ?? '220 sink.example ESMTP');
}
