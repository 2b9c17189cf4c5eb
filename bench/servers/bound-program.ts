/**
 * The bound: what Node, smtp-server and SQLite can do at best. One post is one FULL transaction with a row for each transaction
 * that goes out, then the 250, then pipelined delivery over kept connections. It has no policy, no archive, no index, no retry, and
 * reads nothing of a mail. Run as a program: bound-program.ts nothing | keep FOLDER | shared FOLDER SINK_PORT MEMBERS | personal FOLDER SINK_PORT MEMBERS
 * `nothing` takes mails and forgets them, `keep` delivers none. Prints its port.
 */
import { connect } from 'node:net';
import { join } from 'node:path';
import { SMTPServer } from 'smtp-server';
import { memberAddress } from '../load/members.ts';
import { openBareDatabase } from '../sqlite-driver.ts';
import { keepTogether } from './keep-together.ts';

const connections = 20;
const settleSize = 500;
const settleMs = 50;

const [mode = '', folder = '', sinkPort = '', members = ''] = process.argv.slice(2);
const server = new SMTPServer({
  authOptional: true,
  disabledCommands: ['AUTH', 'STARTTLS'],
  disableReverseLookup: true,
  logger: false,
  onData: mode === 'nothing' ? forget : hand(keeperOf(mode)),
});
const listener = server.listen(0, '127.0.0.1', () => {
  const address = listener.address();
  process.stdout.write(`${typeof address === 'object' && address?.port}\n`);
});
process.stdin.resume().on('end', () => process.exit(0));

type OnData = NonNullable<ConstructorParameters<typeof SMTPServer>[0]>['onData'] & {};

function forget(...[stream, , callback]: Parameters<OnData>): void {
  stream.resume().on('end', () => callback());
}

/** `kept` is called when a mail is on the disk. */
type Keeper = (raw: Buffer, kept: () => void) => void;

function keeperOf(mode: string): Keeper {
  if (mode === 'keep') return keepTogether(folder);
  const list = createList(Number(members), mode === 'shared' ? 100 : 1);
  return (raw, kept) => {
    list(raw);
    kept();
  };
}

function hand(keep: Keeper): OnData {
  return (stream, _session, callback) => {
    const chunks: Buffer[] = [];
    stream.on('data', (chunk: Buffer) => chunks.push(chunk));
    stream.on('end', () => keep(Buffer.concat(chunks), () => callback()));
  };
}

interface Job {
  readonly id: number;
  readonly recipients: readonly string[];
  readonly head: Buffer;
  readonly body: Buffer;
}

/** Stores a post and has it delivered. */
function createList(count: number, perTransaction: number): (raw: Buffer) => void {
  const db = openBareDatabase(join(folder, 'bound.db'));
  db.exec(`create table member (id integer primary key, address text unique);
    create table message (id integer primary key, raw blob);
    create table outbox (id integer primary key, message int, recipients text, done int default 0)`);
  const addMember = db.prepare('insert into member (address) values (?)');
  db.transaction(() => {
    for (let number = 0; number < count; number++) addMember.run(memberAddress(number));
  })();
  const allMembers = db.prepare('select address from member').pluck();
  const addMessage = db.prepare('insert into message (raw) values (?)');
  const addJob = db.prepare('insert into outbox (message, recipients) values (?, ?)');
  const finishJob = db.prepare('update outbox set done = 1 where id = ?');

  const accept = db.transaction((raw: Buffer): Job[] => {
    const message = addMessage.run(raw).lastInsertRowid;
    const addresses = allMembers.all() as string[];
    const end = raw.indexOf('\r\n\r\n');
    const head = Buffer.concat([
      raw.subarray(0, end + 2),
      Buffer.from('List-Id: <list.lists.example>\r\nPrecedence: list\r\n'),
    ]);
    const body = raw.subarray(end + 2);
    const jobs: Job[] = [];
    for (let at = 0; at < addresses.length; at += perTransaction) {
      const recipients = addresses.slice(at, at + perTransaction);
      const id = Number(addJob.run(message, recipients.join(' ')).lastInsertRowid);
      jobs.push({ id, recipients, head, body });
    }
    return jobs;
  });
  const settle = db.transaction((ids: readonly number[]) => {
    for (const id of ids) finishJob.run(id);
  });
  const deliver = startDelivery(perTransaction, settle);
  return (raw) => deliver(accept(raw));
}

