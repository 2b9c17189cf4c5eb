/** Comma separated values (RFC 4180), read with patience for what people and programs really write. */

export interface CsvRecord {
  /** Where it begins, from 1. */
  readonly line: number;
  readonly cells: readonly string[];
}

export type Delimiter = ',' | ';' | '\t';

/** The separator that the first line with any has most of; a comma where none has. */
export function detectDelimiter(text: string): Delimiter {
  const candidates: readonly Delimiter[] = [',', ';', '\t'];
  for (const line of text.split(/\r\n?|\n/, 20)) {
    const unquoted = line.replace(/"[^"]*"/g, '');
    const counts = candidates.map((delimiter) => unquoted.split(delimiter).length - 1);
    const most = Math.max(...counts);
    if (most > 0) return candidates[counts.indexOf(most)] ?? ',';
  }
  return ',';
}

/**
 * Records with trimmed cells. Quotes protect separators and line ends, and `""` inside them is one quote; text after a closing
 * quote belongs to the cell, as in `"Liddell, Alice" <alice@example.com>`.
 */
export function readCsv(
  text: string,
  delimiter: Delimiter,
): { readonly records: readonly CsvRecord[]; readonly invalid: readonly { line: number; why: string }[] } {
  const records: CsvRecord[] = [];
  const invalid: { line: number; why: string }[] = [];
  const source = text.replace(/^\ufeff/, '').replace(/\r\n?/g, '\n');
  for (let at = 0, line = 1; at < source.length; line++) {
    const record = readRecord(source, at, delimiter);
    if (record) {
      records.push({ line, cells: record.cells });
      line += record.breaks;
      at = record.end + 1;
    } else {
      invalid.push({ line, why: 'a quote is opened and never closed' });
      at = endOfLine(source, at) + 1;
    }
  }
  return { records, invalid };
}

/** A cell for a file that others read: quoted where it must be. */
export function csvCell(text: string): string {
  return /[",;\t\r\n]|^\s|\s$/.test(text) ? `"${text.replace(/"/g, '""')}"` : text;
}

interface RawRecord {
  readonly cells: readonly string[];
  /** Index of the line end, or the length. */
  readonly end: number;
  /** Line ends inside quotes. */
  readonly breaks: number;
}

function readRecord(source: string, start: number, delimiter: Delimiter): RawRecord | undefined {
  const cells: string[] = [];
  let cell = '';
  let breaks = 0;
  let at = start;
  for (; at < source.length && source[at] !== '\n'; at++) {
    const c = source[at];
    if (c === '"' && cell.trim() === '') {
      const closing = closingQuote(source, at);
      if (closing === undefined) return undefined;
      const quoted = source.slice(at + 1, closing);
      breaks += quoted.split('\n').length - 1;
      cell = quoted.replace(/""/g, '"');
      at = closing;
    } else if (c === delimiter) {
      cells.push(cell.trim());
      cell = '';
    } else {
      cell += c;
    }
  }
  return { cells: [...cells, cell.trim()], end: at, breaks };
}

function closingQuote(source: string, opening: number): number | undefined {
  let at = source.indexOf('"', opening + 1);
  while (at >= 0 && source[at + 1] === '"') at = source.indexOf('"', at + 2);
  return at < 0 ? undefined : at;
}

function endOfLine(source: string, from: number): number {
  const end = source.indexOf('\n', from);
  return end < 0 ? source.length : end;
}
