/** docs/json.md as a test reads it: which command prints what. */
export interface JsonPage {
  /** By the words of a command, `queue ls --failed`. */
  readonly commands: ReadonlyMap<string, Type>;
  /** `Role`, `List` … */
  readonly named: ReadonlyMap<string, Type>;
  /** Commands that it says print no document. */
  readonly silent: readonly string[];
  /** Every field of every block, once. */
  readonly fields: readonly Field[];
}

export type Type =
  /** What the page explains at its head (`text`), or names (`List`). */
  | { readonly kind: 'word'; readonly word: string }
  | { readonly kind: 'literal'; readonly value: unknown }
  | { readonly kind: 'array'; readonly of: Type }
  | { readonly kind: 'either'; readonly of: readonly Type[] }
  | ObjectType;

export interface ObjectType {
  readonly kind: 'object';
  readonly fields: readonly Field[];
  /** Names of others whose fields it has, too: `...List`. */
  readonly includes: readonly string[];
}

export interface Field {
  readonly key: string;
  readonly type: Type;
  /** `held show: decision.by`: where the page has it. */
  readonly place: string;
}

/** Throws where a heading, a block or a type cannot be read. */
export function readJsonPage(text: string): JsonPage {
  const named = new Map<string, Type>();
  const commands = new Map<string, Type>();
  const fields: Field[] = [];
  for (const [, name = '', type = ''] of text.matchAll(/^- `([A-Z]\w*)`: `([^`]+)`$/gm))
    named.set(name, readType(type));
  for (const part of text.split(/^(?=#{2,3} |`[A-Z]\w*`)/m)) {
    const block = /^```\n([\s\S]*?)^```$/m.exec(part)?.[1];
    const name = /^`([A-Z]\w*)`/.exec(part)?.[1];
    const heading = /^### (.*)$/m.exec(part)?.[1];
    const readBlock = (place: string) =>
      block === undefined ? undefined : readLines(linesOf(block), { depth: 0, place: `${place}: `, fields });
    const object = readBlock(name ?? heading?.replaceAll('`', '') ?? '');
    if (name !== undefined && object) named.set(name, object);
    if (heading !== undefined)
      for (const command of namesIn(heading)) commands.set(command, readType(printedOf(part), object));
  }
  return {
    commands,
    named,
    silent: namesIn(/^(`serve`.*) print the same with/m.exec(text)?.[1] ?? ''),
    fields,
  };
}

function printedOf(part: string): string {
  const printed = /^Prints `([^`]+)`/m.exec(part)?.[1];
  if (printed === undefined)
    throw new Error(`docs/json.md: nothing like “Prints \`List\`” in: ${part.slice(0, 200)}`);
  return printed;
}

function namesIn(line: string): readonly string[] {
  return [...line.matchAll(/`([a-z][^`]*)`/g)].map(([, name = '']) => name);
}

function linesOf(block: string): readonly string[] {
  return block.split('\n').filter((line) => line.trim() !== '');
}

interface Place {
  /** Levels of two spaces. */
  readonly depth: number;
  readonly place: string;
  /** Where all fields are gathered. */
  readonly fields: Field[];
}

function readLines(lines: readonly string[], { depth, place, fields }: Place): ObjectType {
  const own: Field[] = [];
  const includes: string[] = [];
  const isBelow = (line: string) => line.startsWith('  '.repeat(depth + 1));
  for (const [i, line] of lines.entries()) {
    if (isBelow(line)) continue;
    const text = line.trim();
    if (text.startsWith('...')) {
      includes.push(text.slice(3));
      continue;
    }
    const [, key = '', type = ''] = /^(\w+) +(\S+(?: \| \S+)*) {2,}\S/.exec(text) ?? [];
    if (key === '') throw new Error(`docs/json.md: ${place}“${text}” is not a key, its type and its meaning`);
    const next = lines.findIndex((other, j) => j > i && !isBelow(other));
    const below = lines.slice(i + 1, next < 0 ? undefined : next);
    const inner = { depth: depth + 1, place: `${place}${key}.`, fields };
    const object = below.length === 0 ? undefined : readLines(below, inner);
    own.push({ key, type: readType(type, object), place: `${place}${key}` });
  }
  fields.push(...own);
  return { kind: 'object', fields: own, includes };
}

/** `object` is what stands below it. */
function readType(text: string, object?: Type): Type {
  const choices = text.split(' | ');
  if (choices.length > 1) return { kind: 'either', of: choices.map((one) => readType(one, object)) };
  if (text.endsWith('[]')) return { kind: 'array', of: readType(text.slice(0, -2), object) };
  if (/^(".*"|true|false|null)$/.test(text)) return { kind: 'literal', value: JSON.parse(text) };
  if (text !== 'object') return { kind: 'word', word: text };
  if (!object) throw new Error('docs/json.md: there is an “object” with nothing below it');
  return object;
}

export function describeType(type: Type): string {
  switch (type.kind) {
    case 'word':
      return type.word;
    case 'literal':
      return JSON.stringify(type.value);
    case 'array':
      return `${describeType(type.of)}[]`;
    case 'either':
      return type.of.map(describeType).join(' | ');
    case 'object':
      return 'object';
  }
}
