import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSecureContext } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Refusal } from '../../src/domain/refusal.ts';
import { type CliSetting, runCommandLine } from '../support/command-line.ts';

let cwd: string;
beforeAll(() => {
  cwd = mkdtempSync(join(tmpdir(), 'listwright-cli-'));
  writeFileSync(
    join(cwd, 'good.toml'),
    '[delivery]\ntransport = "capture"\nsmarthost = "smtp://anna:geheim@mx.example.org"\n',
  );
  writeFileSync(join(cwd, 'bad.toml'), 'hostname = 5\n[smtp]\nmax_sise = 1\n');
  writeFileSync(join(cwd, 'unset.toml'), '');
});
afterAll(() => rmSync(cwd, { recursive: true }));

const cli = (line: string, setting: CliSetting = {}) => runCommandLine(line.split(' '), { cwd, ...setting });
/** `serve` is the shortest way to let something happen inside a command. */
const served = (what: () => Promise<void>): CliSetting => ({ start: { serve: what, demo: what } });

describe('exit status', () => {
  it.each<[what: string, line: string, status: number, said: RegExp]>([
    ['0 for help', '--help', 0, /Usage: listwright/],
    ['0 for the version', '--version', 0, /^listwright 1\.2\.3\n$/],
    ['2 for an unknown command', 'lisst', 2, /unknown command 'lisst'/],
    ['2 for an unknown verb', 'config chek', 2, /unknown command 'chek'[\s\S]*Did you mean check/],
    ['2 for an unknown option', 'config check --strict', 2, /unknown option '--strict'/],
    ['2 for a missing argument', 'completion', 2, /missing required argument 'shell'/],
    ['2 for a word that is not allowed', 'completion tcsh', 2, /Allowed choices are bash, zsh, fish/],
    ['2 for a noun without its verb', 'config', 2, /check[\s\S]*show[\s\S]*reference/],
    [
      '1 for a configuration that is not there',
      '--config none.toml config show',
      1,
      /none\.toml: there is no such file/,
    ],
    [
      '1 for mistakes in it, all of them',
      '--config bad.toml config show',
      1,
      /bad\.toml:1:1: hostname[\s\S]*bad\.toml:3:1: smtp\.max_sise/,
    ],
    [
      '1 for a server that would send nothing',
      '--config unset.toml serve',
      1,
      /delivery\.transport is not set: nothing would be sent/,
    ],
  ])('%s', async (_, line, status, said) => {
    const result = await cli(line);
    expect(result.status).toBe(status);
    expect(result.stdout + result.stderr).toMatch(said);
    if (status > 0) expect(result.stdout).toBe('');
  });

  it('1 for a refusal, with its sentence and nothing else', async () => {
    const refused = served(() =>
      Promise.reject(new Refusal('exists', 'There is a list birds@lists.example.org already.')),
    );
    expect(await cli('serve', refused)).toEqual({
      status: 1,
      stdout: '',
      stderr: 'listwright: There is a list birds@lists.example.org already.\n',
    });
  });

  it('1 for a bug, with a reference and the whole of it', async () => {
    const { status, stderr } = await cli(
      'serve',
      served(() => Promise.reject(new TypeError('birds is undefined'))),
    );
    expect(status).toBe(1);
    expect(stderr).toMatch(
      /this is a bug, reference [0-9a-f]{8}\..*\n.*report.*\n {2}TypeError: birds is undefined\n {4}/,
    );
  });

  it.each<[what: string, fail: () => Promise<unknown>, said: RegExp]>([
    [
      'a port where nobody is',
      () => connecting(1),
      /^127\.0\.0\.1:1: nothing answers there\. Is it running\?$/,
    ],
    [
      'a file that is not there',
      () => readFile('/nonexistent/a.mbox'),
      /^\/nonexistent\/a\.mbox: there is no such file/,
    ],
    [
      'a sentence of ours around it',
      () => readFile('/nonexistent').catch((cause) => Promise.reject(wrapped(cause))),
      /^cannot listen on 127\.0\.0\.1:25: there is no such file or folder\.$/,
    ],
    ['a broken certificate', async () => createSecureContext({ cert: 'x', key: 'y' }), /no start line/i],
  ])('1 for what the system refuses, with advice instead of a stack: %s', async (_, fail, said) => {
    const { status, stderr } = await cli(
      'serve',
      served(async () => void (await fail())),
    );
    expect(status).toBe(1);
    expect(stderr.replace(/^listwright: /, '').trimEnd()).toMatch(said);
    expect(stderr).not.toContain('this is a bug');
  });
});

function connecting(port: number): Promise<void> {
  return new Promise((_, reject) => connect(port, '127.0.0.1').once('error', reject));
}

function wrapped(cause: Error): Error {
  return new Error(`cannot listen on 127.0.0.1:25: ${cause.message}`, { cause });
}

