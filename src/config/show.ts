import { configSections, findKey } from './keys.ts';
import type { ConfigSource, GivenValue, LoadedConfig } from './load.ts';
import { describeOrigin } from './problem.ts';

/** The configuration in force as a file would say it, passwords masked, each value with its origin. */
export function shownToml(loaded: LoadedConfig): string {
  const lines = configSections.flatMap((section) => [
    ...(section.name === '' ? [] : ['', `[${section.name}]`]),
    ...valuesOf(section, loaded).map(line),
  ]);
  return `# ${describeSource(loaded.source)}\n${lines.join('\n')}\n`;
}

/** The same as tables of tables, for `--json`. */
export function shownTree(loaded: LoadedConfig): Readonly<Record<string, unknown>> {
  const tree: Record<string, unknown> = {};
  for (const { path, value } of loaded.given.map(masked)) {
    const [table = '', key] = path.split('.');
    if (key === undefined) tree[table] = value;
    else tree[table] = { ...(tree[table] as object | undefined), [key]: value };
  }
  return tree;
}

/** Where each value of it comes from, in the order of the manual, for `--json`. */
export function shownOrigins(loaded: LoadedConfig): readonly ShownOrigin[] {
  return configSections
    .flatMap((section) => valuesOf(section, loaded))
    .map(({ path, origin }) => ({ key: path, where: describeOrigin(origin) }));
}

export interface ShownOrigin {
  /** `smtp.max_size` */
  readonly key: string;
  /** A file with its line, a variable, or `default`. */
  readonly where: string;
}

export function describeSource(source: ConfigSource): string {
  switch (source.kind) {
    case 'file':
      return source.file;
    case 'environment':
      return 'the configuration in LISTWRIGHT_ variables';
    case 'trial':
      return 'trial mode (there is no configuration file, and nothing is sent)';
  }
}

function valuesOf({ keys }: (typeof configSections)[number], { given }: LoadedConfig): readonly GivenValue[] {
  return keys.flatMap(({ path }) => given.filter((value) => value.path === path));
}

function line(given: GivenValue): string {
  const { path, value, origin } = masked(given);
  const text = `${path.slice(path.indexOf('.') + 1)} = ${JSON.stringify(value)}`;
  return origin.kind === 'default' ? text : `${text}  # ${describeOrigin(origin)}`;
}

function masked(given: GivenValue): GivenValue {
  const mask = findKey(given.path)?.kind.mask;
  return mask && typeof given.value === 'string' ? { ...given, value: mask(given.value) } : given;
}
