import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, onTestFinished, test } from 'vitest';
import { openStore } from '../../src/store/open-store.ts';
import type { Store } from '../../src/store/store.ts';

/** One of the engines that the suite runs on. */
export interface TestEngine {
  readonly name: 'sqlite' | 'postgres';
  /** A fresh, migrated, empty store of its own, closed and removed when the running test is over. */
  freshStore(): Promise<Store>;
}

/** The same test on every engine, each with a fresh, migrated, empty store. */
export function eachStore(name: string, body: (store: Store, engine: TestEngine) => Promise<void>): void {
  onEachEngine((engine) => {
    test(`${name} (${engine.name})`, async () => body(await engine.freshStore(), engine));
  });
}

/** A group of tests on every engine: `onEachEngine((engine) => { test('…', async () => { const store = await engine.freshStore(); … }) })`. */
export function onEachEngine(body: (engine: TestEngine) => void): void {
  for (const engine of engines) describe(engine.name, () => body(engine));
}

const sqlite: TestEngine = {
  name: 'sqlite',
  async freshStore() {
    const dataDir = freshFolder();
    copyFileSync(await migratedFile(), join(dataDir, 'test.db'));
    const store = await openStore('sqlite:test.db', { dataDir });
    onTestFinished(async () => {
      await store.close();
      rmSync(dataDir, { recursive: true });
    });
    return store;
  },
};

const engines: readonly TestEngine[] = [sqlite];

let template: Promise<string> | undefined;

/** Migrated once a test file, copied for each test: a copy is ten times faster than the migrations. */
function migratedFile(): Promise<string> {
  template ??= (async () => {
    const dataDir = freshFolder();
    process.once('exit', () => rmSync(dataDir, { recursive: true, force: true }));
    const store = await openStore('sqlite:template.db', { dataDir });
    await store.close();
    return join(dataDir, 'template.db');
  })();
  return template;
}

function freshFolder(): string {
  return mkdtempSync(join(tmpdir(), 'listwright-test-'));
}
