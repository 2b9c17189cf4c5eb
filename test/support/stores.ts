import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, expect, inject, onTestFinished, test } from 'vitest';
import { openStore } from '../../src/store/open-store.ts';
import type { Store } from '../../src/store/store.ts';
import { queryPostgres } from './postgres.ts';

/** One of the engines that the suite runs on. */
export interface TestEngine {
  readonly name: 'sqlite' | 'postgres';
  /** A fresh, migrated, empty store of its own, closed and removed when the running test is over. */
  freshStore(): Promise<Store>;
  /** The address of a new database without tables, removed when the running test is over. */
  emptyDatabase(): Promise<string>;
  /** The address of a new, migrated, empty database; `whenDone` is told how to remove it, without it when the running test is over. */
  freshDatabase(whenDone?: WhenDone): Promise<string>;
}

/** Told how to undo something, e.g. vitest's `onTestFinished`; what was told last is to be undone first. */
export type WhenDone = (undo: () => Promise<void> | void) => void;

/** The same test on every engine, each with a fresh, migrated, empty store. */
export function eachStore(name: string, body: (store: Store, engine: TestEngine) => Promise<void>): void {
  onEachEngine((engine) => {
    test(`${name} (${engine.name})`, async () => body(await engine.freshStore(), engine));
  });
}

/** A group of tests on every engine: `onEachEngine((engine) => { test('…', async () => { const store = await engine.freshStore(); … }) })`. */
export function onEachEngine(body: (engine: TestEngine) => void): void {
  describe('sqlite', () => body(sqlite));
  if (inject('postgresSocket')) describe('postgres', () => body(postgres));
  else if (process.env.LISTWRIGHT_REQUIRE_PEERS === '1')
    test('postgres', () =>
      expect.fail('PostgreSQL is required here (LISTWRIGHT_REQUIRE_PEERS) and was not found.'));
  else describe.skip('postgres (skipped: there is no PostgreSQL here)', () => body(postgres));
}

export const sqlite: TestEngine = {
  name: 'sqlite',
  freshStore: async () => openForTest(await sqlite.freshDatabase()),
  emptyDatabase: async () => newFile(onTestFinished),
  async freshDatabase(whenDone = onTestFinished) {
    const url = newFile(whenDone);
    copyFileSync(await migratedFile(), url.slice('sqlite:'.length));
    return url;
  },
};

export const postgres: TestEngine = {
  name: 'postgres',
  freshStore: async () => openForTest(await postgres.freshDatabase()),
  emptyDatabase: () => createDatabase('template0', onTestFinished),
  freshDatabase: (whenDone = onTestFinished) => createDatabase('template', whenDone),
};

function newFile(whenDone: WhenDone): string {
  const folder = freshFolder();
  whenDone(() => rmSync(folder, { recursive: true }));
  return `sqlite:${join(folder, 'test.db')}`;
}

/** Closed before what was registered earlier, the database itself, goes away: vitest runs these last-in, first-out. */
async function openForTest(url: string): Promise<Store> {
  const store = await openStore(url, { dataDir: '/', schema: 'leave', checkNesting: true });
  onTestFinished(() => store.close());
  return store;
}

async function createDatabase(from: 'template' | 'template0', whenDone: WhenDone): Promise<string> {
  const template = await addressOfPostgres();
  const at = (database: string) => template.replace(/[^/]+$/, database);
  const database = `test_${process.pid}_${++databases}`;
  await queryPostgres(at('postgres'), `create database ${database} template ${from}`);
  whenDone(() => queryPostgres(at('postgres'), `drop database ${database} with (force)`));
  return at(database);
}

let databases = 0;

/** From global-setup.ts, which starts the server for whoever asks first. */
async function addressOfPostgres(): Promise<string> {
  const answer = await text(connect(inject('postgresSocket')));
  if (!answer.startsWith('postgres://')) throw new Error(answer);
  return answer;
}

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
