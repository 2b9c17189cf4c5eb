import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it } from 'vitest';
import { decodeHeader } from '../../src/mail/decode-header.ts';
import { findField, readHead } from '../../src/mail/headers.ts';
import { createList } from '../../src/operations/lists/create-list.ts';
import { addMembers } from '../../src/operations/members/add-members.ts';
import { listHeld } from '../../src/operations/moderation/list-held.ts';
import { findPeer } from '../support/peers.ts';
import { mayStartPostfix, type Postfix, postfixPorts, startPostfix } from '../support/postfix.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { submit } from '../support/submit.ts';

const program = findPeer('postfix');
const nail = findPeer('s-nail');
const mutt = findPeer('mutt');
const missing = [program, nail, mutt].includes(undefined);
const why = missing
  ? ' (skipped: Postfix, s-nail and mutt are needed)'
  : mayStartPostfix
    ? ''
    : ' (skipped: only root can start Postfix)';

const birds = 'birds@lists.example.org';
const [olga, bob, mia, sam] = ['olga@example.org', 'bob@example.net', 'mia@example.com', 'sam@example.edu'];
const run = promisify(execFile);

/** Bob and Mia moderate a list from their own mail programs; what Sam, a stranger, writes waits for them. */
describe.skipIf(why !== '')(`moderating with real mail programs through a real Postfix${why}`, () => {
  const folder = mkdtempSync(join(tmpdir(), 'listwright-moderating-'));
  let postfix: Postfix;
  let server: TestServer;

  beforeAll(async () => {
    const undoing: (() => Promise<void> | void)[] = [() => rmSync(folder, { recursive: true })];
    const whenDone = (undo: () => Promise<void> | void) => undoing.push(undo);
    const ports = await postfixPorts();
    server = await startTestServer({
      smarthost: `smtp://127.0.0.1:${ports.relayPort}`,
      settings: { 'smtp.lmtp': '127.0.0.1:0' },
      whenDone,
    });
    const { lmtpPort } = server;
    const mailboxes = [olga, bob, mia, sam];
    postfix = await startPostfix(program ?? '', { ...ports, lmtpPort, mailboxes, transports: {}, whenDone });
    await server.operate(createList, { address: birds, owners: [olga] });
    const members = [
      { email: bob, name: 'Bob Finch', role: 'moderator' },
      { email: mia, name: 'Mia', role: 'moderator' },
    ];
    await server.operate(addMembers, { list: birds, members });
    return async () => {
      for (const undo of undoing.reverse()) await undo();
    };
  });

  const field = (mail: string | undefined, name: string) =>
    decodeHeader(findField(readHead(Buffer.from(mail ?? '', 'latin1')), name.toLowerCase())?.value ?? '');

  let mails = 0;

  async function samWrites(subject: string): Promise<void> {
    const raw = `From: Sam <${sam}>\r\nTo: <${birds}>\r\nSubject: ${subject}\r\nMessage-ID: <${++mails}@${sam}>\r\n\r\nSwifts.\r\n`;
    await submit(postfix.publicPort, { from: sam, to: [birds], raw });
  }

  /** Opens the mail in s-nail, and types. */
  async function answerInNail(mail: string, typed: string): Promise<string> {
    const mailbox = join(folder, 'mailbox');
    writeFileSync(mailbox, `From x Sat Nov 21 10:00:00 2026\n${mail}\n`);
    const options = {
      mta: `smtp://127.0.0.1:${postfix.publicPort}`,
      'v15-compat': 'yes',
      from: `Bob Finch <${bob}>`,
      hostname: 'client.example',
      'smtp-auth': 'none',
    };
    const args = Object.entries(options).flatMap(([name, value]) => ['-S', `${name}=${value}`]);
    const child = spawn(nail ?? '', ['-:/', '-#', ...args, '-f', mailbox], {
      env: { ...process.env, HOME: folder },
    });
    child.stdin.end(`Reply 1\n${typed}\n~.\nxit\n`);
    const [said] = await Promise.all([text(child.stderr), once(child, 'close')]);
    return said;
  }

  /** Follows a mailto link with mutt, without adding a word. */
  async function pressInMutt(link: string, from: string): Promise<void> {
    const settings = [
      `set smtp_url=smtp://127.0.0.1:${postfix.publicPort}`,
      `set from=${from}`,
      'set ssl_starttls=no',
      'set ssl_force_tls=no',
      'set hostname=client.example',
      'set copy=no',
    ];
    const sending = run(
      mutt ?? '',
      ['-F', '/dev/null', ...settings.flatMap((each) => ['-e', each]), '--', link],
      { env: { ...process.env, HOME: folder } },
    );
    sending.child.stdin?.end();
    await sending;
  }

  it('a stranger’s post waits, and both moderators hear of it at once', async () => {
    await samWrites('Who rings swifts?');
    for (const moderator of [bob, mia]) {
      const [notice] = await postfix.arrived(moderator, 1);
      expect(field(notice, 'Subject')).toBe('Please decide: “Who rings swifts?” (Birds)');
      expect(field(notice, 'Return-Path')).toMatch(/^<birds-bounces\+/);
      expect(notice).toContain('Content-Type: message/rfc822');
    }
    expect(postfix.mailbox(olga)).toEqual([]);
  });

  it('an out-of-office reply of Bob’s decides nothing, and is not answered', async () => {
    const [notice] = await postfix.arrived(bob, 1);
    const to = /<(birds-mod\+[0-9a-z]{15}@lists\.example\.org)>/.exec(field(notice, 'From'))?.[1] ?? '';
    const raw = `From: <${bob}>\r\nTo: <${to}>\r\nSubject: Automatic reply: Please decide\r\nAuto-Submitted: auto-replied\r\nMessage-ID: <away@${bob}>\r\n\r\nok, back on Monday\r\n`;
    const [, id] =
      /queued as (\w+)/.exec(await submit(postfix.publicPort, { from: bob, to: [to], raw })) ?? [];
    await postfix.logged(new RegExp(` ${id}: removed`));
    await server.idle();
    expect(await server.operate(listHeld, {})).toMatchObject([{ subject: 'Who rings swifts?' }]);
    expect(postfix.mailbox(bob)).toHaveLength(1);
  });

  it('Bob answers “ok” in s-nail, and it goes out', async () => {
    const [notice = ''] = await postfix.arrived(bob, 1);
    expect(await answerInNail(notice, 'ok')).toBe('');
    for (const [member, count] of [
      [olga, 1],
      [bob, 2],
      [mia, 2],
    ] as const) {
      const copy = (await postfix.arrived(member, count)).at(-1);
      expect(field(copy, 'Subject')).toBe('Who rings swifts?');
      expect(field(copy, 'From')).toBe(`Sam <${sam}>`);
    }
    expect(await server.operate(listHeld, {})).toEqual([]);
  });

  it('Mia, who presses “discard” in mutt after him, hears that Bob was first', async () => {
    const [notice = ''] = await postfix.arrived(mia, 1);
    const link = /mailto:birds-mod\+\S+\?subject=discard/.exec(
      notice.replaceAll('=\n', '').replaceAll('=3D', '='),
    )?.[0];
    await pressInMutt(link ?? '', mia);
    const told = (await postfix.arrived(mia, 3)).at(-1);
    expect(field(told, 'Subject')).toBe('About what waits on Birds');
    expect(told?.replaceAll('=\n', '')).toContain('already approved by Bob Finch at');
  });

  it('Bob refuses the next one with a reason, and the stranger, who is not proved, hears nothing', async () => {
    await samWrites('Cheap rings');
    const notice = (await postfix.arrived(bob, 3)).at(-1) ?? '';
    expect(await answerInNail(notice, 'reject: We do not sell things here.\n')).toBe('');
    const told = (await postfix.arrived(bob, 4)).at(-1);
    expect(told?.replaceAll('=\n', '')).toContain('Its author was not told: nothing proves the address');
    expect(postfix.mailbox(sam)).toEqual([]);
    expect(await server.operate(listHeld, {})).toEqual([]);
  });
});
