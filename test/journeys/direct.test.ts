import { describe, expect, onTestFinished, test } from 'vitest';
import { startDns } from '../support/dns.ts';
import { type MailWorld, startDirectWorker } from '../support/mail-world.ts';
import { addAddresses, deliveryRows, makeList, postTo } from '../support/outbox.ts';
import { findPeer } from '../support/peers.ts';
import { mayStartPostfix, postfixPorts, startPostfix } from '../support/postfix.ts';
import { sqlite } from '../support/stores.ts';

const program = findPeer('postfix');
const why = !program
  ? ' (skipped: no Postfix here)'
  : mayStartPostfix
    ? ''
    : ' (skipped: only root can start one)';

describe.skipIf(why !== '')(`a real Postfix as the mail server of two domains${why}`, () => {
  test('gets each copy of a post for its mailboxes, and says who has none', async () => {
    const ports = await postfixPorts();
    const mailboxes = ['anna@a.example', 'ben@a.example', 'carla@b.example'];
    const postfix = await startPostfix(program ?? '', {
      ...ports,
      lmtpPort: 1,
      mailboxes,
      transports: {},
      whenDone: onTestFinished,
    });
    const mx = { MX: [[10, 'mail.example.org']] } as const;
    const dns = await startDns({
      'a.example': mx,
      'b.example': mx,
      'mail.example.org': { A: ['127.0.0.1'] },
    });
    const store = await sqlite.freshStore();
    const list = await store.write((tx) => makeList(tx, 'birds'));
    await addAddresses(store, list, [...mailboxes, 'nobody@b.example']);
    await store.write((tx) => postTo(tx, { list, body: '.a dot\r\n..two\r\n.\r\nthe end\r\n' }));
    const world: Pick<MailWorld, 'dns' | 'port'> = { dns, port: ports.relayPort };
    const worker = startDirectWorker({ store, world });
    await worker.idle();
    await worker.close();
    for (const mailbox of mailboxes) {
      const [mail = ''] = await postfix.arrived(mailbox, 1);
      expect(mail).toContain(`X-Original-To: ${mailbox}`);
      expect(mail).toContain('\n\n.a dot\n..two\n.\nthe end\n');
    }
    const rows = await deliveryRows(store);
    expect(rows.map((row) => row.state)).toEqual(['sent', 'sent', 'sent', 'failed']);
    expect(rows[3]).toMatchObject({ last_code: 550, last_reply: expect.stringMatching(/^5\.1\.1 /) });
  });
});
