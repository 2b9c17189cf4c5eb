import { type KeyFacts, keyFacts, sectionFacts } from './key.ts';
import { configSchema } from './schema.ts';

/** One key with the place where it stands. */
export interface ConfigKey extends KeyFacts {
  /** `smtp.max_size`. */
  readonly path: string;
  /** `LISTWRIGHT_SMTP__MAX_SIZE`. */
  readonly variable: string;
}

/** A `[table]`, or, with name '', the keys above the first one. */
export interface ConfigSection {
  readonly name: string;
  readonly description: string;
  readonly keys: readonly ConfigKey[];
}

/** The schema as data, in its own order. */
export const configSections: readonly ConfigSection[] = readSections();

export const configKeys: readonly ConfigKey[] = configSections.flatMap(({ keys }) => keys);

export function findKey(path: string): ConfigKey | undefined {
  return configKeys.find((key) => key.path === path);
}

/** As docs/config.md has them; what is no key after those of its table, and what is of no table at the end. */
export function inOrder<T>(found: readonly T[], pathOf: (each: T) => string): readonly T[] {
  return found.toSorted((a, b) => rankOf(pathOf(a)) - rankOf(pathOf(b)));
}

function rankOf(path: string): number {
  const known = configKeys.findIndex((key) => key.path === path);
  if (known >= 0) return known;
  const table = path.includes('.') ? path.slice(0, path.indexOf('.')) : path;
  const section = configSections.find(({ name }) => name === table);
  const last = configKeys.findLastIndex(({ path: other }) => section?.keys.some((key) => key.path === other));
  if (section && path === table) return last + 0.5 - section.keys.length;
  if (section) return last + 0.5;
  return configKeys.length;
}

function readSections(): ConfigSection[] {
  const tables = Object.entries(configSchema.shape).flatMap(([name, schema]) =>
    'shape' in schema
      ? [
          {
            name,
            description: sectionFacts.get(schema)?.description ?? '',
            keys: readKeys(schema.shape, name),
          },
        ]
      : [],
  );
  return [{ name: '', description: '', keys: readKeys(configSchema.shape, '') }, ...tables];
}

function readKeys(shape: object, within: string): ConfigKey[] {
  return Object.entries(shape).flatMap(([name, schema]) => {
    const facts = keyFacts.get(schema);
    if (!facts) return [];
    const path = within === '' ? name : `${within}.${name}`;
    return [{ ...facts, path, variable: `LISTWRIGHT_${path.toUpperCase().replaceAll('.', '__')}` }];
  });
}
