import { describe, expect, test } from 'vitest';
import { setList } from '../../src/operations/lists/set-list.ts';
import { type CliResult, opening, runCommandLine } from '../support/command-line.ts';
import { createDesk, type Desk } from '../support/desk.ts';
import { deliverOne, takeOutbox } from '../support/letterbox.ts';
import { sqlite } from '../support/stores.ts';

type Run = (...words: string[]) => Promise<CliResult>;

/** A list `birds` of Olga, where the posts of Bo wait. */
async function site(stdin = ''): Promise<{ run: Run; desk: Desk }> {
  const desk = createDesk(await sqlite.freshStore());
  const openOperations = opening(desk);
  const run: Run = (...words) => runCommandLine(words, { openOperations, stdin });
  await run('list', 'create', 'birds', '--owner', 'olga@example.com');
  await run('member', 'add', 'birds', 'bo@example.org');
  await desk.operate(setList, { list: 'birds', changes: { moderated: 'true' } });
  for (const subject of ['Nests', 'Ospreys']) {
    await deliverOne(desk, {
      from: 'Bo <bo@example.org>',
      to: 'birds@lists.example.org',
      subject,
      text: 'Three eggs.',
      checks: {
        identity: { class: 'verified', why: 'SPF of example.org matches', policy: 'none', temporary: false },
      },
    });
  }
  await takeOutbox(desk);
  return { run, desk };
}

describe('held', () => {
  test('ls names what waits, whether its author is proved, and who is looking into it', async () => {
    const { run } = await site();
    await run('held', 'claim', '2');
    const [first, second, ...others] = JSON.parse((await run('held', 'ls', '--json')).stdout);
    expect(first).toEqual({
      id: 1,
      list: 'birds@lists.example.org',
      from: 'Bo <bo@example.org>',
      author: 'bo@example.org',
      subject: 'Nests',
      identity: { class: 'verified', why: 'SPF of example.org matches' },
      reasons: [{ rule: 'moderated', why: 'every post to this list is read by a moderator first' }],
      spam: false,
      claim: null,
      heldAt: '2026-11-21T12:00:00.000Z',
      expiresAt: '2026-12-05T12:00:00.000Z',
    });
    expect(second).toMatchObject({
      id: 2,
      claim: { by: 'operator:cli', at: '2026-11-21T12:00:00.000Z' },
    });
    expect(others).toEqual([]);
    expect((await run('held', 'ls')).stdout).toContain(
      'the operator of this site has been looking into it since 12:00 (UTC)',
    );
    expect((await run('held', 'ls')).stdout).toMatch(
      /^ *1 +birds@lists\.example\.org +Bo .* +verified +Nests/m,
    );
    await run('held', 'claim', '--release', '2');
    expect((await run('held', 'ls')).stdout).not.toContain('looking into it');
  });

  test('ls --spam names what nobody is told of', async () => {
    const { run, desk } = await site();
    await desk.store.write((tx) => tx.updateTable('held').set({ spam: 1 }).where('id', '=', 1).execute());
    const named = async (...options: string[]) =>
      JSON.parse((await run('held', 'ls', 'birds', '--json', ...options)).stdout).map(
        ({ id }: { id: number }) => id,
      );
    expect([await named(), await named('--spam')]).toEqual([[2], [1]]);
  });

  test('show tells who wrote it and what became of it', async () => {
    const { run } = await site();
    await run('held', 'discard', '1');
    const shown = await run('held', 'show', '1');
    expect(shown.stderr).toContain(
      'Really? yes: SPF of example.org matches. Author: member since 21 Nov 2026',
    );
    expect(shown.stderr).toContain('It was discarded by the operator of this site at 12:00 (UTC).');
    expect(shown.stdout).toContain('Three eggs.');
    expect(JSON.parse((await run('held', 'show', '1', '--json')).stdout)).toMatchObject({
      decision: { kind: 'discarded', by: 'operator:cli', at: '2026-11-21T12:00:00.000Z' },
    });
    expect(JSON.parse((await run('held', 'show', '2', '--json')).stdout)).toMatchObject({
      subject: 'Ospreys',
      history: 'member since 21 Nov 2026; this would be the first post',
      decision: null,
    });
  });

  test('approve --allow posts it and lets the author through', async () => {
    const { run } = await site();
    expect((await run('held', 'approve', '1', '2', '--allow')).stdout).toBe(
      'Posted: 1 as post 1, 2 as post 2. Posts of bo@example.org to Birds no longer wait.\n',
    );
  });

  test('approve with another subject and text edits it', async () => {
    const { run, desk } = await site('Two eggs.\n');
    expect((await run('held', 'approve', '1', '--subject', 'A nest', '--text-file', '-')).status).toBe(0);
    const [copy] = await takeOutbox(desk);
    expect(copy).toMatchObject({ subject: 'A nest', from: 'Bo <bo@example.org>' });
    expect(copy?.text.trim()).toBe('Two eggs.');
    expect(copy?.header('X-Moderated-Edit')).toBe('operator');
  });

  test('reject takes a reason by its number, and discard --ban bans', async () => {
    const { run, desk } = await site();
    expect((await run('held', 'reject', '1', '--reason', '1')).stdout).toBe('Rejected: 1 (author told).\n');
    expect((await takeOutbox(desk))[0]?.text).toContain('It is not about what this list is for.');
    expect((await run('held', 'discard', '2', '--ban')).stdout).toBe(
      'Discarded: 2. Whatever bo@example.org writes to Birds is dropped from now on.\n',
    );
    expect((await run('sender', 'ls', 'birds')).stdout).toContain('bo@example.org');
  });
  test('one that is refused keeps up none of the others', async () => {
    const { run } = await site();
    expect(await run('held', 'discard', '9', '1', '2')).toEqual({
      status: 1,
      stdout: 'Discarded: 1, 2.\n',
      stderr:
        'listwright: 1 of these 3 is as before:\n  9: There is no held post 9. “held ls” shows those that wait.\n',
    });
    expect((await run('held', 'discard', '9')).stderr).toBe(
      'listwright: There is no held post 9. “held ls” shows those that wait.\n',
    );
  });
});
