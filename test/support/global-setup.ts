import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { openStore } from '../../src/store/open-store.ts';
import { compileProgram } from './compile.ts';
import { findPostgres, startPostgres, type TestPostgres } from './postgres.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** A socket that answers with the address of this run's PostgreSQL; '' where there is none installed. */
    postgresSocket: string;
    /** A socket that answers with the path of this run's compiled program. */
    programSocket: string;
  }
}

/** What several test files share is made once, when the first of them asks for it, so that the others do not wait for it. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const bin = findPostgres();
  const folder = mkdtempSync(join(tmpdir(), 'listwright-run-'));
  let running: Promise<TestPostgres> | undefined;
  const postgres = shareOnDemand(join(folder, 'postgres'), () => {
    running = startWithTemplate(bin ?? '');
    return running.then((server) => server.url('template'));
  });
  const program = shareOnDemand(join(folder, 'program'), () => {
    const place = join(folder, 'compiled');
    mkdirSync(place);
    return compileProgram(place);
  });
  project.provide('postgresSocket', bin ? postgres.socket : '');
  project.provide('programSocket', program.socket);
  return async () => {
    postgres.close();
    program.close();
    await running?.then(
      (server) => server.stop(),
      () => {},
    );
    rmSync(folder, { recursive: true, force: true });
  };
}

/** Whoever connects to the socket is told what `make` made, or `failed: …`. */
function shareOnDemand(
  socket: string,
  make: () => Promise<string>,
): { readonly socket: string; close(): void } {
  let made: Promise<string> | undefined;
  const desk = createServer((asking) => {
    made ??= make();
    made.then(
      (answer) => asking.end(answer),
      (error) => asking.end(`failed: ${error}`),
    );
  }).listen(socket);
  return { socket, close: () => desk.close() };
}

/** With the database `template`, migrated and empty, that the tests' databases are copies of. */
async function startWithTemplate(bin: string): Promise<TestPostgres> {
  const postgres = await startPostgres(bin);
  await postgres.query('create database template');
  const store = await openStore(postgres.url('template'), { dataDir: tmpdir() });
  await store.close();
  return postgres;
}
