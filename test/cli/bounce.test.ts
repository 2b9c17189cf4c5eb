import { describe, expect, test } from 'vitest';
import { tendAiling } from '../../src/operations/bounces/tend-ailing.ts';
import { type CliResult, noArchives, noExamining, runCommandLine } from '../support/command-line.ts';
import { createDesk, type Desk } from '../support/desk.ts';
import { refuse } from '../support/failures.ts';
import { deliverOne, proved } from '../support/letterbox.ts';
import { noDkim } from '../support/no-dkim.ts';
import { sqlite } from '../support/stores.ts';

type Run = (...words: string[]) => Promise<CliResult>;
const day = 86_400_000;

/** A command line on a site whose list `birds` has Bo, whose server has refused so many posts, one a day. */
async function site(refusals: number, reply = '550 5.1.1 No such user'): Promise<{ run: Run; desk: Desk }> {
  const desk = createDesk(await sqlite.freshStore());
  const openOperations = async () => ({
    ...desk,
    archives: noArchives,
    examine: noExamining,
    dkim: noDkim,
    close: async () => {},
  });
  const run: Run = (...words) => runCommandLine(words, { openOperations });
  await run('list', 'create', 'birds', '--owner', 'olga@example.com');
  await run('member', 'add', 'birds', 'bo@example.net');
  for (let i = 0; i < refusals; i++) {
    if (i > 0) desk.now += day;
    await deliverOne(desk, {
      from: 'olga@example.com',
      to: 'birds@lists.example.org',
      subject: 'Nests',
      checks: proved,
    });
    await refuse(desk, 'bo@example.net', reply);
  }
  await desk.operate(tendAiling, {});
  return { run, desk };
}

describe('bounce ls', () => {
  test('says that nothing fails', async () => {
    const { run } = await site(0);
    expect(await run('bounce', 'ls')).toEqual({
      status: 0,
      stdout: '',
      stderr: 'No mail to anybody fails.\n',
    });
  });

  test('names who does not get their mail, why, and what happens next', async () => {
    const { run } = await site(3);
    expect((await run('bounce', 'ls')).stdout).toMatch(
      /^bo@example\.net +3 +suspended +gone +2026-11-21 12:00 +probe 2026-11-26 12:00 +550 5\.1\.1 No such user$/m,
    );
    expect(JSON.parse((await run('bounce', 'ls', 'birds', '--json')).stdout)).toEqual([
      {
        email: 'bo@example.net',
        state: 'suspended',
        score: 3,
        class: 'gone',
        said: '550 5.1.1 No such user',
        since: '2026-11-21T12:00:00.000Z',
        last: '2026-11-23T12:00:00.000Z',
        suspended: '2026-11-23T12:00:00.000Z',
        probes: 1,
        next: { step: 'probe', at: '2026-11-26T12:00:00.000Z' },
      },
    ]);
  });
});

test('bounce show tells the story, line by line', async () => {
  const { run } = await site(2, '552 5.2.2 Mailbox full');
  const { stdout } = await run('bounce', 'show', 'Bo@Example.net');
  expect(stdout).toBe(
    `${[
      'address           bo@example.net',
      'state             watched',
      'score             0.5',
      'class             full',
      'said              552 5.2.2 Mailbox full',
      'since             2026-11-21 12:00',
      'next              nothing by itself',
      'list              birds@lists.example.org (member, active)',
      '2026-11-22 12:00  full · +0.25 · birds@lists.example.org · 552 5.2.2 Mailbox full',
      '2026-11-21 12:00  full · +0.25 · birds@lists.example.org · 552 5.2.2 Mailbox full',
    ].join('\n')}\n`,
  );
});

test('bounce reset lets the posts flow again, once', async () => {
  const { run } = await site(3);
  expect((await run('member', 'show', 'birds', 'bo@example.net')).stdout).toMatch(
    /^bounces +suspended, score 3: 550 5\.1\.1 No such user$/m,
  );
  expect((await run('bounce', 'reset', 'bo@example.net')).stdout).toBe(
    'Nothing is held against bo@example.net any more: it gets its posts.\n',
  );
  expect((await run('member', 'show', 'birds', 'bo@example.net')).stdout).not.toContain('bounces');
  expect((await run('member', 'ls', 'birds')).stdout).toMatch(/^bo@example\.net .*active/m);
  expect(await run('bounce', 'reset', 'bo@example.net')).toMatchObject({
    status: 1,
    stderr: expect.stringContaining('Nothing is held against bo@example.net.'),
  });
});
