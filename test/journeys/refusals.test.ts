import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { closeList } from '../../src/operations/lists/close-list.ts';
import { deleteList } from '../../src/operations/lists/delete-list.ts';
import { renameList } from '../../src/operations/lists/rename-list.ts';
import { RawClient } from '../receive/raw-client.ts';
import { type Submission, submit, submitByLmtp } from '../support/submit.ts';
import { type Person, sharedTown, startTown, type Town } from './town.ts';

const birds = 'birds@lists.example.org';
const place = sharedTown({ settings: { 'smtp.max_size': '1 MiB' } });
let dana: Person;

beforeAll(async () => {
  const { town } = place;
  dana = town.person('Dana Reyes <dana@example.com>');
  await town.makeList('birds', [dana], { max_size: '100 KiB' });
  await town.makeList('closed');
  await town.operate(closeList, { list: 'closed@lists.example.org' });
  await town.makeList('deleted');
  await town.operate(deleteList, { list: 'deleted@lists.example.org', confirm: 'deleted@lists.example.org' });
  await town.makeList('news', [dana], { post: 'owners', nonmember: 'reject' });
  await town.makeList('private', [dana], { nonmember: 'reject' });
  await town.makeList('wren');
  await town.operate(renameList, { list: 'wren@lists.example.org', address: 'robin@lists.example.org' });
});

const send = (mail: Partial<Submission>) =>
  submit(place.town.server.smtpPort, { from: dana.email, to: [birds], raw: letter(), ...mail });

/** A whole mail of Dana's; what is given stands before its other fields. */
function letter(given: { head?: string; body?: string; from?: string } = {}): string {
  const { head = '', body = 'Hello.', from = 'Dana Reyes <dana@example.com>' } = given;
  return `${head}From: ${from}\r\nTo: ${birds}\r\nSubject: Hi\r\n\r\n${body}\r\n`;
}

const nothingWasPosted = async () => {
  expect(await place.town.server.look((db) => db.selectFrom('posts').select('id').execute())).toEqual([]);
  expect(await dana.newMail()).toEqual([]);
};

describe('refused at RCPT, before the mail is sent', () => {
  it.each<[string, string, string]>([
    [
      'an unknown list',
      'cats@lists.example.org',
      '550 5.1.1 No such list here. See https://lists.example.org/',
    ],
    [
      'an unknown sub-address',
      'birds+wings@lists.example.org',
      '550 5.1.1 No such list here. See https://lists.example.org/',
    ],
    [
      'a sub-address of an unknown list',
      'cats-join@lists.example.org',
      '550 5.1.1 No such list here. See https://lists.example.org/',
    ],
    ['a deleted list', 'deleted@lists.example.org', '550 5.1.6 This list no longer exists.'],
    [
      'posts to a closed list',
      'closed@lists.example.org',
      '550 5.7.1 This list is closed: it takes no posts and no new members. See https://lists.example.org/closed/',
    ],
    [
      'joining a closed list',
      'closed-join@lists.example.org',
      '550 5.7.1 This list is closed: it takes no posts and no new members. See https://lists.example.org/closed/',
    ],
    ['another domain', 'somebody@example.net', '550 5.7.1 We do not relay: that domain is not ours.'],
    [
      'a subdomain of ours',
      'birds@mail.lists.example.org',
      '550 5.7.1 We do not relay: that domain is not ours.',
    ],
    [
      'the percent hack',
      'somebody%example.net@lists.example.org',
      '550 5.7.1 We do not relay: routes inside an address are refused.',
    ],
    [
      'a bang path',
      'example.net!somebody@lists.example.org',
      '550 5.7.1 We do not relay: routes inside an address are refused.',
    ],
    ['a second @', '"a@example.net"@lists.example.org', '501 5.1.3 Error: Bad recipient address syntax'],
    ['our address as a literal', 'birds@[127.0.0.1]', '550 5.7.1 We do not relay: that domain is not ours.'],
    [
      'a local part of 65 characters',
      `${'b'.repeat(65)}@lists.example.org`,
      '550 5.1.3 The part before the @ has more than 64 characters.',
    ],
  ])('%s', async (_, to, answer) => {
    expect(await send({ to: [to] })).toBe(answer);
  });

  it('while a closed list still lets people leave, ask and write to its owners', async () => {
    for (const local of ['closed-leave', 'closed-request', 'closed-owner', 'closed-bounces']) {
      expect(await send({ to: [`${local}@lists.example.org`] })).toMatch(/^250 /);
    }
    await dana.newMail();
  });

  it('and a renamed list answers under its old name', async () => {
    expect(await send({ to: ['wren-owner@lists.example.org'] })).toMatch(/^250 /);
  });
});

