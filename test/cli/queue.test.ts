import { describe, expect, test } from 'vitest';
import { hasGrowing } from '../../src/store/fan-out.ts';
import { settleDeliveries } from '../../src/store/settle.ts';
import { type CliResult, opening, runCommandLine } from '../support/command-line.ts';
import { createDesk, type Desk } from '../support/desk.ts';
import { lastDelivery, refuse } from '../support/failures.ts';
import { deliverOne, proved, takeOutbox } from '../support/letterbox.ts';
import { onEachEngine, type TestEngine } from '../support/stores.ts';

interface Site {
  readonly desk: Desk;
  run(...words: string[]): Promise<CliResult>;
  /** Its JSON document. */
  json(...words: string[]): Promise<unknown>;
  id(email: string): Promise<number>;
}

const hour = 3_600_000;
const bo = 'bo@example.net';
const cy = 'cy@example.com';
const di = 'di@example.com';

/** A command line on a site whose list `birds` has three members and one post; nothing of it has been sent. */
async function site(engine: TestEngine): Promise<Site> {
  const desk = createDesk(await engine.freshStore());
  const openOperations = opening(desk);
  const run = (...words: string[]) => runCommandLine(words, { openOperations });
  await run('list', 'create', 'birds', '--owner', 'olga@example.org');
  for (const email of [bo, cy, di]) await run('member', 'add', 'birds', email);
  await takeOutbox(desk);
  await deliverOne(desk, {
    from: 'olga@example.org',
    to: 'birds@lists.example.org',
    subject: 'Nests',
    checks: proved,
  });
  return {
    desk,
    run,
    json: async (...words) => JSON.parse((await run(...words, '--json')).stdout),
    id: async (email) => (await lastDelivery(desk, email)).id,
  };
}

/** As the worker settles an attempt that the other side put off. */
async function putOff({ desk, id }: Site, email: string): Promise<void> {
  const one = { kind: 'deferred', id: await id(email), code: 451, reply: '4.3.0 Later' } as const;
  await settle(desk, { ...one, nextAt: desk.now + hour, unanswered: false });
}

async function settle(desk: Desk, ...settlements: Parameters<typeof settleDeliveries>[1]): Promise<void> {
  await desk.store.write(async (tx) => {
    const ids = settlements.map(({ id }) => id);
    await tx.updateTable('deliveries').set({ state: 'claimed' }).where('id', 'in', ids).execute();
    await settleDeliveries(tx, settlements, desk.now);
  });
}

