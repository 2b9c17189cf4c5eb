import type { CsvRecord } from './csv.ts';

export type Field = 'email' | 'name' | 'mode' | 'role' | 'joined' | 'posting';

export interface Column {
  readonly title: string;
  readonly field: Field | undefined;
  readonly words: ReadonlyMap<string, string>;
}

/** Foreign titles and words, in lower case, and what they mean. */
export type ColumnMap = ReadonlyMap<
  string,
  { readonly field: Field; readonly words: ReadonlyMap<string, string> }
>;

const titles: Readonly<Record<Field, readonly string[]>> = {
  email: ['email', 'e-mail', 'email address', 'e-mail address', 'address', 'mail'],
  name: ['name', 'full name', 'display name', 'realname'],
  mode: ['mode', 'delivery', 'delivery mode'],
  role: ['role'],
  joined: ['joined', 'joined at', 'joinedat', 'subscribed'],
  posting: ['posting', 'moderated', 'moderation'],
};
const fields = Object.keys(titles) as readonly Field[];
const noWords: ReadonlyMap<string, string> = new Map();

/** Without a header, columns have their place; those after `joined` are other programs' and say nothing to us. */
export const plainLayout: readonly Column[] = fields
  .filter((field) => field !== 'posting')
  .map((field) => ({ title: field, field, words: noWords }));

/** Reads `--map`; a sentence when it makes no sense. */
export function parseColumnMap(text: string): ColumnMap | string {
  const map = new Map<string, { field: Field; words: ReadonlyMap<string, string> }>();
  for (const part of text.split(',')) {
    const match = /^\s*([^=]+?)\s*=\s*([a-z]+)\s*((?::[^:>]+>[^:>]+)*)\s*$/i.exec(part);
    const field = fields.find((name) => name === match?.[2]?.toLowerCase());
    if (!match || !field) {
      return `"${part.trim()}" is not like "E-Mail=email" or "Status=mode:D>digest"; the columns are ${fields.join(', ')}.`;
    }
    const words = (match[3] ?? '').split(':').flatMap((pair) => {
      const [from, to] = pair.split('>');
      return from && to ? [[from.trim().toLowerCase(), to.trim()] as const] : [];
    });
    map.set(foldTitle(match[1]), { field, words: new Map(words) });
  }
  return map;
}

/** The columns of a first row that names them; undefined when it is a member's. */
export function readHeader({ cells }: CsvRecord, map: ColumnMap | undefined): Column[] | undefined {
  const columns = cells.map((title): Column => {
    const mapped = map?.get(foldTitle(title));
    return {
      title,
      field: mapped?.field ?? fields.find((field) => titles[field].includes(foldTitle(title))),
      words: mapped?.words ?? noWords,
    };
  });
  return columns.some(({ field }) => field === 'email') ? columns : undefined;
}

/** Titles and words are compared without regard to case. */
export function foldTitle(text: string | undefined): string {
  return (text ?? '').trim().toLowerCase();
}
