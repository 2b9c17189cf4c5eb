import { configKeys } from '../../src/config/keys.ts';
import { settingKeys } from '../../src/domain/setting-value.ts';
import { describeType, type Field, type JsonPage, type ObjectType, type Type } from './json-page.ts';

/** Compares what commands print with what docs/json.md says of it. */

export interface Printed {
  /** The words of the command, as the page has them: `queue ls --failed`. */
  readonly name: string;
  readonly document: unknown;
}

/** A sentence for each thing in which a document and the page differ. */
export function compareDocument(page: JsonPage, printed: Printed): readonly string[] {
  return compareWhole(page, printed, nothingSeen());
}

/** A sentence for each thing that the page says and none of the documents shows. */
export function unshownOf(page: JsonPage, all: readonly Printed[]): readonly string[] {
  const seen = nothingSeen();
  for (const printed of all) compareWhole(page, printed, seen);
  const silent = [...page.commands.keys()].filter((name) => !all.some((printed) => printed.name === name));
  return [
    ...silent.map((name) => `docs/json.md says what “${name}” prints, and nobody ran it`),
    ...page.fields.flatMap((field) => unshown(field, seen)),
  ];
}

function unshown(field: Field, seen: Seen): readonly string[] {
  const { type, place } = field;
  if (!seen.fields.has(field)) return [`docs/json.md names “${place}”, which no command printed`];
  // What is only null or empty shows nothing of the type.
  if (!seen.filled.has(field) && type.kind !== 'literal')
    return [`docs/json.md says that “${place}” is ${describeType(type)}, and it was null or empty each time`];
  const nullable =
    type.kind === 'either' && type.of.some((one) => one.kind === 'literal' && one.value === null);
  return nullable && !seen.nulls.has(field)
    ? [`docs/json.md says that “${place}” may be null, and it never was`]
    : [];
}

/** Of the fields of the page, over several documents. */
interface Seen {
  readonly fields: Set<Field>;
  readonly filled: Set<Field>;
  readonly nulls: Set<Field>;
}

function nothingSeen(): Seen {
  return { fields: new Set(), filled: new Set(), nulls: new Set() };
}

interface Comparison {
  readonly page: JsonPage;
  readonly name: string;
  readonly seen: Seen;
}

interface Part {
  readonly value: unknown;
  /** `[].identity.class`; '' is the whole document. */
  readonly path: string;
}

function compareWhole(page: JsonPage, { name, document }: Printed, seen: Seen): readonly string[] {
  const type = page.commands.get(name);
  return type
    ? compare({ page, name, seen }, type, { value: document, path: '' })
    : [`docs/json.md does not say what “${name}” prints`];
}

function compare(about: Comparison, type: Type, part: Part): readonly string[] {
  const { value, path } = part;
  switch (type.kind) {
    case 'literal':
      return value === type.value ? [] : [differs(about, type, part)];
    case 'either': {
      const meant = type.of.find((one) => isLike(about.page, one, value));
      return meant ? compare(about, meant, part) : [differs(about, type, part)];
    }
    case 'array':
      return Array.isArray(value)
        ? value.flatMap((one) => compare(about, type.of, { value: one, path: `${path}[]` }))
        : [differs(about, type, part)];
    case 'object':
      return isRecord(value) ? compareObject(about, type, { value, path }) : [differs(about, type, part)];
    case 'word': {
      const named = about.page.named.get(type.word);
      if (named) return compare(about, named, part);
      return isLike(about.page, type, value) ? [] : [differs(about, type, part)];
    }
  }
}

function compareObject(
  about: Comparison,
  type: ObjectType,
  { value, path }: { readonly value: Readonly<Record<string, unknown>>; readonly path: string },
): readonly string[] {
  const fields = fieldsOf(about.page, type);
  const at = (key: string) => (path === '' ? key : `${path}.${key}`);
  const unnamed = Object.keys(value)
    .filter((key) => !fields.some((field) => field.key === key))
    .map((key) => `“${about.name}” prints “${at(key)}”, which docs/json.md does not name`);
  const others = fields.flatMap((field) => {
    if (!Object.hasOwn(value, field.key))
      return [`docs/json.md names “${at(field.key)}” of “${about.name}”, which it did not print`];
    const found = value[field.key];
    note(about.seen, field, found);
    return compare(about, field.type, { value: found, path: at(field.key) });
  });
  return [...unnamed, ...others];
}

function note({ fields, filled, nulls }: Seen, field: Field, value: unknown): void {
  fields.add(field);
  if (value === null) nulls.add(field);
  else if (value !== '' && !(Array.isArray(value) && value.length === 0)) filled.add(field);
}

function differs({ name }: Comparison, type: Type, { value, path }: Part): string {
  const found = JSON.stringify(value)?.slice(0, 100);
  return `“${name}” prints ${found} as ${path === '' ? 'its document' : `“${path}”`}, of which docs/json.md says ${describeType(type)}`;
}

/** All but what is inside it. */
function isLike(page: JsonPage, type: Type, value: unknown): boolean {
  switch (type.kind) {
    case 'literal':
      return value === type.value;
    case 'array':
      return Array.isArray(value);
    case 'object':
      return isRecord(value);
    case 'either':
      return type.of.some((one) => isLike(page, one, value));
    case 'word': {
      const named = page.named.get(type.word);
      return named ? isLike(page, named, value) : (words[type.word]?.(value) ?? false);
    }
  }
}

/** What the head of the page explains. */
const words: Readonly<Record<string, (value: unknown) => boolean>> = {
  text: (value) => typeof value === 'string',
  number: (value) => typeof value === 'number',
  integer: (value) => Number.isInteger(value),
  boolean: (value) => typeof value === 'boolean',
  id: (value) => Number.isInteger(value) && Number(value) > 0,
  time: (value) => matches(value, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
  address: (value) => matches(value, /^[^\s@]+@[^\s@]+$/),
  who: (value) => matches(value, /^(operator:(cli|mail)|system|(verified|holder):.+|[^\s:]+@[^\s@]+)$/),
  settings: (value) => isRecord(value) && hasKeys(value, settingKeys),
  configuration: (value) =>
    isRecord(value) && configKeys.every(({ path }) => path.split('.').reduce(keyOf, value) !== undefined),
};

function hasKeys(value: object, keys: Iterable<string>): boolean {
  return Object.keys(value).sort().join() === [...keys].sort().join();
}

function keyOf(table: unknown, key: string): unknown {
  return isRecord(table) ? table[key] : undefined;
}

function matches(value: unknown, pattern: RegExp): boolean {
  return typeof value === 'string' && pattern.test(value);
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function fieldsOf(page: JsonPage, { fields, includes }: ObjectType): readonly Field[] {
  const included = includes.flatMap((name) => {
    const type = page.named.get(name);
    if (type?.kind !== 'object') throw new Error(`docs/json.md has “...${name}”, and no block of that name`);
    return fieldsOf(page, type);
  });
  return [...included, ...fields];
}

/** The name under which the page has a command line: that with most words of it. */
export function nameOfCommand({ commands }: JsonPage, args: readonly string[]): string {
  const isNamed = (name: string) => {
    const words = name.split(' ');
    const verb = words.filter((word) => !word.startsWith('--'));
    return verb.every((word, i) => args[i] === word) && words.every((word) => args.includes(word));
  };
  const [longest] = [...commands.keys()].filter(isNamed).sort((a, b) => b.length - a.length);
  return longest ?? args.slice(0, 2).join(' ');
}
