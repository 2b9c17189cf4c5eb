import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it } from 'vitest';
import { searchArchive } from '../../src/operations/archive/search-archive.ts';
import { showPost } from '../../src/operations/archive/show-post.ts';
import { testCertificate } from '../support/certificate.ts';
import { findPeer } from '../support/peers.ts';
import { type Person, sharedTown } from './town.ts';

const run = promisify(execFile);
const birds = 'birds@lists.example.org';
const swaks = findPeer('swaks');
const python = findPeer('python3');
const git = findPeer('git');
const nail = findPeer('s-nail');

/** Key and certificate of the server, and what the clients read and write. */
const folder = mkdtempSync(join(tmpdir(), 'listwright-clients-'));
const certificate = testCertificate();
for (const [name, pem] of Object.entries(certificate ?? {})) writeFileSync(join(folder, `${name}.pem`), pem);
const tls = { 'smtp.tls_cert': join(folder, 'cert.pem'), 'smtp.tls_key': join(folder, 'key.pem') };

const place = sharedTown({ settings: { ...(certificate ? tls : {}), 'limits.posts_per_sender': '0' } });
let alice: Person;
let bob: Person;

beforeAll(async () => {
  alice = place.town.person('Alice Liddell <alice@example.com>');
  bob = place.town.person('Bob Finch <bob@example.net>');
  await place.town.makeList('birds', [alice, bob], { max_size: '20 MiB', reply_to: 'list' });
  return () => rmSync(folder, { recursive: true });
});

const port = () => String(place.town.server.smtpPort);

/** The body as octets, after the header block. */
const bodyOf = (data: string) => Buffer.from(data.slice(data.indexOf('\r\n\r\n') + 4), 'latin1');

/** The thread that a post with these words is in, as an outline. */
async function outline(query: string): Promise<readonly string[]> {
  await place.town.server.idle();
  const { posts } = await place.town.operate(searchArchive, { query });
  const { thread } = await place.town.operate(showPost, { id: posts[0]?.id });
  return thread.map(({ depth, subject }) => `${'  '.repeat(depth)}${subject}`);
}

describe.skipIf(!swaks)('swaks', () => {
  const send = (...args: string[]) =>
    run(swaks ?? '', [
      '--server',
      '127.0.0.1',
      '--port',
      port(),
      '--from',
      alice.email,
      '--to',
      birds,
      ...args,
    ]);

  it.each<[string, string[]]>([
    ['plainly', []],
    ['pipelined', ['--pipeline']],
    ['without EHLO', ['--protocol', 'SMTP']],
  ])('sends a post %s', async (how, args) => {
    const { stdout } = await send('--header', `Subject: ${how}`, '--body', 'Swifts.', ...args);
    expect(stdout).toMatch(/250 2\.0\.0 accepted as \d+/);
    expect((await bob.oneMail(how)).text.trim()).toBe('Swifts.');
  });

  it.skipIf(!certificate)('sends a post by STARTTLS', async () => {
    const { stdout } = await send('--tls', '--header', 'Subject: Secret', '--body', 'Owls.');
    expect(stdout).toMatch(/TLS started with cipher/);
    expect((await bob.oneMail('Secret')).header('received')).toContain('with ESMTPS');
  });

  it('sends 8-bit text, and every octet arrives', async () => {
    const raw = `From: <${alice.email}>\nTo: <${birds}>\nSubject: Eight bits\nContent-Type: text/plain; charset=utf-8\n\nGrüße, 燕!\n`;
    writeFileSync(join(folder, 'eight.eml'), raw);
    await send('--data', `@${join(folder, 'eight.eml')}`);
    const mail = await bob.oneMail('Eight bits');
    expect(bodyOf(mail.data).toString().trim()).toBe('Grüße, 燕!');
  });

  it('sends an attachment of 10 MiB, which arrives and is named in the archive', async () => {
    const bytes = Buffer.alloc(10 * 1024 * 1024, 'nests and eggs ');
    writeFileSync(join(folder, 'nests.bin'), bytes);
    await send(
      '--header',
      'Subject: Nests',
      '--suppress-data',
      '--body',
      'See below.',
      '--attach',
      `@${join(folder, 'nests.bin')}`,
    );
    const mail = await bob.oneMail('Nests');
    const base64 = /filename="nests\.bin"[\s\S]*?\r\n\r\n([A-Za-z0-9+/=\r\n]+)/.exec(mail.data)?.[1] ?? '';
    expect(Buffer.from(base64, 'base64').equals(bytes)).toBe(true);
    const { posts } = await place.town.operate(searchArchive, { query: 'has:attachment' });
    const post = await place.town.operate(showPost, { id: posts[0]?.id });
    expect(post.attachments.map(({ filename, bytes: size }) => [filename, size])).toEqual([
      ['nests.bin', bytes.length],
    ]);
  });
});

