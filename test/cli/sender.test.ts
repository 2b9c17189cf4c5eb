import { describe, expect, test } from 'vitest';
import { describeWho } from '../../src/cli/who-words.ts';
import { setSenderRule } from '../../src/operations/rules/set-sender-rule.ts';
import { type CliResult, opening, runCommandLine } from '../support/command-line.ts';
import { createDesk, type Desk } from '../support/desk.ts';
import { deliver } from '../support/letterbox.ts';
import { sqlite } from '../support/stores.ts';

type Run = (...words: string[]) => Promise<CliResult>;

/** A command line on a site of its own, with the list `birds` of Olga. */
async function site(): Promise<{ run: Run; desk: Desk }> {
  const desk = createDesk(await sqlite.freshStore());
  const openOperations = opening(desk);
  const run: Run = (...words) => runCommandLine(words, { openOperations });
  await run('list', 'create', 'birds', '--owner', 'olga@example.com');
  return { run, desk };
}

const birds = 'birds@lists.example.org';

describe('sender', () => {
  test('a decision is made, changed, listed and taken back', async () => {
    const { run } = await site();
    expect((await run('sender', 'hold', 'birds', 'Bob@Example.NET')).stdout).toBe(
      `bob@example.net is held for a moderator of ${birds} from now on.\n`,
    );
    expect((await run('sender', 'discard', 'birds', 'bob@example.net')).stdout).toBe(
      `bob@example.net is banned from ${birds} from now on (before: hold).\n`,
    );
    expect((await run('sender', 'ls', 'birds')).stdout).toMatch(
      /^birds@lists\.example\.org +bob@example\.net +discard +the operator +2026-11-21 12:00$/m,
    );
    expect((await run('sender', 'forget', 'birds', 'bob@example.net')).stdout).toBe(
      `Forgotten for ${birds}: discard bob@example.net.\n`,
    );
    expect(await run('sender', 'ls')).toEqual({
      status: 0,
      stdout: '',
      stderr: 'Nothing was decided about any sender.\n',
    });
  });

  test('the whole site has its own', async () => {
    const { run } = await site();
    await run('sender', 'reject', '--site', '*@spam.example');
    await run('sender', 'allow', 'birds', '/^bot-/');
    const all = [
      {
        list: null,
        pattern: '*@spam.example',
        action: 'reject',
        createdBy: 'operator:cli',
        createdAt: '2026-11-21T12:00:00.000Z',
      },
      {
        list: birds,
        pattern: '/^bot-/',
        action: 'allow',
        createdBy: 'operator:cli',
        createdAt: '2026-11-21T12:00:00.000Z',
      },
    ];
    expect(JSON.parse((await run('sender', 'ls', '--json')).stdout)).toEqual(all);
    expect(JSON.parse((await run('sender', 'ls', '--site', '--json')).stdout)).toEqual([all[0]]);
    expect(JSON.parse((await run('sender', 'ls', 'birds', '--json')).stdout)).toEqual([all[1]]);
  });

  test.each([
    ['too few words', ['sender', 'hold', 'bob@example.net'], 2, /write LIST PATTERN, or --site PATTERN/],
    [
      'too many words',
      ['sender', 'hold', '--site', 'birds', 'bob@example.net'],
      2,
      /write LIST PATTERN, or --site PATTERN/,
    ],
    ['a list and --site', ['sender', 'ls', 'birds', '--site'], 2, /not both/],
    ['no such list', ['sender', 'hold', 'fish', 'bob@example.net'], 1, /There is no list "fish"/],
    ['a name alone', ['sender', 'hold', 'birds', 'example.net'], 1, /write \*@example\.net for everybody/],
    ['a broken pattern', ['sender', 'hold', 'birds', '/(/'], 1, /it is no pattern: missing closing \)/],
    [
      'nothing to forget',
      ['sender', 'forget', 'birds', 'bob@example.net'],
      1,
      /Nothing was decided about bob/,
    ],
    ['an owner', ['sender', 'discard', 'birds', 'olga@example.com'], 1, /looks after/],
  ] as const)('says what is wrong: %s', async (_, words, status, sentence) => {
    const { run } = await site();
    const said = await run(...words);
    expect([said.status, said.stdout]).toEqual([status, '']);
    expect(said.stderr).toMatch(sentence);
  });

  test('--dry-run says which posts it would have been about, and changes nothing', async () => {
    const { run, desk } = await site();
    await run('list', 'set', 'birds', 'post=anyone');
    for (const name of ['promo-1', 'bob', 'promo-2'])
      await deliver(desk, { from: `${name}@example.net`, to: birds, subject: name, text: 'Hello' });
    await desk.operate(setSenderRule, { list: 'birds', pattern: 'promo-2@example.net', action: 'allow' });
    const said = await run('sender', 'hold', 'birds', '/^promo-/', '--dry-run');
    expect(said.stdout).toMatch(/promo-1@example\.net +promo-1/);
    expect(said.stdout).not.toMatch(/promo-2|bob/);
    expect(said.stderr).toBe(
      '1 of the last 3 posts would have been held by /^promo-/. Nothing was changed.\n',
    );
    expect((await run('sender', 'ls')).stdout).not.toContain('/^promo-/');
  });

  test('a pattern does no harm to the terminal', async () => {
    const { run } = await site();
    const said = await run('sender', 'forget', 'birds', '/\u001b[2J\u202e<script>/');
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what we look for.
    expect(said.stderr).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u202e]/);
  });
});

