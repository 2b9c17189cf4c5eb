import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Bench } from '../figure.ts';
import { frontServer } from '../load/mail.ts';
import { memberAddress, writeMembers } from '../load/members.ts';
import { monotonicNow } from '../wire/sink.ts';
import type { RunningServer } from './server.ts';

/** The built product with a configuration and data of its own. */
export interface Installation {
  /** Its configuration file. */
  readonly config: string;
  /** Runs a command of its command line to the end. Milliseconds. */
  command(...words: string[]): Promise<{ readonly output: string; readonly took: number }>;
  serve(): Promise<RunningListwright>;
}

export interface RunningListwright extends RunningServer {
  /** From the start of the process until it listened, in milliseconds. */
  readonly startedIn: number;
}

export const listDomain = 'lists.bench.example';
const program = fileURLToPath(new URL('../../dist/src/main.js', import.meta.url));

/** None outlives a benchmark that failed. */
const servers = new Set<ChildProcess>();
process.on('exit', () => {
  for (const server of servers) server.kill('SIGKILL');
});

/**
 * Mail comes from a mail server in front, which has done the checks of senders, or by itself and is checked with the answers of
 * `dnsServer`; no limit is in the way.
 */
function configuration(sinkPort: number, { dnsServer, unsigned }: ServerShape): string {
  return `hostname = "${listDomain}"
domains = ["${listDomain}"]
base_url = "https://${listDomain}"
data_dir = "data"
[smtp]
listen = ["127.0.0.1:0"]
${dnsServer ? '' : `trusted_relays = ["127.0.0.1"]\ntrusted_authserv_ids = ["${frontServer}"]`}
[web]
listen = "127.0.0.1:0"
[delivery]
transport = "smarthost"
smarthost = "smtp://127.0.0.1:${sinkPort}"
${unsigned === undefined ? '' : '[dkim]\nsign = false'}
${unsigned === 'everything' ? '[arc]\nseal = false' : ''}
[checks]
${dnsServer ? `dns_servers = ["${dnsServer}"]` : 'spf_dkim_dmarc = false'}
[limits]
connections_per_ip = 0
posts_per_sender = "0"
posts_per_list = "0"
joins_per_network = "0"
confirmations_per_address = "0"
replies_per_address = "0"
min_free_disk = 0
[log]
format = "json"
`;
}

export interface ServerShape {
  readonly dnsServer?: string;
  /** `copies`: no copy is signed, as the targets of unsigned mail are stated. `everything`: no post is sealed, either. */
  readonly unsigned?: 'copies' | 'everything';
}

export function installListwright({ folder, sink }: Bench, shape: ServerShape = {}): Installation {
  const home = folder.make('listwright');
  const config = join(home, 'listwright.toml');
  writeFileSync(config, configuration(sink.port, shape));
  const start = (words: readonly string[], stdio: SpawnOptions['stdio']) =>
    spawn(process.execPath, [program, '--config', config, ...words], { stdio, env: cleanEnvironment() });

  return {
    config,
    async command(...words) {
      const began = monotonicNow();
      const log = join(home, 'command.log');
      const output = openSync(log, 'w');
      const child = start(words, ['ignore', output, output]);
      const [status] = await once(child, 'exit');
      const took = monotonicNow() - began;
      closeSync(output);
      const text = readFileSync(log, 'utf8');
      if (status !== 0) throw new Error(`listwright ${words.join(' ')} ended with ${status}:\n${text}`);
      return { output: text, took };
    },
    async serve() {
      const log = join(home, 'serve.log');
      const output = openSync(log, 'w');
      const began = monotonicNow();
      const child = start(['serve'], ['ignore', output, output]);
      closeSync(output);
      servers.add(child);
      const port = await untilListening(log, () => child.exitCode !== null);
      return {
        pid: child.pid ?? 0,
        port,
        startedIn: monotonicNow() - began,
        async stop() {
          child.kill('SIGTERM');
          if (child.exitCode === null) await once(child, 'exit');
          servers.delete(child);
        },
      };
    },
  };
}

/** A list whose members are `sub000000@` and so on, or from another number on; the first one owns it, and posts. `importTook`: milliseconds. */
export async function makeList(
  bench: Bench,
  installation: Installation,
  { name, members, first = 0, settings = [], mode }: ListShape,
): Promise<{ readonly address: string; readonly importTook: number }> {
  const address = `${name}@${listDomain}`;
  const owner = memberAddress(first);
  const file = writeMembers(bench.folder.path, { count: members, first, mode });
  await installation.command('list', 'create', address, '--owner', owner);
  if (mode) await installation.command('member', 'set', address, owner, `mode=${mode}`);
  if (settings.length > 0) await installation.command('list', 'set', address, ...settings);
  const consent = 'They were made up for a benchmark.';
  const imported = await installation.command(
    ...['member', 'import', address, file, '--mode', 'direct', '--consent', consent],
  );
  return { address, importTook: imported.took };
}

export interface ListShape {
  readonly name: string;
  readonly members: number;
  /** The number of the first of them. */
  readonly first?: number;
  /** As for `list set`. */
  readonly settings?: readonly string[];
  /** How the members get their mail; each post, where it is not said. */
  readonly mode?: 'none';
}

/** Nothing of the caller's own Listwright. */
function cleanEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('LISTWRIGHT_')));
}

/** Its log goes into a file, as under a supervisor; one line says where it listens. */
async function untilListening(log: string, hasEnded: () => boolean): Promise<number> {
  for (;;) {
    const text = readFileSync(log, 'utf8');
    const port = /"smtp":\["smtp 127\.0\.0\.1:(\d+)"\]/.exec(text)?.[1];
    if (port) return Number(port);
    if (hasEnded()) throw new Error(`The server ended before it listened:\n${text}`);
    await delay(2);
  }
}
