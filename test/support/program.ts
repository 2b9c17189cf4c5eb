import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { inject, onTestFinished } from 'vitest';
import { openStore } from '../../src/store/open-store.ts';
import type { Store } from '../../src/store/store.ts';
import { sqlite, type TestEngine } from './stores.ts';

/** The program as it is installed: compiled, with a configuration file, a data folder and a database; gone after the test. */
export interface Installation {
  readonly dataDir: string;
  /** The database of an installation on SQLite. */
  readonly databaseFile: string;
  /** Starts `listwright serve`. */
  serve(how?: StartOptions): ServerProcess;
  /** Any other command, to its end. */
  run(...args: readonly string[]): Promise<Finished>;
  /** Opens the database beside the program, and closes it again. */
  look<T>(work: (store: Store) => Promise<T>): Promise<T>;
}

export interface StartOptions {
  /** A program with its arguments that runs it: strace. */
  readonly wrapper?: readonly string[] | undefined;
  /** Options of Node: `--import` of a module of test/support. */
  readonly node?: readonly string[];
}

export interface ServerProcess {
  readonly pid: number;
  /** Waits until it listens; false when it ended before. */
  listening(): Promise<boolean>;
  /** Port of the first SMTP listener, once it listens. */
  readonly smtpPort: number;
  /** `http://127.0.0.1:PORT`, once it listens. */
  readonly pages: string;
  /** What it logged, in order. */
  readonly logged: readonly LogLine[];
  /** Waits for a line of the log, an earlier one too; throws when it ends without. */
  logs(sentence: string): Promise<LogLine>;
  signal(name: NodeJS.Signals): void;
  /** Waits for its end. */
  ended(): Promise<Finished>;
}

export interface Finished {
  /** Null when a signal ended it. */
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface LogLine {
  readonly level: number;
  readonly msg: string;
  readonly [fact: string]: unknown;
}

export interface InstallationOptions {
  readonly engine?: TestEngine;
  /** Another database than a fresh one; its tables are made where it has none. */
  readonly databaseUrl?: string;
  /** An existing empty folder for the data, e.g. a file system of its own. */
  readonly dataDir?: string;
  /** Where its mail goes: `smtp://127.0.0.1:PORT`. */
  readonly smarthost: string;
  /** Further keys, as TOML writes them: `{ 'delivery.retry': '"1s*"' }`. */
  readonly settings?: Readonly<Record<string, string>>;
}

export async function install(options: InstallationOptions): Promise<Installation> {
  const { engine = sqlite, smarthost, settings = {} } = options;
  const main = await compiledProgram();
  const folder = mkdtempSync(join(tmpdir(), 'listwright-installed-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const dataDir = options.dataDir ?? join(folder, 'data');
  if (!options.dataDir) mkdirSync(dataDir);
  const databaseUrl = options.databaseUrl ?? (await engine.freshDatabase());
  const configFile = join(folder, 'listwright.toml');
  writeFileSync(configFile, toml({ ...standard(dataDir, databaseUrl, smarthost), ...settings }));
  const argv = (args: readonly string[]) => [main, '--config', configFile, ...args];
  return {
    dataDir,
    databaseFile: resolve(dataDir, databaseUrl.replace(/^sqlite:/, '')),
    serve: ({ wrapper = [], node = [] } = {}) =>
      serverProcess(launch([...wrapper, process.execPath, ...node, ...argv(['serve'])])),
    run: (...args) => finished(launch([process.execPath, ...argv(args)])),
    async look(work) {
      const store = await openStore(databaseUrl, {
        dataDir,
        schema: options.databaseUrl === undefined ? 'leave' : 'upgrade',
      });
      return work(store).finally(() => store.close());
    },
  };
}

/** Compiled once a run, by global-setup.ts. */
async function compiledProgram(): Promise<string> {
  const answer = await text(connect(inject('programSocket')));
  if (!answer.endsWith('.js')) throw new Error(answer);
  return answer;
}

function standard(dataDir: string, databaseUrl: string, smarthost: string): Record<string, string> {
  const none = ['posts_per_sender', 'posts_per_list', 'connections_per_ip', 'min_free_disk'];
  return {
    hostname: '"lists.example.org"',
    domains: '["lists.example.org"]',
    base_url: '"https://lists.example.org"',
    operators: '["root@example.org"]',
    data_dir: JSON.stringify(dataDir),
    'database.url': JSON.stringify(databaseUrl),
    'smtp.listen': '["127.0.0.1:0"]',
    'web.listen': '"127.0.0.1:0"',
    'delivery.transport': '"smarthost"',
    'delivery.smarthost': JSON.stringify(smarthost),
    'delivery.connections': '4',
    'checks.spf_dkim_dmarc': 'false',
    'log.format': '"json"',
    ...Object.fromEntries(none.map((name) => [`limits.${name}`, '0'])),
  };
}

function toml(values: Readonly<Record<string, string>>): string {
  return Object.entries(values)
    .map(([path, value]) => `${path} = ${value}\n`)
    .join('');
}

function launch([command = '', ...args]: readonly string[]): ChildProcess {
  const foreign = Object.entries(process.env).filter(([name]) => !/^(LISTWRIGHT|VITEST|NODE)_/.test(name));
  const child = spawn(command, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...Object.fromEntries(foreign), NODE_ENV: 'production' },
  });
  onTestFinished(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGKILL');
    await once(child, 'close');
  });
  return child;
}

function finished(child: ChildProcess): Promise<Finished> {
  let stdout = '';
  let stderr = '';
  child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
    stdout += chunk;
  });
  child.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
    stderr += chunk;
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    // When its output has been read to the end, and that of a strace that watched it.
    child.once('close', (status, signal) => resolve({ status, signal, stdout, stderr }));
  });
}

interface Listening extends LogLine {
  readonly smtp: readonly string[];
  readonly pages: string;
}

function serverProcess(child: ChildProcess): ServerProcess {
  const end = finished(child);
  const logged: LogLine[] = [];
  const waiting = new Set<() => void>();
  let over = false;
  const check = () => {
    for (const look of [...waiting]) look();
  };
  if (child.stdout)
    createInterface(child.stdout).on('line', (line) => {
      logged.push(readLine(line));
      check();
    });
  void end.then(() => {
    over = true;
    check();
  });
  const find = (sentence: string) =>
    new Promise<LogLine | undefined>((resolve) => {
      const look = () => {
        const line = logged.find(({ msg }) => msg.startsWith(sentence));
        if (!line && !over) return;
        waiting.delete(look);
        resolve(line);
      };
      waiting.add(look);
      look();
    });
  const place = () => {
    const line = logged.find(({ msg }) => msg === 'Listening.');
    if (!line) throw new Error('the server does not listen');
    return line as Listening;
  };
  return {
    pid: child.pid ?? 0,
    listening: async () => (await find('Listening.')) !== undefined,
    get smtpPort() {
      return Number(/:(\d+)$/.exec(place().smtp[0] ?? '')?.[1]);
    },
    get pages() {
      return place().pages;
    },
    logged,
    async logs(sentence) {
      const line = await find(sentence);
      if (line) return line;
      const { status, stderr } = await end;
      throw new Error(`the server ended (${status}) without logging "${sentence}": ${stderr}`);
    },
    signal: (name) => child.kill(name),
    ended: () => end,
  };
}

/** A process that is killed may leave half a line. */
function readLine(line: string): LogLine {
  try {
    return JSON.parse(line);
  } catch {
    return { level: 0, msg: line };
  }
}
