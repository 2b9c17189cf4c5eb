import { closeSync, openSync, statSync, truncateSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { sql } from 'kysely';
import { describe, expect, onTestFinished, test } from 'vitest';
import { openForLocking } from '../../src/store/sqlite-connection.ts';
import { install } from '../support/program.ts';
import { openSink, type SinkOptions } from '../support/sink.ts';
import { createLedger, everythingSent, judge } from './ledger.ts';
import { makeLists } from './lists.ts';
import { watchedLoop } from './preload.ts';
import { postAll, postOnce } from './senders.ts';

const patience = { timeout: 90_000 };

async function setUp(script: SinkOptions = {}, members = 20) {
  const sink = await openSink(script);
  const installation = await install({ smarthost: sink.url });
  await installation.look((store) => makeLists(store, { birds: members }));
  return { sink, installation, ledger: createLedger() };
}

describe('a database that another process has locked', () => {
  test(
    'makes mail wait with 451, holds up nothing else, and is used again when it is free',
    patience,
    async () => {
      let copies = 0;
      let locked = () => {};
      const underWay = new Promise<void>((resolve) => {
        locked = resolve;
      });
      const { sink, installation, ledger } = await setUp({
        message: () => {
          copies += 1;
          if (copies === 30) locked();
          return undefined;
        },
      });
      const server = installation.serve({ node: watchedLoop() });
      await server.listening();
      const port = async () => server.smtpPort;
      await postAll({ ledger, port, senders: 2, posts: 4, lists: ['birds'] });
      await underWay;
      const intruder = openForLocking(installation.databaseFile);
      onTestFinished(() => intruder.close());
      intruder.raw.pragma('busy_timeout = 5000');
      intruder.prepare('begin exclusive').run();
      server.signal('SIGUSR2');
      await server.logs('loop');
      const waiting = server.logs('a mail must wait').then(() => intruder.prepare('rollback').run());
      const refused = postAll({ ledger, port, senders: 2, posts: 2, lists: ['birds'] });
      const health = await fetch(`${server.pages}/healthz`);
      expect(health.status).toBe(200);
      await Promise.all([waiting, refused]);
      const replies = [...ledger.posts.values()].flatMap((post) => post.replies);
      expect(replies.some((reply) => reply.startsWith('451 4.3.0'))).toBe(true);
      expect(replies.filter((reply) => !/^(250|451)/.test(reply))).toEqual([]);
      server.signal('SIGUSR2');
      await installation.look(everythingSent);
      server.signal('SIGTERM');
      expect((await server.ended()).status).toBe(0);
      const held = server.logged.filter(({ msg }) => msg === 'loop').map(({ worst }) => Number(worst));
      expect(held[1]).toBeLessThan(100);
      const verdict = await installation.look((store) =>
        judge({ ledger, sink, store }, { allowedRepeats: 0 }),
      );
      expect(verdict).toEqual([]);
    },
  );
});

describe('a database that is damaged', () => {
  const damages: readonly (readonly [string, RegExp, (file: string) => void])[] = [
    [
      'its first page overwritten',
      /is not a database, or its first page is damaged: restore it from a backup/,
      overwrite(0, 4096),
    ],
    [
      'cut off in the middle',
      /is damaged: restore it from a backup/,
      (file) => truncateSync(file, statSync(file).size / 2),
    ],
    [
      'cut off after the first page',
      /is damaged: restore it from a backup/,
      (file) => truncateSync(file, 4096),
    ],
    ['all but its first page overwritten', /is damaged: restore it from a backup/, overwrite(4096)],
  ];
  test.each(damages)(
    '(%s) keeps the server from starting, with a sentence that says so',
    patience,
    async (_, sentence, damage) => {
      const { installation } = await setUp();
      damage(installation.databaseFile);
      const { status, stderr } = await installation.serve().ended();
      expect({ status, stderr }).toEqual({ status: 1, stderr: expect.stringMatching(sentence) });
      expect(stderr.trim().split('\n')).toHaveLength(1);
      expect(stderr).toContain(installation.databaseFile);
    },
  );
});

describe('damage that is found later', () => {
  test('makes mail wait with 451, and the log and the check say what is wrong', patience, async () => {
    const { installation } = await setUp();
    const root = await installation.look((store) =>
      store.read(async (db) => {
        const { rows } = await sql<{
          rootpage: number;
        }>`select rootpage from sqlite_schema where name = 'posts'`.execute(db);
        return rows[0]?.rootpage ?? 0;
      }),
    );
    overwrite((root - 1) * 4096, 4096)(installation.databaseFile);
    const server = installation.serve();
    await server.listening();
    expect(await postOnce(server.smtpPort, { messageId: '1@client.example', list: 'birds' })).toMatch(
      /^451 4\.3\.0/,
    );
    const line = await server.logs('a mail must wait');
    expect(line.why).toMatch(/is damaged: restore it from a backup/);
    expect(await installation.run('db', 'check')).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('is damaged'),
    });
  });
});

