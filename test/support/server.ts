import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished } from 'vitest';
import { loadConfig, requireStartable } from '../../src/config/load.ts';
import type { Config } from '../../src/config/schema.ts';
import type { Actor } from '../../src/domain/actor.ts';
import type { SigningKey } from '../../src/mail/signing-key.ts';
import type { Operation } from '../../src/operations/operation.ts';
import { type Server, startServer } from '../../src/server.ts';
import { openStore } from '../../src/store/open-store.ts';
import type { Db } from '../../src/store/store.ts';
import { giveKeys, sharedKey } from './dkim-key.ts';
import { sqlite, type TestEngine, type WhenDone } from './stores.ts';

/** A whole server in a temporary folder, on ports of its own: `lists.example.org`, as the program would start it. */
export interface TestServer extends Pick<Server, 'outbox' | 'perform' | 'idle' | 'close'> {
  readonly config: Config;
  /** Variables for another process of ours, e.g. a command line beside this server. */
  readonly env: Readonly<Record<string, string>>;
  /** Port of the first SMTP listener on 127.0.0.1. */
  readonly smtpPort: number;
  /** Port of the LMTP listener on 127.0.0.1, where the settings ask for one: `{ 'smtp.lmtp': '127.0.0.1:0' }`. */
  readonly lmtpPort: number;
  /** As the operator at the command line. */
  operate<I, O>(operation: Operation<I, O>, input: unknown): Promise<O>;
  /** Asks for a page by the address that our mails say: `https://lists.example.org/c/…`. Redirects are answers, not followed. */
  browse(link: string, how?: RequestInit): Promise<Response>;
  /** Looks straight into the tables, on a connection of its own: for what no operation shows. */
  look<T>(query: (db: Db) => Promise<T>): Promise<T>;
  /** What was logged, in order. */
  readonly logged: readonly Logged[];
}

export interface Logged {
  readonly level: 'info' | 'warn' | 'error';
  readonly facts: object;
  readonly sentence: string;
}

export interface ServerInput {
  readonly engine?: TestEngine;
  /** `smtp://127.0.0.1:PORT`, a sink's for example. Without it mail is captured: `server.outbox`. */
  readonly smarthost?: string;
  /** Further keys of the configuration, as its environment variables take them: `{ 'smtp.max_size': '1 MiB' }`. */
  readonly settings?: Readonly<Record<string, string>>;
  /** What it signs with; none: it makes its keys, as at a first start, which takes a moment. */
  readonly signingKeys?: readonly SigningKey[];
  /** Told how to end it; without it the running test's end does. */
  readonly whenDone?: WhenDone;
}

/** The test fails when the server has logged an error by its end. */
export async function startTestServer(input: ServerInput = {}): Promise<TestServer> {
  const { engine = sqlite, smarthost, settings = {}, whenDone = onTestFinished } = input;
  const databaseUrl = await engine.freshDatabase(whenDone);
  const folder = mkdtempSync(join(tmpdir(), 'listwright-server-'));
  whenDone(() => rmSync(folder, { recursive: true }));
  const delivery: Record<string, string> = smarthost
    ? { 'delivery.transport': 'smarthost', 'delivery.smarthost': smarthost }
    : { 'delivery.transport': 'capture' };
  const env = testEnvironment({ data_dir: folder, 'database.url': databaseUrl, ...delivery, ...settings });
  const config = readConfig(env);
  if (config.dkim.sign) await giveKeys(databaseUrl, input.signingKeys ?? [sharedKey()]);
  const { logged, log } = keepLog();
  const server = await startServer({ config, log });
  whenDone(async () => {
    await server.close();
    expect(logged.filter(({ level }) => level === 'error')).toEqual([]);
  });
  return {
    ...server,
    config,
    env,
    logged,
    smtpPort: portOf(server, 'smtp'),
    lmtpPort: portOf(server, 'lmtp'),
    operate: (operation, given) => server.perform(operation, operator, given),
    look: async (query) => {
      const store = await openStore(databaseUrl, { dataDir: folder, schema: 'leave' });
      return store.read(query).finally(() => store.close());
    },
    browse: (link, how) =>
      fetch(link.replace(config.base_url, server.addresses.pages), { redirect: 'manual', ...how }),
  };
}

/**
 * Environment variables of a configuration for a server on loopback, without DNS and without the free-disk rule, that `serve` starts
 * with. `settings` must say `data_dir`, `database.url` and `delivery.transport`.
 */
export function testEnvironment(settings: Readonly<Record<string, string>>): Record<string, string> {
  const standard = {
    hostname: 'lists.example.org',
    domains: 'lists.example.org',
    base_url: 'https://lists.example.org',
    operators: 'root@example.org',
    'smtp.listen': '127.0.0.1:0',
    'web.listen': '127.0.0.1:0',
    'checks.spf_dkim_dmarc': 'false',
    'limits.min_free_disk': '0',
  };
  const named = Object.entries({ ...standard, ...settings }).map(([path, value]) => [
    `LISTWRIGHT_${path.toUpperCase().replaceAll('.', '__')}`,
    value,
  ]);
  return Object.fromEntries(named);
}

/** As `serve` reads it. */
export function readConfig(env: Readonly<Record<string, string>>): Config {
  const loaded = loadConfig({ env, cwd: tmpdir() });
  requireStartable(loaded);
  return loaded.config;
}

const operator: Actor = { kind: 'operator', via: 'cli' };

function keepLog() {
  const logged: Logged[] = [];
  const line = (level: Logged['level']) => (facts: object, sentence: string) => {
    logged.push({ level, facts, sentence });
  };
  return { logged, log: { info: line('info'), warn: line('warn'), error: line('error') } };
}

function portOf({ listeners }: Server, protocol: 'smtp' | 'lmtp'): number {
  const found = listeners.find((address) => address.protocol === protocol);
  return found?.kind === 'tcp' ? found.port : 0;
}
