import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parse, TomlError } from 'smol-toml';
import { configSections } from './keys.ts';
import { locateKeys, type Place, placeOfPath } from './locate.ts';
import { ConfigError, type Origin } from './problem.ts';

/** A configuration as it was written, not yet judged: tables of tables, and where each value stands. */
export interface RawConfig {
  readonly tables: Table;
  originOf(path: string): Origin;
}

/** One value that goes before the file's. */
export interface Override {
  readonly path: string;
  readonly value: unknown;
  readonly origin: Origin;
}

export interface ConfigFile {
  /** As it was named, for messages. */
  readonly name: string;
  /** Absolute. */
  readonly path: string;
  readonly tables: Table;
  readonly places: ReadonlyMap<string, Place>;
}

type Table = { [key: string]: unknown };

/** The file that was asked for, else the first of the usual ones that exists. Throws ConfigError where it cannot be read. */
export function readConfigFile(named: string | undefined, cwd: string): ConfigFile | undefined {
  if (named !== undefined) return readToml(named, cwd) ?? fail(named, 'there is no such file');
  return readToml('listwright.toml', cwd) ?? readToml('/etc/listwright/listwright.toml', cwd);
}

export function assemble(file: ConfigFile | undefined, overrides: readonly Override[]): RawConfig {
  const tables: Table = { ...file?.tables };
  for (const { name } of configSections) if (name !== '') tables[name] ??= {};
  for (const { path, value } of overrides) set(tables, path, value);
  const over = new Map(overrides.map(({ path, origin }) => [path, origin]));
  return {
    tables,
    originOf: (path) => over.get(path) ?? (file ? originIn(file, path) : { kind: 'default' }),
  };
}

/** The value at a dotted path, if any. */
export function valueAt(tables: Table, path: string): unknown {
  return path
    .split('.')
    .reduce<unknown>(
      (table, name) => (isTable(table) && Object.hasOwn(table, name) ? table[name] : undefined),
      tables,
    );
}

function originIn(file: ConfigFile, path: string): Origin {
  if (valueAt(file.tables, path) === undefined) return { kind: 'default' };
  return { kind: 'file', file: file.name, ...placeOfPath(file.places, path) };
}

function readToml(name: string, cwd: string): ConfigFile | undefined {
  const path = resolve(cwd, name);
  try {
    const text = readFileSync(path, 'utf8');
    return { name, path, tables: parse(text), places: locateKeys(text) };
  } catch (error) {
    if (error instanceof TomlError) {
      // Its message goes on with the lines around, which may hold a password.
      const what = error.message.split('\n')[0]?.replace('Invalid TOML document: ', '') ?? '';
      const { line, column } = error;
      throw new ConfigError([
        { origin: { kind: 'file', file: name, line, column }, what: `not valid TOML: ${what}` },
      ]);
    }
    if (!isSystemError(error)) throw error;
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined;
    return fail(
      name,
      error.code === 'EACCES' ? 'this user may not read the file' : `cannot be read (${error.code})`,
    );
  }
}

function fail(file: string, what: string): never {
  throw new ConfigError([{ origin: { kind: 'file', file }, what }]);
}

/** Where the file says something else than a table, the value is dropped: the file's slip is reported instead. */
function set(tables: Table, path: string, value: unknown): void {
  const [name = '', inner] = path.split('.');
  if (inner === undefined) tables[name] = value;
  else if (isTable(tables[name])) tables[name] = { ...tables[name], [inner]: value };
}

function isTable(value: unknown): value is Table {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date);
}

function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'code' in error;
}
