import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { openStore } from '../../src/store/open-store.ts';
import { startChild } from '../support/child.ts';

// Installed, and allowed to trace.
const hasStrace = spawnSync('strace', ['-qq', '-e', 'trace=none', 'true']).status === 0;
const skipped = !hasStrace && process.env.LISTWRIGHT_REQUIRE_PEERS !== '1';

describe.skipIf(skipped)('what reaches the disk, seen by strace', () => {
  test('50 writes one after another: an fsync each', async () => {
    expect(await syncsOf('one-by-one', 50)).toBeGreaterThanOrEqual(50);
  });

  test('50 writes at once: they share an fsync', async () => {
    const syncs = await syncsOf('together', 50);
    expect(syncs).toBeGreaterThanOrEqual(1);
    expect(syncs).toBeLessThanOrEqual(3);
  });

  test('50 writes that need not be durable: one fsync for all, a second later', async () => {
    const dataDir = await emptyStore();
    const trace = join(dataDir, 'trace');
    const child = startChild('store-child.ts', [dataDir, 'not-durable', '50'], strace(trace));
    await child.said('written');
    const before = syncsIn(trace);
    // A fresh write-ahead log syncs its header and its folder.
    expect(before).toBeLessThanOrEqual(2);
    await expect.poll(() => syncsIn(trace), { timeout: 3000 }).toBe(before + 1);
  });
});

describe.skipIf(skipped)('a disk that fails', () => {
  test('at an fsync: that write and all later ones are refused, and the program is told once', async () => {
    const lines = await runWithFault('fdatasync:error=EIO:when=2+', 12);
    const written = lines.filter((line) => line.startsWith('written'));
    const refused = lines.filter((line) => line.startsWith('refused'));
    expect(written.length).toBeGreaterThan(0);
    expect(refused.length).toBeGreaterThan(1);
    expect(written.length + refused.length).toBe(12);
    for (const line of refused)
      expect(line).toMatch(/Refusal: The disk failed under the database .*test\.db/);
    expect(lines.filter((line) => line === 'broken')).toHaveLength(1);
    expect(lines.indexOf(refused[0] ?? '')).toBeGreaterThan(lines.indexOf(written.at(-1) ?? ''));
  });

  test('for want of space: those writes are refused, and it goes on when there is space again', async () => {
    const lines = await runWithFault('pwrite64:error=ENOSPC:when=20..24', 40);
    const refused = lines.filter((line) => line.startsWith('refused'));
    expect(refused.length).toBeGreaterThan(0);
    for (const line of refused) expect(line).toContain('Refusal: There is no space left');
    expect(lines).toContain('written 39');
    expect(lines).not.toContain('broken');
  });
});

test('killed at any moment: what was written stays, and the file is sound', async () => {
  const dataDir = await emptyStore();
  const child = startChild('store-child.ts', [dataDir, 'one-by-one-and-stay', '400']);
  await child.said('written 123');
  child.kill();
  const written = (await child.finished()).filter((line) => line.startsWith('written')).length;
  const store = await openStore('sqlite:test.db', { dataDir });
  onTestFinished(() => store.close());
  const rows = await store.read((db) => db.selectFrom('switches').selectAll().execute());
  expect(rows.length).toBeGreaterThanOrEqual(written);
  expect(rows.length).toBeLessThanOrEqual(written + 1);
  expect(await store.check()).toEqual([]);
});

async function syncsOf(action: string, count: number): Promise<number> {
  const dataDir = await emptyStore();
  const trace = join(dataDir, 'trace');
  const lines = await startChild(
    'store-child.ts',
    [dataDir, action, String(count)],
    strace(trace),
  ).finished();
  expect(lines).toEqual(['begin', 'end']);
  return syncsIn(trace);
}

async function runWithFault(fault: string, count: number): Promise<readonly string[]> {
  const dataDir = await emptyStore();
  const wrapper = [
    'strace',
    '-f',
    '-qq',
    '-o',
    join(dataDir, 'trace'),
    '-e',
    'trace=fdatasync,pwrite64',
    '-e',
    `inject=${fault}`,
  ];
  return startChild('store-child.ts', [dataDir, 'whatever-happens', String(count)], wrapper).finished();
}

function strace(trace: string): string[] {
  return ['strace', '-f', '-y', '-qq', '-o', trace, '-e', 'trace=fsync,fdatasync,write'];
}

/** Between the child's "begin" and its "end". */
function syncsIn(trace: string): number {
  const [, during = ''] = readFileSync(trace, 'latin1').split('"begin\\n"');
  const [until = ''] = during.split('"end\\n"');
  return until.match(/\bf(data)?sync\(/g)?.length ?? 0;
}

async function emptyStore(): Promise<string> {
  const dataDir = mkdtempSync(join(tmpdir(), 'listwright-test-'));
  onTestFinished(() => rmSync(dataDir, { recursive: true }));
  await (await openStore('sqlite:test.db', { dataDir })).close();
  return dataDir;
}
