import { Refusal } from '../domain/refusal.ts';

/** Another transaction came first; running this one again is right (40001 serialization failure, 40P01 deadlock). */
export function isLostRace(error: unknown): boolean {
  return /^40(001|P01)$/.test(codeOf(error));
}

/** Somebody else had the lock for all of `lock_timeout` (55P03). */
export function isLockTimeout(error: unknown): boolean {
  return codeOf(error) === '55P03';
}

/** What the server or the network did to us, as a sentence for the person who asked; anything else is a bug and stays as it is. */
export function refusalOf(error: unknown): unknown {
  const code = codeOf(error);
  const known = sentences.find(({ codes }) => codes.test(code));
  if (known) return new Refusal('busy', `${known.sentence} (${code})`);
  // pg has no codes for these.
  if (error instanceof Error && lostConnection.test(error.message))
    return new Refusal('busy', 'The connection to PostgreSQL was lost: try again in a moment.');
  return error;
}

const lostConnection =
  /^(Connection terminated|timeout exceeded when trying|Client has encountered a connection error)/;

/** An SQLSTATE, or Node's name for a failed system call. */
function codeOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : '';
}

const sentences: readonly { readonly codes: RegExp; readonly sentence: string }[] = [
  {
    codes: /^(ECONN|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|ENOENT|08|57P0)/,
    sentence: 'PostgreSQL does not answer: check that it runs and that the address is right',
  },
  {
    codes: /^(ENOTFOUND|EAI_)/,
    sentence: 'The host name of the PostgreSQL server cannot be found: check the address',
  },
  { codes: /^28/, sentence: 'PostgreSQL refused the user or the password: check both' },
  {
    codes: /^3D000/,
    sentence: 'The PostgreSQL database does not exist: make it with createdb --encoding=UTF8',
  },
  { codes: /^53300/, sentence: 'PostgreSQL has no connection to spare: try again in a moment' },
  { codes: /^53/, sentence: 'PostgreSQL has run out of disk space or memory' },
  { codes: /^(55P03|57014|25P0[34])/, sentence: 'PostgreSQL took too long: try again in a moment' },
  { codes: /^(42501|25006)/, sentence: 'The PostgreSQL user may not write to this database' },
  { codes: /^(58|XX00[12])/, sentence: "The disk failed under PostgreSQL: see its server's log" },
];
