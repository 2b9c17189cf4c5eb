import { describe, expect, test } from 'vitest';
import { tendAiling } from '../../src/operations/bounces/tend-ailing.ts';
import { confirm } from '../../src/operations/requests/confirm.ts';
import { type CliResult, opening, runCommandLine } from '../support/command-line.ts';
import { createDesk, type Desk } from '../support/desk.ts';
import { lastDelivery, refuse } from '../support/failures.ts';
import { deliverOne, proved, takeOutbox, tokenIn } from '../support/letterbox.ts';
import { sqlite } from '../support/stores.ts';

type Run = (...words: string[]) => Promise<CliResult>;
const day = 86_400_000;

/** A command line on a site whose list `birds` has Bo, whose server has refused so many posts, one a day. */
async function site(refusals: number, reply = '550 5.1.1 No such user'): Promise<{ run: Run; desk: Desk }> {
  const desk = createDesk(await sqlite.freshStore());
  const openOperations = opening(desk);
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
      /^bo@example\.net +3 +suspended +gone +2026-11-21 12:00 +probe 2026-11-26 12:00 +2026-12-14 +550 5\.1\.1 No such user$/m,
    );
    expect(JSON.parse((await run('bounce', 'ls', 'birds', '--json')).stdout).addresses).toEqual([
      {
        email: 'bo@example.net',
        state: 'suspended',
        points: 3,
        class: 'gone',
        said: '550 5.1.1 No such user',
        firstAt: '2026-11-21T12:00:00.000Z',
        lastAt: '2026-11-23T12:00:00.000Z',
        suspendedAt: '2026-11-23T12:00:00.000Z',
        probes: 1,
        next: { step: 'probe', at: '2026-11-26T12:00:00.000Z' },
        leavesAt: '2026-12-14T12:00:00.000Z',
      },
    ]);
  });
});

test('bounce show tells the story, line by line', async () => {
  const { run, desk } = await site(2, '552 5.2.2 Mailbox full');
  const { id } = await lastDelivery(desk, 'bo@example.net');
  const { stdout } = await run('bounce', 'show', 'Bo@Example.net');
  expect(stdout).toBe(
    `${[
      'address           bo@example.net',
      'state             watched',
      'points            0.5; from 3 on it gets no posts',
      'class             full',
      'said              552 5.2.2 Mailbox full',
      'since             2026-11-21 12:00',
      'next              nothing by itself',
      'list              birds@lists.example.org (member, active)',
      `2026-11-22 12:00  refused (full), counts 0.25 · birds@lists.example.org · delivery ${id} · 552 5.2.2 Mailbox full`,
      `2026-11-21 12:00  refused (full), counts 0.25 · birds@lists.example.org · delivery ${id - 2} · 552 5.2.2 Mailbox full`,
    ].join('\n')}\n`,
  );
});

test('bounce show says of the delivery it names what “queue show” knows', async () => {
  const { run } = await site(1);
  const id = /delivery (\d+)/.exec((await run('bounce', 'show', 'bo@example.net')).stdout)?.[1] ?? '';
  const { stdout } = await run('queue', 'show', id);
  expect(stdout).toMatch(/^to +bo@example\.net$/m);
  expect(stdout).toMatch(/^bounces +“bounce show bo@example\.net” tells all that failed there/m);
});

test('what a refused welcome counts is what it adds: all three points', async () => {
  const { run, desk } = await site(0);
  await deliverOne(desk, { from: 'cy@example.com', to: 'birds-join@lists.example.org' });
  const token = tokenIn((await takeOutbox(desk)).at(-1));
  await desk.perform(confirm, { kind: 'holder', of: 'test' }, { token });
  await refuse(desk, 'cy@example.com', '550 5.1.1 No such user');
  const { stdout } = await run('bounce', 'show', 'cy@example.com');
  expect(stdout).toMatch(/^points +3; from 3 on it gets no posts$/m);
  expect(stdout).toMatch(/refused \(gone\), counts 3 · birds/);
});

test('an owner does not leave: there is no day for it', async () => {
  const { run, desk } = await site(0);
  for (let i = 0; i < 3; i++) {
    await deliverOne(desk, {
      from: 'olga@example.com',
      to: 'birds@lists.example.org',
      subject: 'Nests',
      checks: proved,
    });
    await refuse(desk, 'olga@example.com', '550 5.1.1 No such user');
    desk.now += day;
  }
  await desk.operate(tendAiling, {});
  expect((await run('bounce', 'show', 'olga@example.com')).stdout).not.toContain('leaves');
  expect(JSON.parse((await run('bounce', 'ls', '--json')).stdout)).toMatchObject({
    addresses: [{ email: 'olga@example.com', state: 'suspended', leavesAt: null }],
    refusedPosts: [],
  });
});

test('bounce reset lets the posts flow again, once', async () => {
  const { run } = await site(3);
  expect((await run('member', 'show', 'birds', 'bo@example.net')).stdout).toMatch(
    /^bounces +suspended, 3 points: 550 5\.1\.1 No such user$/m,
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
