import { Refusal } from '../domain/refusal.ts';
import type { SqliteConnection } from './sqlite-connection.ts';
import { refusalOf, sqliteCode } from './sqlite-errors.ts';

/** A sentence for each fault that SQLite finds in its pages, indexes and references; at most 100 of each kind. */
export function checkSqlite({ raw }: SqliteConnection, file: string): readonly string[] {
  try {
    return [...damagedPages(raw), ...brokenReferences(raw)];
  } catch (error) {
    if (sqliteCode(error).startsWith('SQLITE_CORRUPT'))
      return [`So much of ${file} is damaged that it cannot be read to the end.`];
    const refusal = refusalOf(error, file);
    if (refusal instanceof Refusal) return [refusal.message];
    throw error;
  }
}

function damagedPages(raw: SqliteConnection['raw']): readonly string[] {
  const rows = raw.pragma('integrity_check') as readonly { integrity_check: string }[];
  return rows.map((row) => row.integrity_check).filter((finding) => finding !== 'ok');
}

function brokenReferences(raw: SqliteConnection['raw']): readonly string[] {
  const rows = raw.pragma('foreign_key_check') as readonly { table: string; rowid: number; parent: string }[];
  return rows
    .slice(0, 100)
    .map(
      ({ table, rowid, parent }) =>
        `Row ${rowid} of ${table} belongs to a row of ${parent} that is not there.`,
    );
}
