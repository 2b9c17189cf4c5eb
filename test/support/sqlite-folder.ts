import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { openStore } from '../../src/store/open-store.ts';
import type { OpenOptions, Store } from '../../src/store/store.ts';

/** A data folder of its own for the running test, for what only files can show: locks, modes, damage, a second process. */
export interface SqliteFolder {
  readonly dataDir: string;
  /** `test.db` inside it. */
  readonly file: string;
  /** Opens test.db, and closes it when the test is over. */
  open(options?: Partial<OpenOptions>): Promise<Store>;
}

export function sqliteFolder(): SqliteFolder {
  const dataDir = mkdtempSync(join(tmpdir(), 'listwright-test-'));
  onTestFinished(() => rmSync(dataDir, { recursive: true }));
  return {
    dataDir,
    file: join(dataDir, 'test.db'),
    async open(options) {
      const store = await openStore('sqlite:test.db', { dataDir, checkNesting: true, ...options });
      onTestFinished(() => store.close());
      return store;
    },
  };
}
