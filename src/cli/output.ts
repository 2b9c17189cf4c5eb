import Table from 'cli-table3';
import { printable } from './printable.ts';

/** Everything a command prints on standard output: for people, or with `--json` one document for programs. */
export interface Output {
  /** One thing that was done, as a sentence; `json` is the document in its stead. */
  done(sentence: string, json: unknown): void;
  /** A table, or the array that `json` makes of the rows. `none` is said (on standard error) where there are no rows. */
  rows<R>(rows: readonly R[], view: RowsView<R>): void;
  /** Facts of one thing, a line each, or `json`. */
  facts(facts: readonly (readonly [label: string, value: Cell])[], json: unknown): void;
  /** Text as it is: a script, an exported file; or `json`, where there is another form. */
  raw(text: string | Uint8Array, json?: unknown): void;
  /** A mail as it came, which a stranger wrote: on a terminal without what could control it. */
  mail(raw: Uint8Array): void;
  /** A remark on standard error; it never mixes with the data. */
  note(sentence: string): void;
  readonly json: boolean;
}

export interface RowsView<R> {
  readonly columns: readonly (readonly [title: string, cell: (row: R) => Cell])[];
  readonly json: (row: R) => unknown;
  readonly none: string;
}

/** Numbers stand on the right; null and undefined are empty. */
export type Cell = string | number | boolean | null | undefined;

export interface OutputStreams {
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
}

export function createOutput({ stdout, stderr }: OutputStreams, wantsJson: () => boolean): Output {
  const print = (text: string) => void stdout.write(`${text}\n`);
  const document = (json: unknown) => print(JSON.stringify(json, null, 2));
  return {
    get json() {
      return wantsJson();
    },
    done: (sentence, json) => (wantsJson() ? document(json) : print(printable(sentence))),
    rows: (rows, view) => {
      if (wantsJson()) document(rows.map(view.json));
      else if (rows.length === 0) stderr.write(`${view.none}\n`);
      else
        print(
          stdout.isTTY
            ? renderToFit(rows, view, stdout.columns || Infinity)
            : renderTable(rows, view, plain).text,
        );
    },
    facts: (facts, json) => (wantsJson() ? document(json) : print(renderFacts(facts))),
    raw: (text, json) => (wantsJson() && json !== undefined ? document(json) : void stdout.write(text)),
    mail: (raw) => {
      const text = Buffer.from(raw).toString('utf8').replaceAll('\r\n', '\n');
      stdout.write(stdout.isTTY ? text.split('\n').map(printable).join('\n') : text);
    },
    note: (sentence) => void stderr.write(`${printable(sentence)}\n`),
  };
}

/** ISO 8601 UTC, for `--json`. */
export function isoTime(ms: number): string {
  return new Date(ms).toISOString();
}

/** `2026-11-21 20:47` UTC, for people. */
export function shortTime(ms: number): string {
  return isoTime(ms).slice(0, 16).replace('T', ' ');
}

/** The first that is no wider than the terminal: a table with lines, columns alone, or a block of facts for each row. */
function renderToFit<R>(rows: readonly R[], view: Pick<RowsView<R>, 'columns'>, room: number): string {
  for (const layout of [lined, plain]) {
    const { text, width } = renderTable(rows, view, layout);
    if (width <= room) return text;
  }
  return rows.map((row) => renderFacts(view.columns.map(([title, cell]) => [title, cell(row)]))).join('\n\n');
}

/** cli-table3 knows how wide 漢字 are. */
function renderTable<R>(
  rows: readonly R[],
  { columns }: Pick<RowsView<R>, 'columns'>,
  { style, ...layout }: Layout,
): { readonly text: string; readonly width: number } {
  const cells = rows.map((row) => columns.map(([, cell]) => cell(row)));
  const table = new Table({
    head: columns.map(([title]) => title),
    colAligns: columns.map((_, i) => (cells.every((row) => typeof row[i] === 'number') ? 'right' : 'left')),
    style: { head: [], border: [], ...style },
    ...layout,
  });
  table.push(...cells.map((row) => row.map(cellText)));
  const lines = table.toString().split('\n');
  // All are padded to one width, and the first has only our own words in it: a unit for each column.
  return { text: lines.map((line) => line.trimEnd()).join('\n'), width: lines[0]?.length ?? 0 };
}

function renderFacts(facts: readonly (readonly [label: string, value: Cell])[]): string {
  const width = Math.max(0, ...facts.map(([label]) => label.length));
  return facts.map(([label, value]) => `${label.padEnd(width)}  ${cellText(value)}`.trimEnd()).join('\n');
}

function cellText(cell: Cell): string {
  if (typeof cell === 'boolean') return cell ? 'yes' : 'no';
  return printable(`${cell ?? ''}`);
}

const sides = ['top', 'bottom', 'left', 'right', 'mid'] as const;

interface Layout {
  readonly chars?: Readonly<Record<string, string>>;
  readonly style?: { readonly 'padding-left': number; readonly 'padding-right': number };
}

const lined: Layout = {};

/** Columns that cut, sort and awk can work on. */
const plain: Layout = {
  style: { 'padding-left': 0, 'padding-right': 0 },
  chars: {
    ...Object.fromEntries(
      sides.flatMap((side) =>
        [side, `${side}-mid`, `${side}-left`, `${side}-right`].map((name) => [name, '']),
      ),
    ),
    'left-mid': '',
    'mid-mid': '',
    'right-mid': '',
    middle: '  ',
  },
};
