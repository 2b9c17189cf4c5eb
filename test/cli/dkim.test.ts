import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { openOperations } from '../../src/open-operations.ts';
import { type CliResult, runCommandLine } from '../support/command-line.ts';
import { startDns } from '../support/dns.ts';
import type { TestDns } from '../support/name-server.ts';
import { testEnvironment } from '../support/server.ts';
import { sqlite } from '../support/stores.ts';

let run: (...args: readonly string[]) => Promise<CliResult>;
let dns: TestDns;
let env: Record<string, string | undefined>;

/** The real program with a name server of ours; two keys, of which the first signs. */
beforeEach(async () => {
  const folder = mkdtempSync(join(tmpdir(), 'listwright-dkim-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  dns = await startDns({});
  env = testEnvironment({
    data_dir: folder,
    'database.url': await sqlite.freshDatabase(),
    'delivery.transport': 'capture',
    'checks.dns_servers': dns.address,
  });
  run = (...args) =>
    runCommandLine(args, {
      env,
      openOperations: (loaded) => openOperations(loaded, { upgrade: false, stdout: new PassThrough() }),
    });
  await run('dkim', 'new');
  await run('dkim', 'new');
});

interface Shown {
  readonly selector: string;
  readonly state: string;
  readonly recordUntil: string | null;
  readonly dns: string;
  readonly dnsWhy?: string;
  readonly record: { readonly name: string; readonly text: string };
}

const shown = async (): Promise<readonly [Shown, Shown]> =>
  JSON.parse((await run('dkim', 'show', '--json')).stdout);

describe('dkim show', () => {
  test('says of each key what it does and what DNS shows, with the line to paste', async () => {
    const { stdout } = await run('dkim', 'show');
    expect(stdout).toMatch(/^lw\d{6} of \S+: rsa, signs since .* UTC; DNS does not show it$/m);
    expect(stdout).toMatch(/^lw\d{6}b of \S+: rsa, made .* UTC, does not sign yet; DNS does not show it$/m);
    expect(stdout.match(/ IN TXT /g)).toHaveLength(2);
  });

  test('says until when the record of a key that signed must stay', async () => {
    const [first, second] = await shown();
    await run('dkim', 'activate', second.selector, '--force');
    const retired = await run('dkim', 'retire', first.selector);
    expect(retired.stdout).toMatch(/Leave its record in DNS until .* UTC.*signed ahead/);
    const { stdout } = await run('dkim', 'show');
    expect(stdout).toMatch(/retired .* UTC; DNS does not show it; its record must stay there until .* UTC$/m);
    expect(stdout.match(/ IN TXT /g)).toHaveLength(2);
    const [{ recordUntil, ...rest }, { recordUntil: none }] = await shown();
    expect(rest).toMatchObject({ state: 'retired', dns: 'missing' });
    expect(Date.parse(recordUntil ?? '') - Date.now()).toBeGreaterThan(13.9 * 86_400_000);
    expect(none).toBeNull();
  });

  test('gives no record to paste for one that never signed', async () => {
    const [first, second] = await shown();
    dns.tell({ [second.record.name]: { TXT: [second.record.text] } });
    await run('dkim', 'retire', second.selector);
    const { stdout } = await run('dkim', 'show');
    expect(stdout).toMatch(/retired .* UTC; DNS shows it; it never signed: its record can go$/m);
    expect(stdout.match(/\S+ IN TXT /g)).toEqual([`${first.record.name}. IN TXT `]);
    expect((await shown())[1]).toMatchObject({ state: 'retired', dns: 'same', recordUntil: null });
  });

  test('names the servers that give no answer, and those that cannot tell', async () => {
    const [{ record }] = await shown();
    dns.tell({ [record.name]: 'servfail' });
    const failed = await run('dkim', 'show');
    expect(failed.stdout).toContain(
      `DNS could not be asked: ${dns.address} (checks.dns_servers) answers that it cannot tell`,
    );
    await dns.close();
    const silent = await run('dkim', 'show');
    expect(silent.stdout).toContain(`${dns.address} (checks.dns_servers) gives no answer`);
    expect((await shown())[0]).toMatchObject({
      dns: 'unknown',
      dnsWhy: `${dns.address} (checks.dns_servers) gives no answer`,
    });
  });

  test('says in its help what the words of --json mean', async () => {
    const { stdout } = await run('dkim', 'show', '--help');
    for (const word of ['"same"', '"missing"', '"other"', '"unknown"', '"recordUntil"'])
      expect(stdout).toContain(word);
  });
});

test('dkim activate tells times like the other commands', async () => {
  const [first, second] = await shown();
  const done = JSON.parse((await run('dkim', 'activate', second.selector, '--force', '--json')).stdout);
  expect(done).toMatchObject({
    state: 'active',
    replaces: first.selector,
    activatedAt: expect.stringMatching(/^\d{4}-/),
  });
});
