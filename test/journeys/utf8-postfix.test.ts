import { describe, expect, it, onTestFinished } from 'vitest';
import { createList } from '../../src/operations/lists/create-list.ts';
import { setList } from '../../src/operations/lists/set-list.ts';
import { addMembers } from '../../src/operations/members/add-members.ts';
import { findPeer } from '../support/peers.ts';
import { mayStartPostfix, postfixPorts, startPostfix } from '../support/postfix.ts';
import { startTestServer } from '../support/server.ts';
import { submit } from '../support/submit.ts';

const program = findPeer('postfix');
const [joran, dana, list] = ['jøran@example.com', 'dana@example.com', 'birds@lists.example.org'];

describe.skipIf(!program || !mayStartPostfix)('with a real Postfix in front and behind', () => {
  it('a member with an address in UTF-8 posts, and gets what others write', async () => {
    const ports = await postfixPorts();
    const smarthost = `smtp://127.0.0.1:${ports.relayPort}`;
    const settings = { 'smtp.lmtp': '127.0.0.1:0' };
    const server = await startTestServer({ smarthost, settings });
    const { lmtpPort } = server;
    const postfix = await startPostfix(program ?? '', {
      ...ports,
      lmtpPort,
      mailboxes: [joran, dana],
      transports: {},
      whenDone: onTestFinished,
    });
    await server.operate(createList, { address: list, owners: [dana] });
    await server.operate(setList, { list, changes: { hold_first_posts: '0', spoof_protection: 'off' } });
    await server.operate(addMembers, { list, members: [{ email: joran, name: '' }] });
    const raw = (from: string, text: string) =>
      `From: ${from}\r\nTo: ${list}\r\nSubject: ${text}\r\nMessage-ID: <${text}@example.com>\r\n\r\nTre egg.\r\n`;
    const sent = await submit(ports.publicPort, {
      from: joran,
      to: [list],
      raw: raw(`Jøran <${joran}>`, 'first'),
    });
    expect(sent).toMatch(/^250 2\.0\.0 /);
    const [copy] = await postfix.arrived(dana, 1);
    expect(Buffer.from(copy ?? '', 'latin1').toString()).toContain(`\nFrom: Jøran <${joran}>\n`);
    expect(copy).toMatch(/ with\s+UTF8LMTP/);
    await submit(ports.publicPort, { from: dana, to: [list], raw: raw(dana, 'second') });
    const mails = await postfix.arrived(joran, 2);
    expect(mails.filter((mail) => mail.includes('Subject: second'))).toHaveLength(1);
  });
});
