#!/usr/bin/env node
/** The program: gives the command line its world, and ends with its status. */
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { type Logger, pino } from 'pino';
import type { OpenOperations, Surroundings } from './cli/frame.ts';
import { runCli } from './cli/run.ts';
import type { LoadedConfig } from './config/load.ts';
import type { Config } from './config/schema.ts';
import { toSite } from './config/to-site.ts';
import { playDemo } from './demo/play-demo.ts';
import { createPerform } from './operations/perform.ts';
import { serve } from './serve.ts';
import { loadOrMakeHmacKeys } from './store/keys.ts';
import { openStore } from './store/open-store.ts';

const around: Surroundings = {
  version: readVersion(),
  env: process.env,
  cwd: process.cwd(),
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  openOperations,
  start: {
    serve: (loaded) =>
      serve(loaded, { log: logFor(loaded.config), say: (text) => process.stdout.write(text) }),
    demo: (options) => playDemo(options, { say: (text) => process.stdout.write(text) }),
  },
};

process.exitCode = await runCli(process.argv.slice(2), around);

/** For a command beside the server, or without one: the same store, no doors. The server notices within a second what it commits. */
async function openOperations({ config }: LoadedConfig): Promise<OpenOperations> {
  const store = await openStore(config.database.url, { dataDir: config.data_dir });
  const keys = await loadOrMakeHmacKeys(store, randomBytes, Date.now());
  const site = toSite(config);
  const perform = createPerform({ store, site, keys, now: Date.now, randomBytes, committed: () => {} });
  return { perform, site, store, close: () => store.close() };
}

/** The version of the package, from beside src/ or dist/. */
function readVersion(): string {
  for (const place of ['../package.json', '../../package.json']) {
    try {
      return String(JSON.parse(readFileSync(new URL(place, import.meta.url), 'utf8')).version);
    } catch {
      // The other place.
    }
  }
  return 'unknown';
}

function logFor({ log }: Config): ReturnType<typeof adapt> {
  const pretty = log.format === 'pretty' || (log.format === 'auto' && process.stdout.isTTY);
  return adapt(
    pino({
      level: log.level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      redact: { paths: ['token', '*.token', 'password', '*.password', 'cookie', '*.cookie'], censor: '…' },
      ...(pretty
        ? {
            transport: {
              target: 'pino-pretty',
              options: { ignore: 'pid,hostname', translateTime: 'SYS:HH:MM:ss' },
            },
          }
        : {}),
    }),
  );
}

function adapt(logger: Logger) {
  return {
    debug: (facts: object, sentence: string) => logger.debug(facts, sentence),
    info: (facts: object, sentence: string) => logger.info(facts, sentence),
    warn: (facts: object, sentence: string) => logger.warn(facts, sentence),
    error: (facts: object, sentence: string) => logger.error(facts, sentence),
  };
}