describe('refused after the mail was sent', () => {
  it.each<[string, string, string]>([
    [
      'two From fields',
      letter({ head: 'From: bob@example.net\r\n' }),
      '550 5.6.0 There are 2 from fields; RFC 5322 allows one.',
    ],
    [
      'no From field',
      'To: x@example.com\r\nSubject: Hi\r\n\r\nHello.\r\n',
      '550 5.6.0 There is no From field with an address (RFC 5322 section 3.6.2).',
    ],
    [
      'two subjects',
      letter({ head: 'Subject: One\r\n' }),
      '550 5.6.0 There are 2 subject fields; RFC 5322 allows one.',
    ],
    [
      'a NUL byte',
      letter({ body: 'a \0 byte' }),
      '550 5.6.0 The message contains a NUL byte (RFC 5322 section 4).',
    ],
    [
      'a bare LF',
      letter({ body: 'one\ntwo' }),
      '550 5.5.2 The message contains LF without CR (RFC 5321 section 2.3.8).',
    ],
    [
      'a bare CR',
      letter({ body: 'one\rtwo' }),
      '550 5.5.2 The message contains CR without LF (RFC 5321 section 2.3.8).',
    ],
    [
      'a header block of more than 256 KiB',
      letter({ head: `X-Long: ${'x'.repeat(300)}\r\n`.repeat(900) }),
      '550 5.6.0 The header block is ',
    ],
    [
      'more than 1000 fields',
      letter({ head: 'X: y\r\n'.repeat(1001) }),
      '550 5.6.0 The header block has more than 1000 fields.',
    ],
    [
      '31 hops',
      letter({ head: 'Received: from a by b; Sat, 21 Nov 2026 10:00:00 +0000\r\n'.repeat(31) }),
      '554 5.4.6 Too many hops (31): a mail loop?',
    ],
    [
      'a robot',
      letter({ head: 'Auto-Submitted: auto-generated\r\n' }),
      '550 5.7.1 Not posted to birds@lists.example.org: it was sent by a program (Auto-Submitted: auto-generated)',
    ],
    [
      'more than the list allows',
      letter({ body: `${'x'.repeat(76)}\r\n`.repeat(2000) }),
      '552 5.3.4 Not posted to birds@lists.example.org: it is ',
    ],
    [
      'more than the site allows',
      letter({ body: `${'x'.repeat(76)}\r\n`.repeat(14_000) }),
      '552 5.3.4 The message is larger than the 1 MiB we take',
    ],
  ])('%s', async (_, raw, answer) => {
    const said = await send({ raw });
    expect(said.startsWith(answer)).toBe(true);
    await nothingWasPosted();
  });

  it.each<[string, string, string]>([
    [
      'a stranger, where strangers are refused',
      'private@lists.example.org',
      '550 5.7.1 Not posted to private@lists.example.org: eve@example.edu is not a member of this list. To join, write to private-join@lists.example.org',
    ],
    [
      'anybody but an owner, on an announcement list',
      'news@lists.example.org',
      '550 5.7.1 Not posted to news@lists.example.org: only the owners of this list may post. Its owners read news-owner@lists.example.org',
    ],
  ])('%s', async (_, to, answer) => {
    const raw = letter({ from: 'Eve <eve@example.edu>' });
    expect(await send({ from: 'eve@example.edu', to: [to], raw })).toBe(answer);
  });

  it('a member’s address in Reply-To or Sender does not make its writer one', async () => {
    const raw = letter({
      from: 'eve@example.edu',
      head: 'Reply-To: dana@example.com\r\nSender: dana@example.com\r\n',
    });
    expect(await send({ to: ['private@lists.example.org'], raw })).toContain(
      'eve@example.edu is not a member',
    );
  });

  it('the forged From of an owner does not post on an announcement list: it waits', async () => {
    const raw = letter({ from: 'olga@example.org' });
    expect(await send({ from: 'olga@example.org', to: ['news@lists.example.org'], raw })).toMatch(
      /^250 2\.0\.0 held/,
    );
  });

  it('two authors in one From wait: nobody knows who wrote', async () => {
    const raw = letter({ from: 'dana@example.com, olga@example.org' });
    expect(await send({ raw })).toMatch(/^250 2\.0\.0 held for a moderator/);
  });
});

describe('refused in the dialogue', () => {
  const connect = async (to: Town): Promise<RawClient> => {
    const client = await RawClient.open({ host: '127.0.0.1', port: to.server.smtpPort });
    onTestFinished(() => client.destroy());
    return client;
  };

  it('a message announced as too large, before it is sent', async () => {
    const client = await connect(place.town);
    await client.reply();
    expect(await client.say('EHLO client.example')).toContain('250 SIZE 1048576');
    expect(await client.say('MAIL FROM:<dana@example.com> SIZE=2000000')).toMatch(/^552 5\.3\.4 /);
  });

  it('a client that talks before it is greeted', async () => {
    const client = await connect(place.town);
    client.write('EHLO client.example\r\n');
    expect(await client.reply()).toMatch(/^421 /);
    await client.closed();
  });

  it('the 21st connection from one address', async () => {
    const town = await startTown();
    const clients = await Promise.all(Array.from({ length: 21 }, () => connect(town)));
    const greetings = await Promise.all(clients.map((client) => client.reply()));
    const [refused, ...others] = greetings.filter((greeting) => !greeting?.startsWith('220'));
    expect(others).toEqual([]);
    expect(refused).toBe(
      '421 4.7.0 lists.example.org Too many connections from your address, try again later',
    );
  });
});

