import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import pg from 'pg';
import { freePort } from './free-port.ts';

/** A private PostgreSQL of this run: reached through a socket in its own folder, gone afterwards. */
export interface TestPostgres {
  /** The address of a database on it. */
  url(database: string): string;
  /** Runs one statement outside any database of a test. */
  query(statement: string): Promise<void>;
  stop(): Promise<void>;
}

/** Where its programs are; undefined when PostgreSQL is not installed here. */
export function findPostgres(): string | undefined {
  const debian = '/usr/lib/postgresql';
  const versions = existsSync(debian) ? readdirSync(debian).sort((a, b) => Number(b) - Number(a)) : [];
  const folders = [
    ...versions.map((version) => join(debian, version, 'bin')),
    ...(process.env.PATH ?? '').split(delimiter),
  ];
  return folders.find((folder) => existsSync(join(folder, 'initdb')) && existsSync(join(folder, 'postgres')));
}

export async function startPostgres(bin: string): Promise<TestPostgres> {
  const folder = mkdtempSync(join(tmpdir(), 'listwright-pg-'));
  const as = ordinaryUser();
  if (as) chownSync(folder, as.uid, as.gid);
  const data = join(folder, 'data');
  const made = spawnSync(...command(as, initdb(join(bin, 'initdb'), data)), {
    cwd: folder,
    encoding: 'utf8',
  });
  if (made.status !== 0) throw new Error(`initdb failed: ${made.stderr}`);
  const port = await freePort();
  const server = spawn(...command(as, [join(bin, 'postgres'), '-D', data, ...settings(folder, port)]), {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  await ready(server);
  const url = (database: string) => `postgres://listwright@127.0.0.1:${port}/${database}`;
  return {
    url,
    query: (statement) => queryPostgres(url('postgres'), statement),
    async stop() {
      // SIGINT is PostgreSQL's "fast shutdown": it does not wait for clients.
      server.kill('SIGINT');
      if (server.exitCode === null) await once(server, 'exit');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

export async function queryPostgres(url: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query(statement).finally(() => client.end());
}

function initdb(program: string, data: string): string[] {
  return [program, '-D', data, '--no-sync', '--no-locale', '-E', 'UTF8', '-A', 'trust', '-U', 'listwright'];
}

function settings(folder: string, port: number): string[] {
  const values = {
    listen_addresses: '127.0.0.1',
    port,
    unix_socket_directories: folder,
    fsync: 'off',
    full_page_writes: 'off',
    max_connections: 200,
    autovacuum: 'off',
    // The tests make errors on purpose; what the server says of itself is LOG, and that ranks above ERROR.
    log_min_messages: 'log',
  };
  return Object.entries(values).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
}

/** PostgreSQL will not run as root: then it runs as the first ordinary user there is. */
function ordinaryUser(): { uid: number; gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const id = (flag: string, user: string) =>
    Number(spawnSync('id', [flag, user], { encoding: 'utf8' }).stdout);
  const user = spawnSync('id', ['postgres']).status === 0 ? 'postgres' : 'nobody';
  return { uid: id('-u', user), gid: id('-g', user) };
}

/** As that user; and gone when we are, however we end. */
function command(as: { uid: number; gid: number } | undefined, argv: string[]): [string, string[]] {
  const user = as ? [`--reuid=${as.uid}`, `--regid=${as.gid}`, '--clear-groups'] : [];
  return ['setpriv', [...user, '--pdeathsig=INT', '--', ...argv]];
}

async function ready(server: ChildProcess): Promise<void> {
  let log = '';
  await new Promise<void>((resolve, reject) => {
    server.stderr?.setEncoding('utf8').on('data', (text: string) => {
      log += text;
      if (log.includes('ready to accept connections')) resolve();
    });
    server.once('exit', () => reject(new Error(`PostgreSQL did not start: ${log}`)));
  });
}
