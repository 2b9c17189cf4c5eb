import { describe, expect, it, onTestFinished } from 'vitest';
import { findField, readHead } from '../../src/mail/headers.ts';
import { createList } from '../../src/operations/lists/create-list.ts';
import { setList } from '../../src/operations/lists/set-list.ts';
import { addMembers } from '../../src/operations/members/add-members.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { openSink, type Sink, type SunkMail } from '../support/sink.ts';
import { submit } from '../support/submit.ts';

/** One that goes round is caught long before; a world that still talks after so many rounds never stops. */
const mostRounds = 12;

/** What somebody does with a mail that reaches them: mails of their own, given to the world. */
type Machine = (mail: SunkMail, address: string) => readonly SunkLike[];

interface SunkLike {
  readonly from: string;
  readonly to: readonly string[];
  readonly data: string;
}

interface World {
  readonly org: TestServer;
  readonly net: TestServer;
  /** Hands over every mail that is under way, again and again, until nothing is. How many rounds it took. */
  settle(): Promise<number>;
  send(mail: SunkLike): Promise<string>;
  /** Every mail that went to an address, oldest first. */
  mailTo(address: string): readonly SunkMail[];
}

/** Two list servers, lists.example.org and lists.example.net, and the machines of some people, with real SMTP between all of them. */
async function startWorld(machines: Readonly<Record<string, Machine>> = {}): Promise<World> {
  const sink = await openSink();
  const org = await startServerAt('lists.example.org', sink);
  const net = await startServerAt('lists.example.net', sink);
  const servers: Readonly<Record<string, TestServer>> = {
    'lists.example.org': org,
    'lists.example.net': net,
  };
  let seen = 0;
  const deliver = async ({ from, to, data }: SunkLike): Promise<string> => {
    const server = servers[to[0]?.split('@')[1] ?? ''];
    return server ? submit(server.smtpPort, { from, to, raw: Buffer.from(data, 'latin1') }) : 'nobody';
  };
  const round = async (): Promise<boolean> => {
    await Promise.all([org.idle(), net.idle()]);
    const fresh = sink.mails.slice(seen);
    seen = sink.mails.length;
    for (const mail of fresh) {
      for (const address of mail.to) {
        const answer = await deliver({ ...mail, to: [address] });
        for (const reply of machines[address]?.(mail, address) ?? []) await deliver(reply);
        // What a server refuses comes back to the envelope sender, as its client does it.
        if (answer.startsWith('5') && mail.from !== '') await deliver(bounceOf(mail, address, answer));
      }
    }
    return fresh.length > 0;
  };
  return {
    org,
    net,
    send: deliver,
    mailTo: (address) => sink.mails.filter(({ to }) => to.includes(address)),
    async settle() {
      for (let rounds = 0; rounds < mostRounds; rounds++) if (!(await round())) return rounds;
      throw new Error(`still talking after ${mostRounds} rounds: ${sink.mails.length} mails`);
    },
  };
}

async function startServerAt(domain: string, sink: Sink): Promise<TestServer> {
  const settings = { hostname: domain, domains: domain, base_url: `https://${domain}` };
  const server = await startTestServer({ smarthost: sink.url, settings, whenDone: onTestFinished });
  return server;
}

/** Open to everything that may be let in, so that only what recognises a loop stops one. */
async function makeList(server: TestServer, address: string, members: readonly string[]): Promise<void> {
  await server.operate(createList, {
    address,
    owners: [`owner@${address.split('@')[1]?.replace('lists.', '')}`],
  });
  await server.operate(setList, {
    list: address,
    changes: {
      post: 'anyone',
      other_lists: 'accept',
      require_addressed: 'false',
      hold_first_posts: '0',
      reply_to: 'list',
    },
  });
  await server.operate(addMembers, { list: address, members: members.map((email) => ({ email, name: '' })) });
}

let mails = 0;

function letter(given: {
  from: string;
  to: string;
  subject?: string;
  head?: string;
  text?: string;
}): SunkLike {
  const { from, to, subject = 'Nests', head = '', text = 'Two are occupied.' } = given;
  const id = `${++mails}.loops@${from.split('@')[1]}`;
  const data = `From: ${from}\r\nTo: ${to}\r\nSubject: ${subject}\r\nMessage-ID: <${id}>\r\nDate: ${new Date().toUTCString()}\r\n${head}\r\n${text}\r\n`;
  return { from, to: [to], data };
}

function bounceOf(mail: SunkLike, address: string, why: string): SunkLike {
  const head = 'Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n';
  const text = `--b\r\nContent-Type: text/plain\r\n\r\n${address}: ${why}\r\n--b--`;
  return {
    ...letter({ from: 'mailer-daemon@example.edu', to: mail.from, subject: 'Undeliverable', head, text }),
    from: '',
  };
}

const field = (mail: SunkMail, name: string) =>
  findField(readHead(Buffer.from(mail.data, 'latin1')), name)?.value ?? '';
const addressIn = (text: string) => /<([^<>]+)>/.exec(text)?.[1] ?? text.trim();

