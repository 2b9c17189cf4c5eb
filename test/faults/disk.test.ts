import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { type Installation, install, type ServerProcess } from '../support/program.ts';
import { openSink } from '../support/sink.ts';
import { createLedger, everythingSent, judge, type Ledger } from './ledger.ts';
import { makeLists } from './lists.ts';
import { postAll, postOnce } from './senders.ts';
import { describeWithStrace, readCalls, straceInto, straceWith } from './strace.ts';

const lists = { birds: 5 };
const patience = { timeout: 90_000 };

describeWithStrace('what is answered with 250', () => {
  test('is on the disk before the answer leaves: seen by strace', patience, async () => {
    const { installation, ledger, verdict } = await setUp();
    const trace = join(installation.dataDir, 'trace');
    const server = installation.serve({
      wrapper: straceInto(trace, 'fsync,fdatasync,pwrite64,write,writev'),
    });
    await server.listening();
    await postAll({
      ledger,
      port: async () => server.smtpPort,
      senders: 6,
      posts: 60,
      lists: Object.keys(lists),
    });
    await installation.look(everythingSent);
    server.signal('SIGTERM');
    expect((await server.ended()).status).toBe(0);
    expect(unsafeAnswers(readCalls(trace), ledger)).toEqual([]);
    expect(await verdict()).toEqual([]);
  });
});

