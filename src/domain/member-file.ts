import type { Address } from './address.ts';
import { type CsvRecord, detectDelimiter, readCsv } from './csv.ts';
import {
  type Column,
  type ColumnMap,
  type Field,
  foldTitle,
  plainLayout,
  readHeader,
} from './member-columns.ts';
import {
  allowedModes,
  allowedPostings,
  allowedRoles,
  parseMode,
  parsePosting,
  parseRole,
  tidyName,
} from './member-words.ts';
import type { DeliveryMode, Posting, Role } from './membership.ts';

/** A row of a file of members (email.md §10.8). Line numbers count from 1. */
export interface FileMember {
  readonly line: number;
  readonly email: Address;
  readonly name: string;
  readonly mode?: DeliveryMode;
  readonly role?: Role;
  /** Epoch milliseconds. */
  readonly joinedAt?: number;
  readonly posting?: Posting;
}

export interface MemberFile {
  /** Each address once; the first row that has it counts. */
  readonly members: readonly FileMember[];
  readonly invalid: readonly FileProblem[];
  /** Columns of the header that we have no use for. */
  readonly ignored: readonly string[];
}

export interface FileProblem {
  readonly line: number;
  readonly why: string;
}

export interface FileReading {
  /** Canonical address of what somebody wrote, international domains too. */
  readonly readEmail: (text: string) => Address | undefined;
  /** `E-Mail=email,Status=mode:D>digest`: what foreign columns and words mean. */
  readonly map?: ColumnMap;
}

/**
 * Reads `email[,name][,mode][,role][,joined]` with or without a header row, separated by commas, semicolons or tabs;
 * `"Name" <address>` in the first column, or one bare address a line. Empty lines and lines with `#` first say nothing.
 */
export function parseMemberFile(text: string, reading: FileReading): MemberFile {
  const { records, invalid } = readCsv(text, detectDelimiter(text));
  const rows = records.filter(({ cells }) => cells.some((cell) => cell !== '') && !cells[0]?.startsWith('#'));
  const header = rows[0] && readHeader(rows[0], reading.map);
  const layout: readonly Column[] = header ?? plainLayout;
  const members = new Map<string, FileMember>();
  const problems = [...invalid];
  for (const row of header ? rows.slice(1) : rows) {
    const read = readRow(row, layout, reading);
    if ('why' in read) problems.push(read);
    else if (!members.has(read.email)) members.set(read.email, read);
  }
  return {
    members: [...members.values()],
    invalid: problems.sort((a, b) => a.line - b.line),
    ignored: layout.flatMap(({ title, field }) => (header && field === undefined ? [title] : [])),
  };
}

/** Bytes of a file in UTF-8, in UTF-16 with its mark, or else in windows-1252, the way spreadsheets save. */
export function decodeMemberFile(bytes: Uint8Array): string {
  const [first, second] = bytes;
  if (first === 0xff && second === 0xfe) return new TextDecoder('utf-16le').decode(bytes);
  if (first === 0xfe && second === 0xff) return new TextDecoder('utf-16be').decode(bytes);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder('windows-1252').decode(bytes);
  }
}

function readRow(
  { line, cells }: CsvRecord,
  layout: readonly Column[],
  { readEmail }: FileReading,
): FileMember | FileProblem {
  const found = new Map<Field, string>();
  for (const [i, { field, words }] of layout.entries()) {
    const cell = (cells[i] ?? '').trim();
    if (field !== undefined && cell !== '') found.set(field, words.get(foldTitle(cell)) ?? cell);
  }
  const written = splitMailbox(found.get('email') ?? '');
  const email = readEmail(written.email);
  if (!email) return { line, why: describeNoEmail(written.email) };
  const mode = optional(found.get('mode'), parseMode);
  if (mode === 'wrong') return { line, why: `mode "${found.get('mode')}" is not ${allowedModes}` };
  const role = optional(found.get('role'), parseRole);
  if (role === 'wrong') return { line, why: `role "${found.get('role')}" is not ${allowedRoles}` };
  const joinedAt = optional(found.get('joined'), readDay);
  if (joinedAt === 'wrong') return { line, why: `"${found.get('joined')}" is no date like 2026-11-21` };
  const posting = optional(found.get('posting'), parsePosting);
  if (posting === 'wrong')
    return { line, why: `posting "${found.get('posting')}" is not ${allowedPostings}` };
  return {
    line,
    email,
    name: tidyName(unguard(found.get('name') ?? written.name)),
    ...(mode && { mode }),
    ...(role && { role }),
    ...(joinedAt !== undefined && { joinedAt }),
    ...(posting && { posting }),
  };
}

/** `"Alice" <alice@example.com>`, or the address alone. */
function splitMailbox(text: string): { readonly email: string; readonly name: string } {
  const match = /^(.*)<([^<>]*)>$/.exec(text);
  if (!match) return { email: text, name: '' };
  return { email: (match[2] ?? '').trim(), name: (match[1] ?? '').trim().replace(/^"(.*)"$/, '$1') };
}

function describeNoEmail(text: string): string {
  return text === '' ? 'there is no address' : `"${text.slice(0, 100)}" is not an address we can write to`;
}

function optional<T>(
  text: string | undefined,
  parse: (text: string) => T | undefined,
): T | undefined | 'wrong' {
  return text === undefined ? undefined : (parse(text) ?? 'wrong');
}

/** ISO 8601 only: what 03/04/2026 means depends on who wrote it. A time without a zone is UTC. */
function readDay(text: string): number | undefined {
  const match = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d(?:\.\d+)?)?)(Z|[+-]\d\d:?\d\d)?)?$/.exec(text);
  if (!match) return undefined;
  const time = Date.parse(`${match[1]}T${match[2] ?? '00:00'}${match[3] ?? 'Z'}`);
  return Number.isNaN(time) ? undefined : time;
}

/** Exports guard names that a spreadsheet would run as a formula with an apostrophe. */
function unguard(name: string): string {
  return name.replace(/^'(?=[=+\-@])/, '');
}