function startDelivery(
  perTransaction: number,
  settle: (ids: readonly number[]) => void,
): (jobs: readonly Job[]) => void {
  const queue: Job[] = [];
  const idle: (() => void)[] = [];
  const finished: number[] = [];
  let timer: NodeJS.Timeout | undefined;
  const writeDown = () => {
    timer = undefined;
    if (finished.length > 0) settle(finished.splice(0));
  };
  const done = (id: number) => {
    finished.push(id);
    if (finished.length >= settleSize) writeDown();
    else if (timer === undefined) timer = setTimeout(writeDown, settleMs);
  };
  for (let i = 0; i < connections; i++) {
    openStream({ next: () => queue.pop(), done, rest: (resume) => idle.push(resume), perTransaction });
  }
  return (jobs) => {
    queue.push(...jobs.toReversed());
    setImmediate(() => {
      for (const resume of idle.splice(0)) resume();
    });
  };
}

interface StreamWork {
  readonly perTransaction: number;
  next(): Job | undefined;
  done(id: number): void;
  rest(resume: () => void): void;
}

/** Message and next envelope in one write; replies are only counted. */
function openStream({ perTransaction, next, done, rest }: StreamWork): void {
  const socket = connect({ port: Number(sinkPort), host: '127.0.0.1', noDelay: true });
  let phase: 'greeting' | 'ehlo' | 'envelope' | 'message' = 'greeting';
  let awaited = 1;
  let hello = '';
  let current: Job | undefined;
  let upcoming: Job | undefined;

  const envelope = ({ id, recipients }: Job) =>
    `MAIL FROM:<bounces${perTransaction === 1 ? `+${id}` : ''}@lists.example>\r\n${recipients
      .map((recipient) => `RCPT TO:<${recipient}>\r\n`)
      .join('')}DATA\r\n`;
  const begin = () => {
    current = next();
    if (!current) return rest(begin);
    phase = 'envelope';
    awaited = current.recipients.length + 2;
    socket.write(envelope(current), 'latin1');
  };
  const sendMessage = ({ id, head, body }: Job) => {
    upcoming = next();
    phase = 'message';
    awaited = upcoming ? upcoming.recipients.length + 3 : 1;
    socket.cork();
    if (perTransaction === 1) {
      const link = `<https://lists.example/u/${id}/0123456789abcdef>`;
      socket.write(
        `List-Unsubscribe: ${link}\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n`,
        'latin1',
      );
    }
    socket.write(head);
    socket.write(body);
    socket.write(upcoming ? `.\r\n${envelope(upcoming)}` : '.\r\n', 'latin1');
    socket.uncork();
  };
  socket.on('data', (chunk) => {
    if (phase === 'ehlo') {
      hello += chunk.toString('latin1');
      if (/^250 .*\r\n$/m.test(hello)) begin();
      return;
    }
    for (let at = chunk.indexOf(10); at >= 0; at = chunk.indexOf(10, at + 1)) awaited--;
    if (awaited > 0) return;
    if (phase === 'greeting') {
      phase = 'ehlo';
      socket.write('EHLO lists.example\r\n');
    } else if (phase === 'envelope' && current) sendMessage(current);
    else if (current) {
      done(current.id);
      current = upcoming;
      if (current) sendMessage(current);
      else begin();
    }
  });
  socket.on('error', (error) => {
    process.stderr.write(`bound: ${error.message}\n`);
    process.exit(1);
  });
}
