import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { openStore } from '../../src/store/open-store.ts';
import { findPostgres, startPostgres, type TestPostgres } from './postgres.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** A socket that answers with the address of this run's PostgreSQL; '' where there is none installed. */
    postgresSocket: string;
  }
}

/** One PostgreSQL for the whole run, started when the first test file asks for it, so that the others do not wait for it. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const bin = findPostgres();
  const folder = mkdtempSync(join(tmpdir(), 'listwright-run-'));
  const socket = join(folder, 'postgres');
  let running: Promise<TestPostgres> | undefined;
  const desk = createServer((asking) => {
    running ??= startWithTemplate(bin ?? '');
    running.then(
      (postgres) => asking.end(postgres.url('template')),
      (error) => asking.end(`failed: ${error}`),
    );
  }).listen(socket);
  project.provide('postgresSocket', bin ? socket : '');
  return async () => {
    desk.close();
    await running?.then(
      (postgres) => postgres.stop(),
      () => {},
    );
    rmSync(folder, { recursive: true, force: true });
  };
}

/** With the database `template`, migrated and empty, that the tests' databases are copies of. */
async function startWithTemplate(bin: string): Promise<TestPostgres> {
  const postgres = await startPostgres(bin);
  await postgres.query('create database template');
  const store = await openStore(postgres.url('template'), { dataDir: tmpdir() });
  await store.close();
  return postgres;
}
