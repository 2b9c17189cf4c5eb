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