/** The posts whose 250 left before the write-ahead log had been synced, from beginning to end, after the first page that holds them. */
function unsafeAnswers(calls: readonly string[], { posts }: Ledger): readonly string[] {
  const syncs = syncsOf(calls);
  return [...posts]
    .filter(([messageId, { replies }]) => {
      const answer = calls.findIndex(
        (call) => /\bwritev?\(\d+<socket/.test(call) && call.includes(`"${replies[0]}\\r\\n`),
      );
      const page = calls.findIndex(
        (call) => /\bpwrite64\(\d+<[^>]*-wal>/.test(call) && call.includes(messageId),
      );
      return page < 0 || !syncs.some(({ began, ended }) => page < began && ended < answer);
    })
    .map(([messageId]) => messageId);
}

/** Of the write-ahead log, one after another: where each began and ended among the calls, which stand in the order of their ends. */
function syncsOf(calls: readonly string[]): readonly { readonly began: number; readonly ended: number }[] {
  let began: number | undefined;
  return calls.flatMap((call, i) => {
    const [, end] = /\bf(?:data)?sync\(\d+<[^>]*-wal>(\) += 0)?/.exec(call) ?? [call, ''];
    if (end === '') return [];
    began ??= i;
    if (end === undefined) return [];
    const sync = { began, ended: i };
    began = undefined;
    return [sync];
  });
}

describeWithStrace('a disk that fails at an fsync', () => {
  test(
    'is answered with 451, ends the server with status 1, and costs nothing that was answered 250',
    patience,
    async () => {
      const { installation, ledger, verdict } = await setUp();
      const broken = installation.serve({ wrapper: straceWith('fdatasync:error=EIO:when=6+') });
      await broken.listening();
      const send = async (port: number, number: number) => {
        const messageId = `${number}@client.example`;
        const reply = (await postOnce(port, { messageId, list: 'birds', number })) ?? 'lost';
        ledger.open(messageId, 'birds').replies.push(reply);
        return reply;
      };
      const codes: string[] = [];
      while (codes.length < 100 && !codes.some((code) => code !== '250'))
        codes.push((await send(broken.smtpPort, codes.length)).slice(0, 3));
      expect(codes.length).toBeGreaterThan(1);
      expect(codes.at(-1)).toBe('451');
      const { status, stderr } = await broken.ended();
      expect({ status, stderr }).toEqual({
        status: 1,
        stderr: expect.stringContaining('the database could not be written any more'),
      });
      const again = installation.serve();
      await again.listening();
      // It may have reached the disk all the same: who was told to come again does, and gets no second copy into the archive.
      expect(await send(again.smtpPort, codes.length - 1)).toMatch(/^250/);
      await installation.look(everythingSent);
      again.signal('SIGTERM');
      await again.ended();
      expect(await verdict({ allowedRepeats: 2 })).toEqual([]);
    },
  );
});

describeWithStrace('a disk that is full for a while', () => {
  test(
    'is answered with 452; the server goes on, and takes mail when there is space again',
    patience,
    async () => {
      const { installation, ledger, verdict } = await setUp();
      const server = installation.serve({ wrapper: straceWith('pwrite64:error=ENOSPC:when=120..160') });
      await server.listening();
      await postAll({ ledger, port: async () => server.smtpPort, senders: 3, posts: 30, lists: ['birds'] });
      const replies = [...ledger.posts.values()].flatMap((post) => post.replies);
      expect(replies.some((reply) => reply.startsWith('452 4.3.1'))).toBe(true);
      expect(replies.filter((reply) => !/^(250|452)/.test(reply))).toEqual([]);
      await installation.look(everythingSent);
      server.signal('SIGTERM');
      expect((await server.ended()).status).toBe(0);
      expect(await verdict({ allowedRepeats: 0 })).toEqual([]);
    },
  );
});

describe.skipIf(!mayMount())('a file system that is really full', () => {
  test('refuses mail until there is room, and loses nothing', patience, async () => {
    const dataDir = smallFileSystem('24m');
    const { installation, ledger, verdict } = await setUp({ dataDir, databaseUrl: 'sqlite:listwright.db' });
    const server = installation.serve();
    await server.listening();
    const post = (posts: number) =>
      postAll({ ledger, port: async () => server.smtpPort, senders: 2, posts, lists: ['birds'] });
    await post(10);
    const filler = join(dataDir, 'filler');
    fill(filler);
    const refused = server.logs('a mail must wait').then(() => rmSync(filler));
    await post(10);
    await refused;
    const replies = [...ledger.posts.values()].flatMap((entry) => entry.replies);
    expect(replies.filter((reply) => !/^(250|452 4\.3\.1)/.test(reply))).toEqual([]);
    await installation.look(everythingSent);
    server.signal('SIGTERM');
    expect((await server.ended()).status).toBe(0);
    expect(await verdict({ allowedRepeats: 0 })).toEqual([]);
  });

  test('keeps no server from starting: it takes mail as soon as there is room', patience, async () => {
    const dataDir = smallFileSystem('24m');
    const { installation, ledger, verdict } = await setUp({ dataDir, databaseUrl: 'sqlite:listwright.db' });
    const before = installation.serve();
    await before.listening();
    const post = (server: ServerProcess) =>
      postAll({ ledger, port: async () => server.smtpPort, senders: 2, posts: 10, lists: ['birds'] });
    await post(before);
    await installation.look(everythingSent);
    const filler = join(dataDir, 'filler');
    fill(filler);
    before.signal('SIGKILL');
    await before.ended();
    const server = installation.serve();
    expect(await server.listening()).toBe(true);
    const refused = server.logs('a mail must wait').then(() => rmSync(filler));
    await Promise.all([post(server), refused]);
    await installation.look(everythingSent);
    server.signal('SIGTERM');
    expect((await server.ended()).status).toBe(0);
    expect(await verdict({ allowedRepeats: 0 })).toEqual([]);
  });

  test('is not waited for: below limits.min_free_disk mail is refused at MAIL', patience, async () => {
    const dataDir = smallFileSystem('24m');
    const { installation } = await setUp({
      dataDir,
      databaseUrl: 'sqlite:listwright.db',
      settings: { 'limits.min_free_disk': '"8 MiB"' },
    });
    const server = installation.serve();
    await server.listening();
    expect(await postOnce(server.smtpPort, { messageId: '1@client.example', list: 'birds' })).toMatch(/^250/);
    writeFileSync(join(dataDir, 'filler'), Buffer.alloc(16 * 1024 * 1024));
    let reply: string | undefined = '250';
    // The answer of the file system is believed for a second.
    for (let i = 2; reply?.startsWith('250'); i++)
      reply = await postOnce(server.smtpPort, { messageId: `${i}@client.example`, list: 'birds' });
    expect(reply).toMatch(/^452 4\.3\.1/);
    rmSync(join(dataDir, 'filler'));
  });
});

async function setUp(options: Partial<Parameters<typeof install>[0]> = {}) {
  const sink = await openSink();
  const installation: Installation = await install({ smarthost: sink.url, ...options });
  await installation.look((store) => makeLists(store, lists));
  const ledger = createLedger();
  return {
    installation,
    ledger,
    verdict: (bound?: { allowedRepeats: number }) =>
      installation.look((store) => judge({ ledger, sink, store }, bound)),
  };
}

/** Root may, unless a container takes that away. */
function mayMount(): boolean {
  return spawnSync('unshare', ['--mount', 'true']).status === 0;
}

function smallFileSystem(size: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'listwright-small-'));
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'none', folder]);
  onTestFinished(() => {
    execFileSync('umount', [folder]);
    rmSync(folder, { recursive: true });
  });
  return folder;
}

/** Writes until there is no space left. */
function fill(file: string): void {
  for (let size = 1 << 20; size >= 1; size >>= 1) {
    try {
      for (;;) writeFileSync(file, Buffer.alloc(size), { flag: 'a' });
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'ENOSPC')) throw error;
    }
  }
}
