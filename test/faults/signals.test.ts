import { describe, expect, test } from 'vitest';
import { RawClient } from '../receive/raw-client.ts';
import { install } from '../support/program.ts';
import { openSink, type SinkOptions } from '../support/sink.ts';
import { createLedger, everythingSent, judge } from './ledger.ts';
import { makeLists } from './lists.ts';
import { wrongClock } from './preload.ts';
import { messageOf, postAll, postOnce } from './senders.ts';

const patience = { timeout: 90_000 };

async function setUp(script: SinkOptions = {}, members = 200) {
  const sink = await openSink(script);
  const installation = await install({ smarthost: sink.url });
  await installation.look((store) => makeLists(store, { birds: members }));
  const ledger = createLedger();
  return {
    sink,
    installation,
    ledger,
    verdict: (allowedRepeats: number) =>
      installation.look((store) => judge({ ledger, sink, store }, { allowedRepeats })),
  };
}

describe('SIGTERM', () => {
  test(
    'during delivery: what is under way is finished, the rest waits for the next start, nobody gets two',
    patience,
    async () => {
      const { sink, installation, ledger, verdict } = await setUp();
      const server = installation.serve();
      await server.listening();
      await postAll({ ledger, port: async () => server.smtpPort, senders: 2, posts: 4, lists: ['birds'] });
      await sink.received(sink.mails.length + 40);
      server.signal('SIGTERM');
      expect((await server.ended()).status).toBe(0);
      expect(sink.mails.length).toBeLessThan(800);
      const again = installation.serve();
      await again.listening();
      await installation.look(everythingSent);
      again.signal('SIGTERM');
      expect((await again.ended()).status).toBe(0);
      expect(await verdict(0)).toEqual([]);
    },
  );

  test('while a mail arrives: it is taken, and nothing after it', patience, async () => {
    const { installation } = await setUp({}, 3);
    const server = installation.serve();
    await server.listening();
    const client = await RawClient.open({ host: '127.0.0.1', port: server.smtpPort });
    await client.openData('poster@client.example', 'birds@lists.example.org');
    server.signal('SIGTERM');
    await server.logs('Closing');
    expect(await postOnce(server.smtpPort, { messageId: '2@client.example', list: 'birds' })).toBeUndefined();
    client.write(`${messageOf({ messageId: '1@client.example', list: 'birds' })}\r\n.\r\n`);
    expect(await client.reply()).toMatch(/^250 2\.0\.0 accepted/);
    expect(await client.reply()).toMatch(/^421 4\.3\.2/);
    expect((await server.ended()).status).toBe(0);
    const archived = await installation.look((store) =>
      store.read((db) => db.selectFrom('posts').select('message_id').execute()),
    );
    expect(archived).toEqual([{ message_id: '1@client.example' }]);
  });

  test(
    'twice ends it at once, though the next hop never answers; as after a kill nothing is lost',
    patience,
    async () => {
      let silent = true;
      const { installation, ledger, sink, verdict } = await setUp({
        message: (_, count) => (silent && count >= 20 ? 'silence' : undefined),
      });
      const server = installation.serve();
      await server.listening();
      await postAll({ ledger, port: async () => server.smtpPort, senders: 1, posts: 1, lists: ['birds'] });
      await sink.received(20);
      server.signal('SIGTERM');
      await server.logs('Closing');
      server.signal('SIGTERM');
      expect((await server.ended()).status).toBe(130);
      silent = false;
      const again = installation.serve();
      await again.listening();
      await installation.look(everythingSent);
      again.signal('SIGTERM');
      expect((await again.ended()).status).toBe(0);
      expect(await verdict(2)).toEqual([]);
    },
  );
});

describe('a clock that jumps', () => {
  const day = 24 * 3_600_000;
  test.each([
    ['a day back', -day],
    ['a day ahead', day],
  ])('%s, while mail waits: it goes out, and so does what comes later', patience, async (_, jump) => {
    const { installation, ledger, verdict } = await setUp({}, 10);
    const server = installation.serve({ node: wrongClock({ jump }) });
    await server.listening();
    const post = (posts: number) =>
      postAll({ ledger, port: async () => server.smtpPort, senders: 1, posts, lists: ['birds'] });
    await installation.run('queue', 'pause');
    await post(1);
    server.signal('SIGUSR2');
    await post(1);
    await installation.run('queue', 'resume');
    await post(1);
    await installation.look(everythingSent);
    server.signal('SIGTERM');
    expect((await server.ended()).status).toBe(0);
    expect(await verdict(0)).toEqual([]);
  });
});