test.each([
  ['operator:cli', 'the operator'],
  ['operator:mail', 'the operator, by mail'],
  ['verified:ana@example.org', 'ana@example.org'],
  ['system', 'the program itself'],
])('whoever decided is named in words: %s', (described, words) => {
  expect(describeWho(described)).toBe(words);
});

describe('header', () => {
  test('a decision is made, listed and taken back', async () => {
    const { run } = await site();
    expect((await run('header', 'hold', 'birds', 'Subject', '/\\bcasino\\b/i')).stdout).toBe(
      `Posts to ${birds} with \\bcasino\\b in subject are held from now on.\n`,
    );
    expect(JSON.parse((await run('header', 'ls', '--json')).stdout)).toEqual([
      {
        list: birds,
        field: 'subject',
        pattern: '\\bcasino\\b',
        action: 'hold',
        createdBy: 'operator:cli',
        createdAt: '2026-11-21T12:00:00.000Z',
      },
    ]);
    expect((await run('header', 'forget', 'birds', 'SUBJECT', '\\bcasino\\b')).stdout).toBe(
      `Forgotten for ${birds}: hold subject \\bcasino\\b.\n`,
    );
    expect((await run('header', 'ls')).stderr).toBe('Nothing was decided about any header field.\n');
  });

  test('--dry-run says which posts it would have been about, and changes nothing', async () => {
    const { run, desk } = await site();
    await run('list', 'set', 'birds', 'post=anyone');
    const letter = { from: 'bob@example.net', to: birds, text: 'Hello' };
    for (const subject of ['=?utf-8?q?Casino_f=C3=BCr_V=C3=B6gel?=', 'Nests', 'Casinos'])
      await deliver(desk, { ...letter, subject });
    await deliver(desk, { ...letter, subject: 'Eggs', headers: ['X-Subject: casino'] });
    const said = await run('header', 'hold', 'birds', 'SUBJECT', '/\\bcasino\\b/i', '--dry-run');
    expect(said.stdout).toMatch(/bob@example\.net +Casino für Vögel/);
    expect(said.stdout).not.toMatch(/Nests|Casinos|Eggs/);
    expect(said.stderr).toBe(
      '1 of the last 4 posts would have been held by subject \\bcasino\\b. Nothing was changed.\n',
    );
    expect((await run('header', 'reject', '--site', 'X-None', '.', '--dry-run')).stderr).toBe(
      'None of the last 4 posts is about x-none ..\n',
    );
    expect((await run('header', 'ls')).stderr).toBe('Nothing was decided about any header field.\n');
  });

  test.each([
    ['a field with a colon', ['header', 'hold', 'birds', 'Subject:', 'x'], /a name such as Subject/],
    ['no pattern', ['header', 'hold', 'birds', 'Subject', '//'], /at least one character/],
    ['looking ahead', ['header', 'hold', 'birds', 'Subject', '(?=x)'], /looking ahead or back/],
  ] as const)('says what is wrong: %s', async (_, words, sentence) => {
    const { run } = await site();
    const said = await run(...words);
    expect(said.status).toBe(1);
    expect(said.stderr).toMatch(sentence);
  });
});
