import { beforeAll, describe, expect, it } from 'vitest';
import { decodeHeader } from '../../src/mail/decode-header.ts';
import { findField, readHead } from '../../src/mail/headers.ts';
import { searchArchive } from '../../src/operations/archive/search-archive.ts';
import { showPost } from '../../src/operations/archive/show-post.ts';
import { createList } from '../../src/operations/lists/create-list.ts';
import { setList } from '../../src/operations/lists/set-list.ts';
import { addMembers } from '../../src/operations/members/add-members.ts';
import { listHeld } from '../../src/operations/moderation/list-held.ts';
import { findPeer } from '../support/peers.ts';
import { mayStartPostfix, type Postfix, postfixPorts, startPostfix } from '../support/postfix.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { openSink } from '../support/sink.ts';
import { submit } from '../support/submit.ts';

const program = findPeer('postfix');
const why = !program
  ? ' (skipped: no Postfix here)'
  : mayStartPostfix
    ? ''
    : ' (skipped: only root can start one)';
const birds = 'birds@lists.example.org';

interface Letter {
  readonly from?: string;
  readonly subject?: string;
  readonly text?: string;
  readonly headers?: string;
}

const [dana, bob, olga, sam] = ['dana@example.com', 'bob@example.net', 'olga@example.org', 'sam@example.edu'];