describe('config', () => {
  it('check says that all is well', async () => {
    const { status, stdout, stderr } = await cli('config check -c good.toml');
    expect([status, stdout, stderr]).toEqual([0, `Nothing is wrong with ${join(cwd, 'good.toml')}.\n`, '']);
  });

  it('check says what is odd, and then not that nothing is wrong', async () => {
    const { status, stdout, stderr } = await cli('config check -c good.toml', {
      env: { LISTWRIGHT_SMTP_LISTEN: 'x' },
    });
    expect([status, stdout]).toEqual([
      0,
      `“serve” would start with ${join(cwd, 'good.toml')}, but look at the warning above first.\n`,
    ]);
    expect(stderr).toMatch(/^warning: LISTWRIGHT_SMTP_LISTEN names no configuration key/);
  });

  it('check tells errors first, then warnings, as the manual has them, and sums up', async () => {
    writeFileSync(
      join(cwd, 'odd.toml'),
      '[direct]\nport = 26\n[delivery]\ntransport = "direct"\n[checks]\nspf_dkim_dmarc = false\n[smtp]\ntls_cert = "x.pem"\n',
    );
    const { status, stdout, stderr } = await cli('config check -c odd.toml', {
      env: { LISTWRIGHT_FOO: 'x' },
    });
    expect([status, stdout]).toEqual([1, '']);
    expect(stderr.split('\n').map((line) => line.split(' ').slice(0, 2).join(' '))).toEqual([
      'error: smtp.tls_key',
      'warning: hostname',
      'warning: domains',
      'warning: base_url',
      'warning: operators',
      'warning: direct.port',
      'warning: checks.spf_dkim_dmarc',
      'warning: LISTWRIGHT_FOO',
      'listwright: “serve”',
      '',
    ]);
    expect(stderr).toMatch(
      /“serve” would not start with \/.*\/odd\.toml: mend the error above, and look at the 7 warnings\.\n$/,
    );
  });

  it('check tells mistakes in the order of the manual, what is no key after those of its table', async () => {
    writeFileSync(
      join(cwd, 'wrong.toml'),
      'nonsense = 1\nhostname = 5\n[nest]\n[web]\nlisten = 7\nlisen = 7\n[smtp]\nmax_sise = 1\nlmtp = 8\n',
    );
    const { status, stderr } = await cli('config check -c wrong.toml');
    expect(status).toBe(1);
    expect(stderr.match(/^error: \S+ \S+/gm)).toEqual([
      'error: wrong.toml:2:1: hostname:',
      'error: wrong.toml:9:1: smtp.lmtp:',
      'error: wrong.toml:8:1: smtp.max_sise',
      'error: wrong.toml:5:1: web.listen:',
      'error: wrong.toml:6:1: web.lisen',
      'error: wrong.toml:1:1: nonsense',
      'error: wrong.toml:3:1: [nest]',
    ]);
    expect(stderr).toMatch(
      /\nlistwright: No command takes this configuration before the 7 errors above are mended; what it lacks besides is seen then\.\n$/,
    );
  });

  it('check tells a program the same', async () => {
    const { status, stdout } = await cli('--json config check --config bad.toml');
    expect(status).toBe(1);
    expect(JSON.parse(stdout)).toEqual({
      ok: false,
      source: null,
      problems: [
        { where: 'bad.toml:1:1', key: 'hostname', what: expect.stringContaining('found 5') },
        { where: 'bad.toml:3:1', key: 'smtp.max_sise', what: expect.stringContaining('Did you mean') },
      ],
      warnings: [],
    });
  });

  it('show has every value with its origin, and no password', async () => {
    const env = { LISTWRIGHT_DATABASE__URL: 'postgres://anna:geheim@db/lists' };
    const { stdout } = await cli('config show -c good.toml', { env });
    expect(stdout).toContain('transport = "capture"  # good.toml:2:1\n');
    expect(stdout).toContain('smarthost = "smtp://anna:***@mx.example.org"  # good.toml:3:1\n');
    expect(stdout).toContain('url = "postgres://anna:***@db/lists"  # LISTWRIGHT_DATABASE__URL\n');
    expect(stdout).toContain('\n[web]\nlisten = "127.0.0.1:8080"\n');
    const json = await cli('config show --json -c good.toml', { env });
    expect(JSON.parse(json.stdout)).toMatchObject({
      source: { kind: 'file', file: join(cwd, 'good.toml') },
      config: { hostname: 'lists.localhost', delivery: { transport: 'capture' } },
      origins: expect.arrayContaining([
        { key: 'delivery.transport', where: 'good.toml:2:1' },
        { key: 'database.url', where: 'LISTWRIGHT_DATABASE__URL' },
        { key: 'web.listen', where: 'default' },
      ]),
    });
    expect(stdout + json.stdout).not.toContain('geheim');
  });

  it('show says when there is no configuration at all', async () => {
    const { stdout } = await cli('config show');
    expect(stdout).toMatch(/^# trial mode \(/);
    expect(stdout).toContain('transport = "capture"  # trial mode\n');
  });
});

it('without a configuration a command says on which data it works', async () => {
  const openOperations = () => Promise.reject(new Refusal('busy', 'Enough for this test.'));
  const { status, stderr } = await runCommandLine(['stats'], { openOperations, env: {}, cwd: '/nowhere' });
  expect([status, stderr]).toEqual([
    1,
    'listwright: no configuration found; working on the trial data in /nowhere/data\nlistwright: Enough for this test.\n',
  ]);
});