onEachEngine((engine) => {
  describe('queue cancel', () => {
    test.each<[string, readonly string[], string]>([
      ['what waits of a list', ['--list', 'birds'], 'Cancelled: 4 deliveries.\n'],
      ['all that waits', ['--all'], 'Cancelled: 4 deliveries.\n'],
      ['nothing of another list', ['--list', 'bats'], 'Nothing waits.\n'],
    ])('takes out %s', async (_, which, said) => {
      const { run, desk } = await site(engine);
      await run('list', 'create', 'bats', '--owner', 'olga@example.org');
      await takeOutbox(desk);
      // A fan-out that has not come to its end.
      await desk.store.write((tx) =>
        tx.updateTable('mailings').set({ fan_out_cursor: 1 }).where('kind', '=', 'post').execute(),
      );
      expect((await run('queue', 'cancel', ...which, '--yes')).stdout).toBe(said);
      const left = await desk.store.read((db) =>
        db.selectFrom('deliveries').select('id').where('state', '=', 'queued').execute(),
      );
      const more = await desk.store.read(hasGrowing);
      expect([left.length, more]).toEqual(said === 'Nothing waits.\n' ? [4, true] : [0, false]);
    });

    test('takes out those that are named, and says which', async () => {
      const { run, id, json } = await site(engine);
      expect((await run('queue', 'cancel', `${await id(bo)}`, '--yes')).stdout).toBe(
        `Cancelled: ${await id(bo)}.\n`,
      );
      expect(await json('queue', 'cancel', `${await id(cy)}`, '--yes')).toEqual({
        count: 1,
        cancelled: [await id(cy)],
      });
      const { status, stderr } = await run('queue', 'cancel', `${await id(bo)}`, '--yes');
      expect([status, stderr]).toEqual([
        1,
        'listwright: None of these deliveries waits: they are final, being sent, or unknown.\n',
      ]);
    });

    test('says of which it could not, of retry, too, and does the others', async () => {
      const { run, id } = await site(engine);
      const [first, second] = [await id(bo), await id(cy)];
      await run('queue', 'cancel', `${first}`, '--yes');
      expect(await run('queue', 'cancel', `${first}`, `${second}`, '--yes')).toEqual({
        status: 1,
        stdout: `Cancelled: ${second}.\n`,
        stderr: `listwright: ${first} does not wait: it is final, being sent, or unknown.\n`,
      });
      const third = await id(di);
      expect(await run('queue', 'retry', `${first}`, `${third}`, `${third}`)).toEqual({
        status: 1,
        stdout: '1 delivery is tried now.\n',
        stderr: 'listwright: 1 of these 2 neither waits nor has failed.\n',
      });
    });

    test.each([[[]], [['1', '--all']], [['--all', '--list', 'birds']]])(
      '%j is a wrong use',
      async (words) => {
        const { run } = await site(engine);
        const { status, stderr } = await run('queue', 'cancel', ...words, '--yes');
        expect([status, stderr]).toEqual([
          2,
          expect.stringMatching(
            /^listwright: Name deliveries, or a list with --list, or everything with --all: one of the three\./,
          ),
        ]);
      },
    );
  });

  describe('queue ls', () => {
    test('counts, and says how to see what failed', async () => {
      const { run, desk } = await site(engine);
      await refuse(desk, bo, '550 5.1.1 No such user');
      const { stdout } = await run('queue', 'ls');
      expect(stdout).toMatch(/^queued +3$/m);
      expect(stdout).toMatch(/^failed +1 \(“queue ls --failed” names them\)$/m);
      expect(stdout).toMatch(/^oldest +2026-11-21 12:00$/m);
    });

    test('names single deliveries, so that “show”, “retry” and “cancel” can be told which', async () => {
      const given = await site(engine);
      await refuse(given.desk, bo, '550 5.1.1 No such user');
      const id = await given.id(bo);
      const [, line] = (await given.run('queue', 'ls', '--failed')).stdout.split('\n');
      expect(line?.trim().split(/ {2,}/)).toEqual([
        `${id}`,
        'birds@lists.example.org',
        bo,
        'failed',
        '1',
        '-',
        '550 5.1.1 No such user',
      ]);
      expect(await given.json('queue', 'ls', '--failed')).toEqual([
        {
          id,
          list: 'birds@lists.example.org',
          recipient: bo,
          kind: 'post',
          state: 'failed',
          attempts: 1,
          nextAt: null,
          finalAt: '2026-11-21T12:00:00.000Z',
          lastReply: '550 5.1.1 No such user',
        },
      ]);
      expect((await given.run('queue', 'show', `${id}`)).status).toBe(0);
    });

    test.each<[string, string[], string[]]>([
      ['what failed', ['--failed'], [bo]],
      ['what waits for its next attempt', ['--deferred'], [cy]],
      ['both, newest first', ['--deferred', '--failed'], [cy, bo]],
      ['all that has not arrived', ['--list', 'birds'], [di, cy, bo, 'olga@example.org']],
      ['nothing of another list', ['--list', 'fish'], []],
      ['a domain', ['--domain', 'Example.com'], [di, cy]],
      ['what failed in a domain where nothing did', ['--failed', '--domain', 'example.com'], []],
      ['the newest', ['--list', 'birds', '--limit', '1'], [di]],
    ])('%s', async (_, options, expected) => {
      const given = await site(engine);
      await given.run('list', 'create', 'fish', '--owner', 'olga@example.org');
      await takeOutbox(given.desk);
      await refuse(given.desk, bo, '550 5.1.1 No such user');
      await putOff(given, cy);
      const lines = (await given.json('queue', 'ls', ...options)) as { recipient: string }[];
      expect(lines.map(({ recipient }) => recipient)).toEqual(expected);
    });

    test.each(['0', '1001', 'all'])('--limit %s is told what is allowed', async (limit) => {
      const { status, stderr } = await (await site(engine)).run('queue', 'ls', '--limit', limit);
      expect(status).toBe(2);
      expect(stderr).toContain('It is a number from 1 to 1000.');
    });

    test('says what the next page is, and that there is nothing', async () => {
      const { run, json } = await site(engine);
      const first = await run('queue', 'ls', '--list', 'birds', '--limit', '3');
      const before = /--before (\d+)/.exec(first.stderr)?.[1] ?? '';
      const rest = await run('queue', 'ls', '--list', 'birds', '--limit', '3', '--before', before);
      expect(rest.stdout).toContain('olga@example.org');
      expect(rest.stderr).toBe('');
      expect(await run('queue', 'ls', '--failed')).toEqual({
        status: 0,
        stdout: '',
        stderr: 'There is no such delivery.\n',
      });
      expect(await json('queue', 'ls', '--failed')).toEqual([]);
    });
  });

  describe('queue show', () => {
    test('tells each attempt, and at last that it was sent', async () => {
      const given = await site(engine);
      const { desk, run, json } = given;
      const id = await given.id(cy);
      await putOff(given, cy);
      desk.now += hour;
      await settle(desk, { kind: 'sent', id, code: 250, reply: '2.0.0 Ok: queued as 4D1' });
      expect((await run('queue', 'show', `${id}`)).stdout).toBe(
        `${[
          `delivery          ${id}`,
          'to                cy@example.com',
          'list              birds@lists.example.org',
          'mail              post 1: Nests',
          'state             sent: the next mail server has taken it',
          'attempts          2',
          'queued            2026-11-21 12:00',
          '2026-11-21 12:00  deferred: 451 4.3.0 Later',
          '2026-11-21 13:00  sent: 250 2.0.0 Ok: queued as 4D1',
        ].join('\n')}\n`,
      );
      expect(await json('queue', 'show', `${id}`)).toMatchObject({
        id,
        list: 'birds@lists.example.org',
        postId: 1,
        number: 1,
        state: 'sent',
        nextAt: null,
        finalAt: '2026-11-21T13:00:00.000Z',
        bounces: false,
        log: [
          { at: '2026-11-21T12:00:00.000Z', outcome: 'deferred', code: 451, reply: '4.3.0 Later' },
          { at: '2026-11-21T13:00:00.000Z', outcome: 'sent', code: 250, reply: '2.0.0 Ok: queued as 4D1' },
        ],
      });
    });

    test('says what holds up one that was never tried', async () => {
      const { desk, run, id } = await site(engine);
      await desk.store.write((tx) =>
        tx
          .updateTable('deliveries')
          .set({ state: 'deferred', next_at: desk.now + hour, last_reply: 'Connection refused' })
          .where('recipient', '=', bo)
          .execute(),
      );
      const { stdout } = await run('queue', 'show', `${await id(bo)}`);
      expect(stdout).toMatch(/^state +deferred: waits for its next attempt$/m);
      expect(stdout).toMatch(/^next +2026-11-21 13:00$/m);
      expect(stdout).toMatch(/^gives up +2026-11-24 12:00$/m);
      expect(stdout).toMatch(/^said last +Connection refused$/m);
      expect(stdout).not.toContain('bounce show');
    });
  });

  describe('queue retry', () => {
    test('uses up nothing of the schedule, however often it is asked for', async () => {
      const given = await site(engine);
      await putOff(given, cy);
      for (let i = 0; i < 3; i++) {
        await given.run('queue', 'retry', `${await given.id(cy)}`);
        await putOff(given, cy);
      }
      expect(await given.json('queue', 'show', `${await given.id(cy)}`)).toMatchObject({
        attempts: 1,
        log: { length: 4 },
      });
    });

    test.each([
      ['all of it', (): string[] => [], '4 deliveries are tried now.\n'],
      ['those of a list', () => ['--list', 'birds'], '4 deliveries are tried now.\n'],
      ['one that is named', (id: number) => [`${id}`], '1 delivery is tried now.\n'],
    ])('counts what is due and waits for a server that takes nothing: %s', async (_, words, said) => {
      const { run, id } = await site(engine);
      expect((await run('queue', 'retry', ...words(await id(bo)))).stdout).toBe(said);
    });

    test('says that the queue is paused, or that nothing waits', async () => {
      const { run, desk, id } = await site(engine);
      await run('queue', 'pause');
      expect((await run('queue', 'retry', `${await id(bo)}`)).stdout).toBe(
        '1 delivery is tried after “queue resume”. Until then nothing is sent: paused by operator:cli.\n',
      );
      await takeOutbox(desk);
      await desk.store.write((tx) => tx.updateTable('deliveries').set({ state: 'sent' }).execute());
      expect((await run('queue', 'retry')).stdout).toBe('Nothing waits.\n');
    });
  });
});
