import { spawnSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { storeBody } from '../../src/store/bodies.ts';
import { openStore } from '../../src/store/open-store.ts';
import { openForReading } from '../../src/store/sqlite-connection.ts';
import type { Store } from '../../src/store/store.ts';
import { startChild } from '../support/child.ts';
import { sqliteFolder } from '../support/sqlite-folder.ts';

const megabyte = 1 << 20;
/** strace on a busy machine. */
const patience = { timeout: 60_000 };
const hasStrace = spawnSync('strace', ['-qq', '-e', 'trace=none', 'true']).status === 0;
const skipped = !hasStrace && process.env.LISTWRIGHT_REQUIRE_PEERS !== '1';

describe('the write-ahead log', () => {
  test('is copied into the file while the store is open, by nobody who commits', async () => {
    const folder = sqliteFolder();
    const store = await folder.open();
    for (let i = 0; i < 20; i++) await storeBytes(store, megabyte);
    await expect.poll(() => pagesCopied(folder.file), { timeout: 5000 }).toBeGreaterThan(4000);
    expect(await store.check()).toEqual([]);
  });

  test('stays below 64 MB while somebody writes without a pause', async () => {
    const folder = sqliteFolder();
    const store = await folder.open();
    let largest = 0;
    for (let i = 0; i < 150; i++) {
      await storeBytes(store, megabyte);
      largest = Math.max(largest, statSync(`${folder.file}-wal`).size);
    }
    expect(largest).toBeLessThan(64 * megabyte);
  });

  test('is gone when the store is closed, also in the middle of a copy', async () => {
    const folder = sqliteFolder();
    const store = await folder.open();
    await storeBytes(store, 20 * megabyte);
    await store.close();
    expect(existsSync(`${folder.file}-wal`)).toBe(false);
    const again = await folder.open();
    expect(await again.check()).toEqual([]);
  });
});

describe.skipIf(skipped)('a disk that fails under the copy', () => {
  test('for good: nothing more is written, and the program is told once', patience, async () => {
    const lines = await floodWithFault('fsync:error=EIO', 200);
    expect(lines.filter((line) => line === 'broken')).toHaveLength(1);
    expect(lines.at(-2)).toMatch(/^refused .*Refusal: The disk failed under the database .*test\.db/);
  });

  test('for want of space: it is said once, and writing goes on', patience, async () => {
    const lines = await floodWithFault('pwrite64:error=ENOSPC', 40);
    expect(lines).not.toContain('broken');
    expect(lines.filter((line) => line.startsWith('logged'))).toEqual([
      'logged The write-ahead log could not be copied into the database.',
    ]);
    expect(lines.at(-2)).toMatch(/^written/);
  });
});

async function storeBytes(store: Store, length: number): Promise<void> {
  const raw = randomBytes(length);
  const sha256 = createHash('sha256').update(raw).digest();
  await store.write((tx) => storeBody(tx, { sha256, raw, now: 0 }));
}

function pagesCopied(file: string): number {
  const connection = openForReading(file);
  try {
    const [state] = connection.raw.pragma('wal_checkpoint(noop)') as { checkpointed: number }[];
    return state?.checkpointed ?? 0;
  } finally {
    connection.close();
  }
}

/** The fault meets only the database's own file, which nothing but a checkpoint writes. */
async function floodWithFault(fault: string, writes: number): Promise<readonly string[]> {
  const dataDir = mkdtempSync(join(tmpdir(), 'listwright-test-'));
  onTestFinished(() => rmSync(dataDir, { recursive: true }));
  await (await openStore('sqlite:test.db', { dataDir })).close();
  const wrapper = ['strace', '-f', '--seccomp-bpf', '-qq', '-o', '/dev/null', '-P', join(dataDir, 'test.db')];
  const traced = [...wrapper, '-e', 'trace=fsync,pwrite64', '-e', `inject=${fault}`];
  return startChild('store-child.ts', [dataDir, 'flood', String(writes)], traced).finished();
}
