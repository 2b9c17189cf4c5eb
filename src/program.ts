/** The program: gives the command line its world, and ends with its status. */
import { readFileSync } from 'node:fs';
import { type Logger, type LoggerOptions, pino } from 'pino';
import type { Surroundings } from './cli/frame.ts';
import { runCli } from './cli/run.ts';
import type { Config } from './config/schema.ts';
import type { Log } from './domain/log.ts';
import { gatherLines } from './gather-lines.ts';

const around: Surroundings = {
  version: readVersion(),
  env: process.env,
  cwd: process.cwd(),
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  openOperations: async (loaded, how) =>
    (await import('./open-operations.ts')).openOperations(loaded, { ...how, stdout: process.stdout }),
  databases: {
    restore: async (loaded, backup) => (await import('./move-database.ts')).restoreDatabase(loaded, backup),
    copyTo: async (loaded, url, progress) =>
      (await import('./move-database.ts')).copyDatabaseTo(loaded, url, progress),
  },
  start: {
    // Loaded when wanted: `listwright --help` needs no server.
    serve: async (loaded) => (await import('./serve.ts')).serve(loaded, { log: logFor(loaded.config), say }),
    demo: async (options) => (await import('./demo/play-demo.ts')).playDemo(options, { say }),
  },
};

process.exitCode = await runCli(process.argv.slice(2), around);

function say(text: string): void {
  process.stdout.write(text);
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

function logFor({ log }: Config): Log {
  const pretty = log.format === 'pretty' || (log.format === 'auto' && process.stdout.isTTY);
  const options: LoggerOptions = {
    level: log.level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    redact: { paths: ['token', '*.token', 'password', '*.password', 'cookie', '*.cookie'], censor: '…' },
  };
  return adapt(
    pretty
      ? pino({
          ...options,
          transport: {
            target: 'pino-pretty',
            options: { ignore: 'pid,hostname', translateTime: 'SYS:HH:MM:ss' },
          },
        })
      : // Beside the event loop: a file that grows waits for each sync of the database.
        pino(options, gatherLines(pino.destination({ sync: false }))),
  );
}

function adapt(logger: Logger): Log {
  return {
    info: (facts: object, sentence: string) => logger.info(facts, sentence),
    warn: (facts: object, sentence: string) => logger.warn(facts, sentence),
    error: (facts: object, sentence: string) => logger.error(facts, sentence),
  };
}
