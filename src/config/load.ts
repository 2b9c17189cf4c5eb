import { dirname, resolve } from 'node:path';
import { findMistakes, findStartProblems, findWarnings } from './check.ts';
import { readEnvironment } from './environment.ts';
import { configKeys } from './keys.ts';
import { ConfigError, type Origin, type Problem } from './problem.ts';
import { assemble, type Override, type RawConfig, readConfigFile, valueAt } from './raw.ts';
import { type Config, configSchema } from './schema.ts';

export interface LoadedConfig {
  readonly config: Config;
  readonly source: ConfigSource;
  /** What stops `serve`, and only that: `requireStartable` throws it. */
  readonly startProblems: readonly Problem[];
  /** Sentences for the log. */
  readonly warnings: readonly string[];
  /** Every key's value as it was written, and where, in the order of the schema. Passwords included. */
  readonly given: readonly GivenValue[];
}

export interface GivenValue {
  readonly path: string;
  readonly value: unknown;
  readonly origin: Origin;
}

export type ConfigSource =
  /** Absolute path. */
  | { readonly kind: 'file'; readonly file: string }
  | { readonly kind: 'environment' }
  /** No configuration: everything on loopback, nothing is sent. */
  | { readonly kind: 'trial' };

export interface WhereToLook {
  /** `--config FILE`. */
  readonly file?: string | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
}

/**
 * `--config FILE`, else `$LISTWRIGHT_CONFIG`, else `./listwright.toml`, else `/etc/listwright/listwright.toml`, else trial mode;
 * environment variables go before all of them. Throws ConfigError with everything that is wrong.
 */
export function loadConfig({ file: named, env, cwd }: WhereToLook): LoadedConfig {
  const file = readConfigFile(named ?? (env.LISTWRIGHT_CONFIG || undefined), cwd);
  const environment = readEnvironment(env);
  const source = sourceOf(file, environment.overrides);
  const raw = assemble(file, [
    ...(source.kind === 'trial' ? trialWith(environment.overrides) : []),
    ...environment.overrides,
  ]);
  const judged = configSchema.safeParse(raw.tables);
  if (!judged.success) throw new ConfigError(findMistakes(raw, judged.error.issues));
  const config = withAbsolutePaths(judged.data, raw, { file: file ? dirname(file.path) : cwd, cwd });
  return {
    config,
    source,
    startProblems: findStartProblems(raw, config),
    warnings: [...findWarnings(raw, config), ...environment.warnings],
    given: configKeys.map(({ path, standard }) => ({
      path,
      value: valueAt(raw.tables, path) ?? standard,
      origin: raw.originOf(path),
    })),
  };
}

/** For `serve`. Throws ConfigError. */
export function requireStartable(loaded: LoadedConfig): void {
  if (loaded.startProblems.length > 0) throw new ConfigError(loaded.startProblems);
}

/** What trial mode has instead of a file. */
const trial: readonly Override[] = [
  { path: 'delivery.transport', value: 'capture', origin: { kind: 'trial' } },
  { path: 'checks.spf_dkim_dmarc', value: false, origin: { kind: 'trial' } },
];

/** Links lead to where the pages are, also on another port. */
function trialWith(overrides: readonly Override[]): readonly Override[] {
  const listen = overrides.find(({ path }) => path === 'web.listen')?.value;
  if (typeof listen !== 'string') return trial;
  return [...trial, { path: 'base_url', value: `http://${listen}`, origin: { kind: 'trial' } }];
}

/** Variables alone make a configuration once they say how mail leaves; others only adjust trial mode (another port, say). */
function sourceOf(file: { readonly path: string } | undefined, overrides: readonly Override[]): ConfigSource {
  if (file) return { kind: 'file', file: file.path };
  const configured = overrides.some(({ path }) => path === 'delivery.transport');
  return { kind: configured ? 'environment' : 'trial' };
}

/** A path in the file starts at the file's folder, one in a variable where the program was started. */
function withAbsolutePaths(config: Config, raw: RawConfig, folders: { file: string; cwd: string }): Config {
  const absolute = (key: string, path: string) => {
    const from = raw.originOf(key).kind === 'environment' ? folders.cwd : folders.file;
    return path === '' ? '' : resolve(from, path);
  };
  const { tls_cert, tls_key } = config.smtp;
  return {
    ...config,
    data_dir: absolute('data_dir', config.data_dir),
    smtp: {
      ...config.smtp,
      tls_cert: absolute('smtp.tls_cert', tls_cert),
      tls_key: absolute('smtp.tls_key', tls_key),
    },
  };
}
