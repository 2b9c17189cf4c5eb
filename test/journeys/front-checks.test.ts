import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { addMembers } from '../../src/operations/add-members.ts';
import { createList } from '../../src/operations/create-list.ts';
import { listHeld } from '../../src/operations/list-held.ts';
import { listMembers } from '../../src/operations/list-members.ts';
import { startChild } from '../support/child.ts';
import type { Zones } from '../support/name-server.ts';
import { findPeer } from '../support/peers.ts';
import { mayStartPostfix, postfixPorts, startPostfix } from '../support/postfix.ts';
import { startTestServer } from '../support/server.ts';
import { makeKey, signMail, writeMail } from '../support/signed-mail.ts';
import { submit } from '../support/submit.ts';

const program = findPeer('postfix');
const peers = [program, findPeer('opendkim'), findPeer('opendmarc')].every((peer) => peer !== undefined);
const why = !peers
  ? ' (skipped: no Postfix, OpenDKIM and OpenDMARC here)'
  : mayStartPostfix && spawnSync('unshare', ['--net', '--mount', 'true']).status === 0
    ? ''
    : ' (skipped: only root can start them)';

const birds = 'birds@lists.example.org';
const [ana, dana, rita] = ['ana@proved.example', 'dana@proved.example', 'rita@unsigned.example'];

/** The folder with the sockets of both, as Postfix's users can reach them. */
async function startMilters(zones: Zones): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'listwright-milters-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  chmodSync(folder, 0o755);
  writeFileSync(join(folder, 'zones.json'), JSON.stringify(zones));
  await startChild('milter-host.ts', [folder], ['unshare', '--net', '--mount']).said('ready');
  return `unix:${folder}/opendkim.sock, unix:${folder}/opendmarc.sock`;
}

it.skipIf(why !== '')(
  `a Postfix with OpenDKIM and OpenDMARC in front has checked, and is believed${why}`,
  async () => {
    const key = makeKey('proved.example', { kind: 'rsa' });
    const milters = await startMilters({
      ...key.zone,
      'proved.example': { TXT: ['v=spf1 -all'] },
      '_dmarc.proved.example': { TXT: ['v=DMARC1; p=reject'] },
      'unsigned.example': { TXT: ['v=spf1 ?all'] },
    });
    const ports = await postfixPorts();
    const server = await startTestServer({
      smarthost: `smtp://127.0.0.1:${ports.relayPort}`,
      settings: { 'smtp.lmtp': '127.0.0.1:0', 'smtp.trusted_authserv_ids': 'mail.example.org' },
    });
    const postfix = await startPostfix(program ?? '', {
      ...ports,
      lmtpPort: server.lmtpPort,
      mailboxes: [ana, dana, rita],
      transports: {},
      milters,
      whenDone: onTestFinished,
    });
    await server.operate(createList, { address: birds, owners: [ana] });
    await server.operate(addMembers, {
      list: birds,
      members: [
        { email: dana, name: '' },
        { email: rita, name: '' },
      ],
    });

    /** To Postfix; resolves when it has handed the mail on. */
    const send = async (
      from: string,
      to: string,
      { subject, signed }: { subject: string; signed: boolean },
    ) => {
      const plain = writeMail({
        from,
        to,
        subject,
        headers: ['Authentication-Results: mail.example.org; dmarc=pass header.from=proved.example'],
      });
      const raw = signed ? await signMail(plain, key) : plain;
      const [, id] =
        /queued as (\w+)/.exec(
          await submit(ports.publicPort, { from, to: [to], raw, client: '192.0.2.9' }),
        ) ?? [];
      if (!id) throw new Error('Postfix did not take the mail');
      await postfix.logged(new RegExp(` ${id}: removed`));
    };
    const posts = () => server.look((db) => db.selectFrom('posts').select('subject').orderBy('id').execute());
    const held = async () => (await server.operate(listHeld, { list: birds })).map(({ subject }) => subject);

    await send(dana, birds, { subject: 'Signed', signed: true });
    expect(await posts()).toEqual([{ subject: 'Signed' }]);

    // The member’s own address, without the signature that its domain insists on: it waits, because nobody may be bounced to.
    await send(dana, birds, { subject: 'Forged', signed: false });
    // A domain that says nothing of itself: its member is asked.
    await send(rita, birds, { subject: 'Unproved', signed: false });
    expect(await posts()).toEqual([{ subject: 'Signed' }]);
    expect(await held()).toEqual(['Forged', 'Unproved']);
    expect((await postfix.arrived(rita, 2)).some((mail) => mail.includes('Unproved'))).toBe(true);

    // An owner’s command is done where the mail is proved, and nothing at all happens in the name of a domain that disowns it.
    await send(ana, 'birds-request@lists.example.org', { subject: `remove ${rita}`, signed: false });
    const emails = async () =>
      (await server.operate(listMembers, { list: birds })).members.map(({ email }) => email);
    expect(await emails()).toContain(rita);
    await send(ana, 'birds-request@lists.example.org', { subject: `remove ${rita}`, signed: true });
    expect(await emails()).not.toContain(rita);
  },
);
