import { Refusal, type RefusalCode } from '../domain/refusal.ts';

/** SQLite's extended result code, e.g. `SQLITE_BUSY`, of an error that better-sqlite3 threw; '' of any other. */
export function sqliteCode(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' && code.startsWith('SQLITE_') ? code : '';
}

/** Another process holds the lock; trying again helps. */
export function isLocked(error: unknown): boolean {
  return sqliteCode(error).startsWith('SQLITE_BUSY');
}

/** What the machine did to us, as a sentence for the person who asked; anything else is a bug and stays as it is. */
export function refusalOf(error: unknown, file: string): unknown {
  const code = sqliteCode(error);
  const known = sentences.find(({ codes }) => codes.test(code));
  return known ? new Refusal(known.refusal ?? 'busy', known.sentence(file, code)) : error;
}

/** The same for an error of the file system itself, under a file of SQLite's. */
export function diskFailure(error: unknown, file: string): unknown {
  const message = error instanceof Error ? error.message : String(error);
  return refusalOf(Object.assign(new Error(message), { code: 'SQLITE_IOERR_FSYNC' }), file);
}

interface Sentence {
  readonly codes: RegExp;
  /** Default 'busy'. */
  readonly refusal?: RefusalCode;
  sentence(file: string, code: string): string;
}

const sentences: readonly Sentence[] = [
  {
    codes: /^SQLITE_BUSY/,
    sentence: (file) => `The database ${file} is locked by another process: try again in a moment.`,
  },
  {
    codes: /^SQLITE_FULL/,
    refusal: 'full',
    sentence: (file) => `There is no space left for the database ${file}: free some, then try again.`,
  },
  {
    codes: /^SQLITE_NOTADB/,
    sentence: (file) => `${file} is not a database, or its first page is damaged: restore it from a backup.`,
  },
  {
    codes: /^SQLITE_CORRUPT/,
    sentence: (file) => `The database ${file} is damaged: restore it from a backup.`,
  },
  {
    codes: /^SQLITE_IOERR/,
    sentence: (file, code) => `The disk failed under the database ${file} (${code}): see the system's log.`,
  },
  {
    codes: /^SQLITE_(CANTOPEN|READONLY|PERM|AUTH)/,
    sentence: (file) =>
      `The database ${file} cannot be opened for writing: check that it and its folder belong to this user.`,
  },
];
