import { connect, type Socket } from 'node:net';
import { monotonicNow } from '../wire/sink.ts';

/** Hands mails in, over connections that stay open, as a mail server in front does. */
export interface Sender {
  /** Resolves when the last one has been accepted; the milliseconds (`monotonicNow`) of each acceptance. Throws at the first refusal. */
  send(mails: readonly Buffer[], envelope: Envelope): Promise<number[]>;
  close(): void;
}

export interface Envelope {
  readonly from: string;
  readonly to: string;
}

export async function openSender(port: number, connections: number): Promise<Sender> {
  const sessions = await Promise.all(Array.from({ length: connections }, () => openSession(port)));
  return {
    async send(mails, { from, to }) {
      const waiting = mails[Symbol.iterator]();
      const envelope = Buffer.from(`MAIL FROM:<${from}>\r\nRCPT TO:<${to}>\r\nDATA\r\n`, 'latin1');
      const accepted = await Promise.all(sessions.map((session) => session.send(waiting, envelope)));
      return accepted.flat();
    },
    close() {
      for (const session of sessions) session.close();
    },
  };
}

interface Session {
  send(mails: Iterator<Buffer>, envelope: Buffer): Promise<number[]>;
  close(): void;
}

const endOfData = Buffer.from('.\r\n');

/**
 * One connection. Each message travels with the next envelope in one write (RFC 2920), so that the load is never what is measured:
 * a client that waits for each reply spends more than the server.
 */
async function openSession(port: number): Promise<Session> {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true });
  const nextReply = readReplies(socket);
  await expect(nextReply, 220);
  socket.write('EHLO bench.example.org\r\n');
  await expect(nextReply, 250);

  async function send(mails: Iterator<Buffer>, envelope: Buffer): Promise<number[]> {
    const accepted: number[] = [];
    let mail = mails.next();
    if (!mail.done) socket.write(envelope);
    while (!mail.done) {
      for (const code of [250, 250, 354]) await expect(nextReply, code);
      const following = mails.next();
      socket.cork();
      socket.write(mail.value);
      socket.write(following.done ? endOfData : Buffer.concat([endOfData, envelope]));
      socket.uncork();
      await expect(nextReply, 250);
      accepted.push(monotonicNow());
      mail = following;
    }
    return accepted;
  }
  return { send, close: () => socket.end('QUIT\r\n') };
}

async function expect(nextReply: () => Promise<string>, code: number): Promise<void> {
  const reply = await nextReply();
  if (!reply.startsWith(String(code))) throw new Error(`Expected ${code}, and the server said: ${reply}`);
}

/** The last line of each reply, in order. */
function readReplies(socket: Socket): () => Promise<string> {
  const replies: string[] = [];
  let rest = '';
  let wake = () => {};
  let failure: Error | undefined;
  socket.setEncoding('latin1');
  socket.on('data', (chunk: string) => {
    const lines = (rest + chunk).split('\r\n');
    rest = lines.pop() ?? '';
    replies.push(...lines.filter((line) => line[3] !== '-'));
    wake();
  });
  const fail = (error: Error) => {
    failure ??= error;
    wake();
  };
  socket.on('error', fail);
  socket.on('close', () => fail(new Error('The server closed the connection.')));
  return async () => {
    while (replies.length === 0) {
      if (failure) throw failure;
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
    return replies.shift() ?? '';
  };
}