describe('refused for now', () => {
  it('one post more than a sender may write in an hour, and than a list may have', async () => {
    const town = await startTown({
      settings: { 'limits.posts_per_sender': '2/1h', 'limits.posts_per_list': '3/1h' },
    });
    const [kim, lee] = [town.person('kim@example.com'), town.person('lee@example.com')];
    await town.makeList('birds', [kim, lee]);
    const post = async (person: Person) => (await person.writes({ to: birds, text: 'Hello.' })).answer;
    expect([await post(kim), await post(kim)]).toEqual([
      expect.stringMatching(/^250/),
      expect.stringMatching(/^250/),
    ]);
    expect(await post(kim)).toBe('450 4.7.1 kim@example.com has posted 2 times lately. Try again later');
    expect(await post(lee)).toMatch(/^250/);
    expect(await post(lee)).toBe('450 4.7.1 birds@lists.example.org has had 3 posts lately. Try again later');
  });

  it('everything, when the disk is nearly full', async () => {
    const town = await startTown({ settings: { 'limits.min_free_disk': '900000 GiB' } });
    await town.makeList('birds');
    const { answer } = await town.person('kim@example.com').writes({ to: birds });
    expect(answer).toBe('452 4.3.1 Not enough room for mail here now, try again later');
  });
});

describe('several lists in one mail', () => {
  it('are refused together only when all refuse', async () => {
    const both = ['private@lists.example.org', 'news@lists.example.org'];
    const raw = letter({ from: 'eve@example.edu' });
    expect(await send({ from: 'eve@example.edu', to: both, raw })).toMatch(
      /^550 5\.7\.1 Not posted to private@/,
    );
  });

  it('hold instead where one takes it', async () => {
    await place.town.makeList('open', [], { post: 'anyone', require_addressed: 'false' });
    const both = ['open@lists.example.org', 'private@lists.example.org'];
    const raw = letter({ from: 'eve@example.edu', head: 'Message-ID: <both@example.edu>\r\n' });
    expect(await send({ from: 'eve@example.edu', to: both, raw })).toMatch(
      /^250 2\.0\.0 accepted as \d+; held for a moderator as \d+$/,
    );
  });
});

describe('by LMTP, where a refusal would become the front server’s bounce', () => {
  it('a mail larger than the site takes is dropped with a log line, and no limit is told that would make the front bounce it', async () => {
    const town = await startTown({ settings: { 'smtp.lmtp': '127.0.0.1:0', 'smtp.max_size': '100 KiB' } });
    await town.makeList('birds', [], { post: 'anyone' });
    const client = await RawClient.open({ host: '127.0.0.1', port: town.server.lmtpPort });
    onTestFinished(() => client.destroy());
    await client.reply();
    expect(await client.say('LHLO front.example')).toMatch(/250[- ]SIZE\r\n/);
    const raw = letter({ body: `${'x'.repeat(76)}\r\n`.repeat(2000) });
    const to = [birds, 'birds-owner@lists.example.org'];
    const answers = await submitByLmtp(town.server.lmtpPort, { from: dana.email, to, raw });
    expect(answers).toEqual(['250 2.0.0 OK', '250 2.0.0 OK']);
    expect(town.server.logged.filter(({ level }) => level === 'warn')).toMatchObject([
      { sentence: 'a mail that cannot be taken was dropped' },
    ]);
  });

  it('each recipient has an answer, and nothing but an unknown address is refused', async () => {
    const town = await startTown({ settings: { 'smtp.lmtp': '127.0.0.1:0' } });
    const kim = town.person('kim@example.com');
    await town.makeList('birds', [kim]);
    await town.makeList('small', [kim], { max_size: '1 KiB' });
    await town.makeList('private', [], { nonmember: 'reject' });
    const to = ['birds', 'small', 'private', 'noreply'].map((local) => `${local}@lists.example.org`);
    const raw = letter({ from: kim.email, body: 'Swifts and swallows. '.repeat(60) });
    expect(await submitByLmtp(town.server.lmtpPort, { from: kim.email, to, raw })).toEqual([
      expect.stringMatching(/^250 2\.0\.0 accepted as \d+$/),
      expect.stringMatching(/^250 2\.0\.0 held for a moderator as \d+$/),
      '250 2.0.0 OK',
      '250 2.0.0 OK',
    ]);
    const unknown = { from: kim.email, to: ['cats@lists.example.org'], raw };
    expect(await submitByLmtp(town.server.lmtpPort, unknown)).toEqual([
      '550 5.1.1 No such list here. See https://lists.example.org/',
    ]);
  });
});