const [birds, owls] = ['birds@lists.example.org', 'owls@lists.example.net'];
const dana = 'dana@example.com';

async function postsOf(server: TestServer): Promise<readonly string[]> {
  const rows = await server.look((db) =>
    db.selectFrom('posts').select('author_email').orderBy('id').execute(),
  );
  return rows.map((row) => row.author_email);
}

describe('one pass, then silence', () => {
  it('two lists on two servers, each a member of the other', async () => {
    const world = await startWorld();
    await makeList(world.org, birds, [dana, owls]);
    await makeList(world.net, owls, ['eli@example.edu', birds]);
    await world.settle();
    expect(await world.send(letter({ from: dana, to: birds }))).toMatch(/^250 /);
    await world.settle();
    expect([await postsOf(world.org), await postsOf(world.net)]).toEqual([[dana], [dana]]);
    expect(world.mailTo(dana)).toHaveLength(1);
    expect(world.mailTo('eli@example.edu')).toHaveLength(1);
  });

  it('a list that a stranger’s address forwards to itself', async () => {
    const alias: Machine = (mail) => [{ from: mail.from, to: [birds], data: mail.data }];
    const world = await startWorld({ 'alias@example.edu': alias });
    await makeList(world.org, birds, [dana, 'alias@example.edu']);
    await world.send(letter({ from: dana, to: birds }));
    await world.settle();
    expect(await postsOf(world.org)).toEqual([dana]);
    expect(world.mailTo(dana)).toHaveLength(1);
  });

  it('is not even begun by a list’s own addresses', async () => {
    const world = await startWorld();
    await makeList(world.org, birds, [dana]);
    for (const email of [
      birds,
      'birds-request@lists.example.org',
      'birds-subscribe@lists.example.org',
      'listserv@lists.example.org',
    ]) {
      const added = await world.org.operate(addMembers, { list: birds, members: [{ email, name: '' }] });
      expect([email, added.added]).toEqual([email, []]);
    }
  });
});

describe('a member whose mail answers everything', () => {
  const robot = 'auto@example.edu';
  const answerTo =
    (
      choose: (mail: SunkMail) => string,
      more: (mail: SunkMail) => { head?: string; subject?: string },
    ): Machine =>
    (mail) => {
      const to = addressIn(choose(mail));
      return to === ''
        ? []
        : [letter({ from: robot, to, text: `I am away. Number ${mails}.`, subject: 'Away', ...more(mail) })];
    };
  const from = (mail: SunkMail) => field(mail, 'reply-to') || field(mail, 'from');
  const envelope = (mail: SunkMail) => mail.from;
  const inReply = (mail: SunkMail) => `In-Reply-To: ${field(mail, 'message-id')}\r\n`;

  it.each<[string, Machine, number]>([
    [
      'says so by its headers',
      answerTo(from, (mail) => ({ head: `Auto-Submitted: auto-replied\r\n${inReply(mail)}` })),
      0,
    ],
    ['says so by the subject alone', answerTo(from, () => ({ subject: 'Out of office: Re: Nests' })), 0],
    ['answers the return path, as it should', answerTo(envelope, () => ({})), 0],
    [
      'says nothing, and answers with a changing subject',
      answerTo(from, (mail) => ({ head: inReply(mail), subject: `Re: ${mails} away` })),
      1,
    ],
  ])('%s', async (_, machine, passes) => {
    const world = await startWorld({ [robot]: machine });
    await makeList(world.org, birds, [dana, robot]);
    await world.send(letter({ from: dana, to: birds }));
    await world.settle();
    expect(await postsOf(world.org)).toEqual([dana, ...Array<string>(passes).fill(robot)]);
    expect(world.mailTo(robot).length).toBeLessThanOrEqual(4);
  });

  it('and the programs here: each of our answers is answered, and that ends it', async () => {
    const world = await startWorld({
      [robot]: answerTo(from, (mail) => ({ subject: `Re: ${field(mail, 'subject')}` })),
    });
    await makeList(world.org, birds, [dana, robot]);
    for (const to of ['birds-request', 'birds-leave', 'birds-nomail', 'listserv'])
      await world.send(letter({ from: robot, to: `${to}@lists.example.org`, subject: 'help' }));
    await world.settle();
    expect(world.mailTo(robot).length).toBeLessThanOrEqual(10);
  });
});

describe('a bounce that bounces', () => {
  it.each([
    'birds@lists.example.org',
    'birds-request@lists.example.org',
    'birds-owner@lists.example.org',
    'birds-bounces@lists.example.org',
  ])('to %s ends there', async (to) => {
    const world = await startWorld();
    await makeList(world.org, birds, [dana]);
    const bounce = bounceOf({ from: to, to: [], data: '' }, 'gone@example.edu', '550 5.1.1 no such user');
    await world.send(bounce);
    await world.send({ ...bounce, from: 'mailer-daemon@example.edu' });
    await world.settle();
    expect(await postsOf(world.org)).toEqual([]);
    expect(world.mailTo('mailer-daemon@example.edu')).toEqual([]);
  });
});