describe.skipIf(why !== '')(`with a real Postfix in front and behind${why}`, () => {
  let postfix: Postfix;
  let server: TestServer;

  beforeAll(async () => {
    const undoing: (() => Promise<void> | void)[] = [];
    const whenDone = (undo: () => Promise<void> | void) => undoing.push(undo);
    const ports = await postfixPorts();
    const smarthost = `smtp://127.0.0.1:${ports.relayPort}`;
    server = await startTestServer({ smarthost, settings: { 'smtp.lmtp': '127.0.0.1:0' }, whenDone });
    const mailboxes = [dana, bob, olga, sam];
    const far = await openSink({ rcpt: () => '550 5.1.1 No such user', whenDone });
    const transports = { 'far.example': `smtp:[127.0.0.1]:${far.port}` };
    const { lmtpPort } = server;
    postfix = await startPostfix(program ?? '', { ...ports, lmtpPort, mailboxes, transports, whenDone });
    await server.operate(createList, { address: birds, owners: [olga] });
    await server.operate(setList, { list: birds, changes: { hold_first_posts: '0' } });
    await server.operate(addMembers, { list: birds, members: [{ email: bob, name: '' }] });
    await server.operate(setList, { list: birds, changes: { hold_first_posts: '0' } });
    return async () => {
      for (const undo of undoing.reverse()) await undo();
    };
  });

  let mails = 0;

  /** From the world to Postfix; its last reply. */
  function send(from: string, to: string, letter: Letter = {}) {
    const head = `From: ${letter.from ?? from}\r\nTo: <${to}>\r\nSubject: ${letter.subject ?? ''}\r\nMessage-ID: <${++mails}@${from}>\r\n`;
    const raw = `${head}${letter.headers ?? ''}\r\n${letter.text ?? 'Hello.'}\r\n`;
    return submit(postfix.publicPort, { from, to: [to], raw });
  }

  /** The same, and waits until Postfix is done with it; true when Postfix sent its author a bounce. */
  async function sendAndSeeBounce(...letter: Parameters<typeof send>): Promise<boolean> {
    const [, id] = /queued as (\w+)/.exec(await send(...letter)) ?? [];
    if (!id) throw new Error('Postfix did not take the mail');
    await postfix.logged(new RegExp(` ${id}: removed`));
    const bounced = await postfix.logged(new RegExp(` ${id}: (to=.*status=|sender non-delivery)`));
    return bounced.includes('status=bounced');
  }

  const field = (mail: string | undefined, name: string) =>
    decodeHeader(findField(readHead(Buffer.from(mail ?? '', 'latin1')), name.toLowerCase())?.value ?? '');

  it('a newcomer joins by two mails, and is welcomed', async () => {
    expect(await send(dana, 'birds-join@lists.example.org')).toMatch(/^250 2\.0\.0 Ok/);
    const [question] = await postfix.arrived(dana, 1);
    const address =
      /<(birds-confirm\+[0-9a-z]{15}@lists\.example\.org)>/.exec(field(question, 'From'))?.[1] ?? '';
    await send(dana, address, { text: 'yes' });
    const [, welcome] = await postfix.arrived(dana, 2);
    expect(field(welcome, 'Subject')).toBe('You are now on Birds');
  });

  it('a post reaches every mailbox on disk, each with a return path of its own', async () => {
    const text = 'Grüße\r\n.\r\n..two dots\r\n\tand a tab  ';
    const headers =
      'MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n';
    await send(dana, birds, { subject: 'Two ospreys', text, headers });
    const copies = [
      (await postfix.arrived(dana, 3))[2],
      (await postfix.arrived(bob, 1))[0],
      (await postfix.arrived(olga, 1))[0],
    ];
    for (const copy of copies) {
      expect(field(copy, 'Subject')).toBe('Two ospreys');
      expect(field(copy, 'From')).toBe(dana);
      expect(field(copy, 'Return-Path')).toMatch(/^<birds-bounces\+[0-9a-z]{15}@lists\.example\.org>$/);
      expect(field(copy, 'List-Unsubscribe-Post')).toBe('List-Unsubscribe=One-Click');
      const body = copy?.slice(copy.indexOf('\n\n') + 2) ?? '';
      expect(Buffer.from(body, 'latin1').toString()).toBe(`${text.replace(/\r/g, '')}\n`);
    }
    expect(new Set(copies.map((copy) => field(copy, 'Return-Path'))).size).toBe(3);
  });

  it('the archive has it as Postfix handed it over, with the trace of Postfix', async () => {
    await server.idle();
    const { posts } = await server.operate(searchArchive, { query: 'ospreys' });
    const { raw } = await server.operate(showPost, { id: posts[0]?.id });
    expect(raw.toString('latin1')).toMatch(/^Received: from client\.example /m);
    expect(raw.toString('latin1')).toContain('by mail.example.org (Postfix) with ESMTP');
  });

  it('an address that is not there is refused to the sender’s face, in our words', async () => {
    expect(await send(sam, 'cats@lists.example.org')).toMatch(
      /^550 5\.1\.1 <cats@lists\.example\.org>: .*No such list here\. See https:\/\/lists\.example\.org\//s,
    );
  });

  it('a copy that cannot be delivered comes back to its own return path, and is kept for that delivery', async () => {
    const email = 'kim@far.example';
    await server.operate(addMembers, { list: birds, members: [{ email, name: '' }] });
    await send(bob, birds, { subject: 'Who is far?' });
    await postfix.logged(/to=<birds-bounces\+.*status=sent \(250 2\.0\.0 accepted as \d+\)/);
    const rows = await server.look((db) =>
      db
        .selectFrom('bounces')
        .innerJoin('deliveries', 'deliveries.id', 'bounces.delivery_id')
        .select(['deliveries.recipient', 'kind', 'class', 'status', 'points'])
        .execute(),
    );
    expect(rows).toEqual([{ recipient: email, kind: 'report', class: 'gone', status: '5.1.1', points: 100 }]);
  });

  describe('what the list does not want makes no bounce to a sender who may be forged', () => {
    it('a stranger’s post waits for a moderator', async () => {
      expect(await sendAndSeeBounce(sam, birds, { subject: 'A question' })).toBe(false);
      expect(await server.operate(listHeld, {})).toMatchObject([{ subject: 'A question' }]);
    });

    it('where strangers are refused, it vanishes', async () => {
      await server.operate(setList, { list: birds, changes: { nonmember: 'reject', max_size: '10 KiB' } });
      expect(await sendAndSeeBounce(sam, birds, { subject: 'Another' })).toBe(false);
      expect(await server.operate(listHeld, {})).toHaveLength(1);
    });

    it('too large a post of a member waits', async () => {
      const text = 'x'.repeat(70).concat('\r\n').repeat(200);
      expect(await sendAndSeeBounce(dana, birds, { subject: 'Large', text })).toBe(false);
      expect(await server.operate(listHeld, {})).toMatchObject([{}, { subject: 'Large' }]);
    });

    it.each<[string, string, Letter]>([
      ['noreply@', 'noreply@lists.example.org', {}],
      ['mailer-daemon@', 'mailer-daemon@lists.example.org', {}],
      ['a confirmation that is not ours', 'birds-confirm+0123456789abcde@lists.example.org', {}],
      ['a leave address that is not ours', 'birds-leave+0123456789abcde@lists.example.org', {}],
      ['a From that names two', 'birds-request@lists.example.org', { from: `${sam}, ${dana}` }],
      ['a vacation notice', birds, { headers: 'Auto-Submitted: auto-replied\r\n' }],
      ['two From fields', birds, { headers: 'From: me@example.com\r\n' }],
      ['a robot', birds, { headers: 'Auto-Submitted: auto-generated\r\n' }],
    ])('%s', async (_, to, letter) => {
      expect(await sendAndSeeBounce(sam, to, { subject: 'status', ...letter })).toBe(false);
    });

    it('so the stranger’s mailbox is empty', () => {
      expect(postfix.mailbox(sam)).toEqual([]);
    });
  });
});