describe.skipIf(!python)('Python’s smtplib', () => {
  it('sends three posts in one session, and reads the refusal of a fourth', async () => {
    const script = `
import smtplib, sys
from email.message import EmailMessage
def mail(author, subject):
    m = EmailMessage()
    m['From'], m['To'], m['Subject'] = author, '${birds}', subject
    m.set_content('Grüße aus Python\\n.\\nEnde')
    return m
with smtplib.SMTP('127.0.0.1', int(sys.argv[1])) as s:
    for i in range(3):
        s.send_message(mail('${alice.email}', 'Snake %d' % i))
    try:
        s.sendmail('${alice.email}', ['cats@lists.example.org'], b'Subject: x\\r\\n\\r\\n')
    except smtplib.SMTPRecipientsRefused as e:
        print(e.recipients)
`;
    const { stdout } = await run(python ?? '', ['-c', script, port()]);
    expect(stdout).toContain("550, b'5.1.1 No such list here. See https://lists.example.org/");
    const mails = await bob.newMail();
    expect(mails.map(({ subject }) => subject)).toEqual(['Snake 0', 'Snake 1', 'Snake 2']);
    expect(mails[0]?.text.trim()).toBe('Grüße aus Python\n.\nEnde');
  });
});

describe.skipIf(!git)('git send-email', () => {
  const repository = join(folder, 'repository');
  const gitIn = (...args: string[]) =>
    run(git ?? '', ['-C', repository, ...args], {
      env: {
        ...process.env,
        HOME: folder,
        GIT_CONFIG_NOSYSTEM: '1',
        GIT_AUTHOR_NAME: alice.name,
        GIT_AUTHOR_EMAIL: alice.email,
        GIT_COMMITTER_NAME: alice.name,
        GIT_COMMITTER_EMAIL: alice.email,
      },
    });
  const sendEmail = (...args: string[]) =>
    gitIn(
      'send-email',
      '--quiet',
      '--confirm=never',
      `--to=${birds}`,
      '--smtp-server=127.0.0.1',
      `--smtp-server-port=${port()}`,
      '--smtp-domain=client.example',
      '--suppress-cc=all',
      `--from=${alice.name} <${alice.email}>`,
      ...args,
    );

  it('posts a series of three patches below its cover letter, and its second version below the first', async () => {
    await run(git ?? '', ['init', '-q', '-b', 'main', repository]);
    for (const name of ['wren', 'robin', 'siskin', 'dunnock']) {
      writeFileSync(join(repository, name), `${name}\n`);
      await gitIn('add', '.');
      await gitIn('commit', '-q', '-m', `Add the ${name}`);
    }
    await gitIn('format-patch', '-q', '-3', '--cover-letter', '--thread=shallow', '-o', join(folder, 'v1'));
    await sendEmail('--force', join(folder, 'v1'));
    const sent = await bob.newMail();
    expect(sent.map(({ subject }) => subject)).toEqual([
      '[PATCH 0/3] *** SUBJECT HERE ***',
      '[PATCH 1/3] Add the robin',
      '[PATCH 2/3] Add the siskin',
      '[PATCH 3/3] Add the dunnock',
    ]);
    const first = sent[0]?.header('message-id') ?? '';
    await gitIn('format-patch', '-q', '-1', '-v2', `--in-reply-to=${first}`, '-o', join(folder, 'v2'));
    await sendEmail(join(folder, 'v2'));
    await bob.oneMail('[PATCH v2] Add the dunnock');
    expect(await outline('siskin')).toEqual([
      '[PATCH 0/3] *** SUBJECT HERE ***',
      '  [PATCH 1/3] Add the robin',
      '  [PATCH 2/3] Add the siskin',
      '  [PATCH 3/3] Add the dunnock',
      '  [PATCH v2] Add the dunnock',
    ]);
  });

  it('the patch that arrives applies', async () => {
    const copy = place.town.sink.mails.find(
      ({ data, to }) => to.includes(bob.email) && /PATCH 1\/3/.test(data),
    );
    writeFileSync(
      join(folder, 'received.mbox'),
      `From mboxrd@z Thu Jan  1 00:00:00 1970\n${copy?.data.replaceAll('\r\n', '\n')}`,
    );
    await gitIn('checkout', '-q', '-b', 'other', 'HEAD~3');
    await gitIn('am', '-q', join(folder, 'received.mbox'));
    expect((await gitIn('log', '-1', '--format=%s %ae')).stdout.trim()).toBe(`Add the robin ${alice.email}`);
  });
});

describe.skipIf(!nail)('s-nail', () => {
  it('answers a list mail out of a member’s mailbox, and the answer is below it in the archive', async () => {
    await alice.writes({ to: birds, subject: 'Who rings storks?', text: 'I have three.' });
    const copy = await bob.oneMail('Who rings storks?');
    await alice.newMail();
    const mailbox = join(folder, 'mailbox');
    writeFileSync(
      mailbox,
      `From ${copy.returnPath} Sat Nov 21 10:00:00 2026\n${copy.data.replaceAll('\r\n', '\n')}\n`,
    );
    const options = {
      mta: `smtp://127.0.0.1:${port()}`,
      'v15-compat': 'yes',
      'reply-to-honour': 'yes',
      from: `${bob.name} <${bob.email}>`,
      hostname: 'client.example',
      'smtp-auth': 'none',
    };
    const args = Object.entries(options).flatMap(([name, value]) => ['-S', `${name}=${value}`]);
    const child = spawn(nail ?? '', ['-:/', '-#', ...args, '-f', mailbox], {
      env: { ...process.env, HOME: folder },
    });
    child.stdin.end('Reply 1\nI ring them.\n~.\nxit\n');
    const [said] = await Promise.all([text(child.stderr), once(child, 'close')]);
    const answer = await alice.newMail();
    expect([said, answer.map(({ subject }) => subject)]).toEqual(['', ['Re: Who rings storks?']]);
    expect(await outline('storks from:bob')).toEqual(['Who rings storks?', '  Re: Who rings storks?']);
  });
});
