import { describe, expect, test } from 'vitest';
import { install } from '../support/program.ts';
import { openSink } from '../support/sink.ts';
import { everythingIndexed, everythingSent } from './ledger.ts';
import { makeLists } from './lists.ts';
import { postOnce } from './senders.ts';

const patience = { timeout: 60_000 };
const members = 12;

async function setUp() {
  const sink = await openSink();
  const installation = await install({ smarthost: sink.url, settings: { 'delivery.retry': '"1s*"' } });
  await installation.look((store) => makeLists(store, { birds: members }));
  const server = installation.serve();
  await server.listening();
  return {
    sink,
    installation,
    server,
    async archived(): Promise<readonly string[]> {
      const rows = await installation.look((store) =>
        store.read((db) => db.selectFrom('posts').select('message_id').orderBy('id').execute()),
      );
      return rows.map((row) => row.message_id);
    },
  };
}

describe('the same mail', () => {
  const mail = { messageId: '1@client.example', list: 'birds' };

  test(
    'again, and on four connections at once, is answered alike, archived once and sent once',
    patience,
    async () => {
      const { sink, installation, server, archived } = await setUp();
      const replies = await Promise.all([1, 2, 3, 4].map(() => postOnce(server.smtpPort, mail)));
      replies.push(await postOnce(server.smtpPort, mail));
      expect(new Set(replies).size).toBe(1);
      expect(replies[0]).toMatch(/^250 2\.0\.0 accepted as \d+$/);
      await installation.look(everythingSent);
      server.signal('SIGTERM');
      await server.ended();
      expect(await archived()).toEqual([mail.messageId]);
      expect(sink.mails).toHaveLength(members);
    },
  );

  test('to two lists goes to both', patience, async () => {
    const { sink, installation, server, archived } = await setUp();
    await installation.run('list', 'create', 'bees@lists.example.org', '--owner', 'poster@client.example');
    for (const list of ['birds', 'bees'])
      expect(await postOnce(server.smtpPort, { ...mail, list })).toMatch(/^250/);
    await sink.received(members + 1);
    expect(await archived()).toEqual([mail.messageId, mail.messageId]);
  });

  test('with another text is held for a moderator', patience, async () => {
    const { sink, server, installation, archived } = await setUp();
    expect(await postOnce(server.smtpPort, mail)).toMatch(/^250 2\.0\.0 accepted/);
    expect(await postOnce(server.smtpPort, { ...mail, number: 2 })).toMatch(/^250 2\.0\.0 held/);
    await installation.look(everythingSent);
    server.signal('SIGTERM');
    await server.ended();
    expect(await archived()).toEqual([mail.messageId]);
    // In the head: the mail that asks a moderator has the post attached.
    const copies = sink.mails.filter(({ data }) =>
      data.slice(0, data.indexOf('\r\n\r\n')).includes(`Message-ID: <${mail.messageId}>`),
    );
    expect(copies).toHaveLength(members);
  });
});

describe('a mail that cannot be sent or read', () => {
  test(
    'is tried three times and given up with the reason, also over a restart; others go past it',
    patience,
    async () => {
      const { sink, installation, server } = await setUp();
      await installation.run('queue', 'pause');
      await postOnce(server.smtpPort, { messageId: 'poison@client.example', list: 'birds' });
      await installation.look(everythingIndexed);
      server.signal('SIGTERM');
      await server.ended();
      await installation.look((store) =>
        store.write((tx) =>
          tx
            .updateTable('bodies')
            .set({ raw: Buffer.from('these bytes were deflated once'), encoding: 'deflate' })
            .execute(),
        ),
      );
      const again = installation.serve();
      await again.listening();
      expect(await postOnce(again.smtpPort, { messageId: '2@client.example', list: 'birds' })).toMatch(
        /^250/,
      );
      await installation.run('queue', 'resume');
      await sink.received(members);
      await installation.look(everythingSent);
      again.signal('SIGTERM');
      await again.ended();
      expect(new Set(sink.mails.map(({ data }) => /^Message-ID: (.*)\r$/m.exec(data)?.[1]))).toEqual(
        new Set(['<2@client.example>']),
      );
      const failed = await installation.look((store) =>
        store.read((db) => db.selectFrom('deliveries').selectAll().where('state', '=', 'failed').execute()),
      );
      expect(failed).toHaveLength(members);
      for (const row of failed)
        expect(row).toMatchObject({ attempts: 3, last_reply: expect.stringContaining('could not be made') });
    },
  );
});