function overwrite(from: number, length?: number): (file: string) => void {
  return (file) => {
    const count = length ?? statSync(file).size - from;
    const descriptor = openSync(file, 'r+');
    writeSync(descriptor, Buffer.alloc(count, 'damage'), 0, count, from);
    closeSync(descriptor);
  };
}

describe('beside a running server', () => {
  test('a second one does not start', patience, async () => {
    const { installation, sink, ledger } = await setUp();
    const server = installation.serve();
    await server.listening();
    const second = await installation.serve().ended();
    expect(second).toMatchObject({ status: 1, stderr: expect.stringContaining('Another server works with') });
    await postAll({ ledger, port: async () => server.smtpPort, senders: 1, posts: 1, lists: ['birds'] });
    await sink.received(20);
  });

  test('a command is acted upon within a second', patience, async () => {
    const { installation, sink } = await setUp();
    const server = installation.serve();
    await server.listening();
    expect((await installation.run('queue', 'pause')).status).toBe(0);
    expect(await postOnce(server.smtpPort, { messageId: '1@client.example', list: 'birds' })).toMatch(/^250/);
    expect(sink.mails).toHaveLength(0);
    expect((await installation.run('queue', 'resume')).status).toBe(0);
    const resumed = performance.now();
    await sink.received(20);
    expect(performance.now() - resumed).toBeLessThan(1000);
    await installation.run('list', 'create', 'bees@lists.example.org', '--owner', 'poster@client.example');
    expect(await postOnce(server.smtpPort, { messageId: '2@client.example', list: 'bees' })).toMatch(/^250/);
    await sink.received(21);
  });

  test(
    'a backup can be made under load, and a server that starts with it keeps the promises up to then',
    patience,
    async () => {
      const { installation, sink, ledger } = await setUp();
      const server = installation.serve();
      await server.listening();
      const port = async () => server.smtpPort;
      await postAll({ ledger, port, senders: 3, posts: 15, lists: ['birds'] });
      const before = [...ledger.posts.keys()];
      const copy = join(installation.dataDir, 'copy.db');
      const [backup] = await Promise.all([
        installation.run('db', 'backup', copy),
        postAll({ ledger, port, senders: 3, posts: 60, lists: ['birds'] }),
      ]);
      expect(backup).toMatchObject({ status: 0, stderr: '' });
      await installation.look(everythingSent);
      server.signal('SIGTERM');
      expect((await server.ended()).status).toBe(0);
      expect(
        await installation.look((store) => judge({ ledger, sink, store }, { allowedRepeats: 0 })),
      ).toEqual([]);

      const restored = await install({ smarthost: sink.url, databaseUrl: `sqlite:${copy}` });
      const again = restored.serve();
      await again.listening();
      await restored.look(everythingSent);
      again.signal('SIGTERM');
      expect((await again.ended()).status).toBe(0);
      const archived = await restored.look((store) =>
        store.read((db) => db.selectFrom('posts').select('message_id').execute()),
      );
      expect(archived.map((row) => row.message_id)).toEqual(expect.arrayContaining(before));
      expect(await restored.look((store) => store.check())).toEqual([]);
    },
  );
});
