import { describe, expect, test } from 'vitest';
import { setList } from '../../src/operations/lists/set-list.ts';
import { createDesk } from '../support/desk.ts';
import { install, type ServerProcess } from '../support/program.ts';
import { openSink, type SinkScript } from '../support/sink.ts';
import { onEachEngine, type TestEngine } from '../support/stores.ts';
import { submit } from '../support/submit.ts';
import { until } from '../support/until.ts';
import { everythingSent } from './ledger.ts';
import { makeLists } from './lists.ts';
import { wrongClock } from './preload.ts';
import { postOnce } from './senders.ts';

const day = 86_400_000;
const patience = { timeout: 60_000 };
const owner = 'poster@client.example';
const slow = 'm0@birds.example';

/** `serve`: a server whose clock is so many milliseconds ahead; `reached`: who got copies of a post. */
async function setUp(engine: TestEngine, script: SinkScript = {}) {
  const sink = await openSink(script);
  const databaseUrl = await engine.freshDatabase();
  const settings = { 'delivery.retry': '"1s*"' };
  const installation = await install({ smarthost: sink.url, databaseUrl, settings });
  await installation.look((store) => makeLists(store, { birds: 3 }));
  return {
    sink,
    installation,
    async serve(ahead = 0) {
      const server = installation.serve({ node: wrongClock({ ahead }) });
      await server.listening();
      return server;
    },
    reached: (messageId: string) =>
      sink.mails
        .filter(({ data }) => data.split('\r\n\r\n')[0]?.includes(`\nMessage-ID: <${messageId}>`))
        .flatMap(({ to }) => to)
        .sort(),
  };
}

async function end(server: ServerProcess): Promise<void> {
  server.signal('SIGTERM');
  expect((await server.ended()).status).toBe(0);
}

onEachEngine((engine) => {
  describe('a server that was off for five weeks', () => {
    test('tries again what it had tried once, as if it had not been away', patience, async () => {
      let refusals = Number.POSITIVE_INFINITY;
      const { sink, installation, serve, reached } = await setUp(engine, {
        rcpt: (to) => (to === slow && refusals-- > 0 ? '450 4.2.0 Greylisted, come again' : undefined),
      });
      const before = await serve();
      expect(await postOnce(before.smtpPort, { messageId: 'a@example', list: 'birds' })).toContain('250');
      await until(() => sink.commands.some(({ line }) => line.includes(slow)));
      await end(before);
      refusals = 2;
      const after = await serve(35 * day);
      await installation.look(everythingSent);
      expect(reached('a@example')).toEqual([slow, 'm1@birds.example', owner]);
      await end(after);
    });

    test(
      'takes the answer about a post that waited: its days are those in which it could',
      patience,
      async () => {
        const { sink, installation, serve, reached } = await setUp(engine);
        await installation.look((store) =>
          createDesk(store).operate(setList, { list: 'birds', changes: { moderated: 'true' } }),
        );
        const before = await serve();
        expect(await postOnce(before.smtpPort, { messageId: 'a@example', list: 'birds' })).toContain('250');
        const findNotice = () => sink.mails.find(({ data }) => /^Subject: Please decide/m.test(data));
        await until(() => findNotice() !== undefined);
        await end(before);
        const after = await serve(35 * day);
        const [, address = ''] = /^From: .*<(birds-mod\+[^>]+)>/m.exec(findNotice()?.data ?? '') ?? [];
        const answer = [`From: ${owner}`, `To: ${address}`, 'Message-ID: <b@example>', '', 'ok'];
        const raw = answer.join('\r\n');
        expect(await submit(after.smtpPort, { from: owner, to: [address], raw })).toContain('250');
        await installation.look(everythingSent);
        expect(reached('a@example')).toEqual([slow, 'm1@birds.example', owner]);
        await end(after);
      },
    );
  });
});
