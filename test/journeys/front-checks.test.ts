import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createList } from '../../src/operations/lists/create-list.ts';
import { addMembers } from '../../src/operations/members/add-members.ts';
import { listMembers } from '../../src/operations/members/list-members.ts';
import { listHeld } from '../../src/operations/moderation/list-held.ts';
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
async function startMilters(zones: Zones, rejectFailures: boolean): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'listwright-milters-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  chmodSync(folder, 0o755);
  writeFileSync(join(folder, 'zones.json'), JSON.stringify(zones));
  const args = [folder, `${rejectFailures}`];
  await startChild('milters-child.ts', args, ['unshare', '--net', '--mount']).said('ready');
  return `unix:${folder}/opendkim.sock, unix:${folder}/opendmarc.sock`;
}

/** Ana owns birds; Dana’s domain signs and wants forged mail refused, Rita’s says nothing of itself. */
async function startFront(rejectFailures: boolean) {
  const key = makeKey('proved.example', { kind: 'rsa' });
  const zones = {
    ...key.zone,
    'proved.example': { TXT: ['v=spf1 -all'] },
    '_dmarc.proved.example': { TXT: ['v=DMARC1; p=reject'] },
    'unsigned.example': { TXT: ['v=spf1 ?all'] },
  };
  const milters = await startMilters(zones, rejectFailures);
  const ports = await postfixPorts();
  const server = await startTestServer({
    smarthost: `smtp://127.0.0.1:${ports.relayPort}`,
    settings: { 'smtp.lmtp': '127.0.0.1:0', 'smtp.trusted_authserv_ids': 'mail.example.org' },
  });
  const { lmtpPort } = server;
  const mailboxes = [ana, dana, rita];
  const where = { ...ports, lmtpPort, mailboxes, transports: {}, milters, whenDone: onTestFinished };
  const postfix = await startPostfix(program ?? '', where);
  await server.operate(createList, { address: birds, owners: [ana] });
  const members = [dana, rita].map((email) => ({ email, name: '' }));
  await server.operate(addMembers, { list: birds, members });
  return {
    server,
    postfix,
    /** From the world to Postfix; its last reply, once it has handed on what it took. */
    async send(from: string, to: string, letter: { readonly subject: string; readonly signed: boolean }) {
      const domain = from.slice(from.indexOf('@') + 1);
      // As if Postfix had looked at it already: the milters leave that where it stands, right under the Received of Postfix.
      const headers = [
        `Authentication-Results: mail.example.org; dkim=pass header.d=${domain}; spf=pass smtp.mailfrom=${from}; dmarc=pass header.from=${domain}`,
      ];
      const plain = writeMail({ from, to, subject: letter.subject, headers });
      const raw = letter.signed ? await signMail(plain, key) : plain;
      const answer = await submit(ports.publicPort, { from, to: [to], raw, client: '192.0.2.9' });
      const [, id] = /queued as (\w+)/.exec(answer) ?? [];
      if (id) await postfix.logged(new RegExp(` ${id}: removed`));
      return answer;
    },
    posts: () => server.look((db) => db.selectFrom('posts').select('subject').orderBy('id').execute()),
    held: async () => (await server.operate(listHeld, { list: birds })).map(({ subject }) => subject),
    emails: async () =>
      (await server.operate(listMembers, { list: birds })).members.map(({ email }) => email),
  };
}

describe.skipIf(why !== '')(
  `a Postfix with OpenDKIM and OpenDMARC in front${why}`,
  { timeout: 60_000 },
  () => {
    it('has checked, and is believed', async () => {
      const { postfix, send, posts, held, emails } = await startFront(false);
      await send(dana, birds, { subject: 'Signed', signed: true });
      // A member’s address, without the signature that its domain insists on: it waits, because nobody may be bounced to.
      await send(dana, birds, { subject: 'Forged', signed: false });
      // Its domain says nothing of itself: the member is asked.
      await send(rita, birds, { subject: 'Unproved', signed: false });
      expect(await posts()).toEqual([{ subject: 'Signed' }]);
      expect(await held()).toEqual(['Forged', 'Unproved']);
      expect((await postfix.arrived(rita, 2)).some((mail) => mail.includes('Unproved'))).toBe(true);

      // An owner’s command is done where the mail is proved, and nothing at all happens in the name of a domain that disowns it.
      await send(ana, 'birds-request@lists.example.org', { subject: `remove ${rita}`, signed: false });
      expect(await emails()).toContain(rita);
      await send(ana, 'birds-request@lists.example.org', { subject: `remove ${rita}`, signed: true });
      expect(await emails()).not.toContain(rita);
    });

    it('refuses by itself what a domain wants refused, while whoever sent it is there', async () => {
      const { send, posts, held } = await startFront(true);
      expect(await send(dana, birds, { subject: 'Forged', signed: false })).toMatch(
        /^550 5\.7\.1 rejected by DMARC policy for proved\.example/,
      );
      expect(await send(dana, birds, { subject: 'Signed', signed: true })).toMatch(/^250 /);
      expect([await posts(), await held()]).toEqual([[{ subject: 'Signed' }], []]);
    });
  },
);
