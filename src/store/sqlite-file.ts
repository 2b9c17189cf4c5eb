import { chmodSync, closeSync, mkdirSync, openSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * Makes the file, or takes the rights of others away from it, before SQLite opens it; SQLite gives -wal and -shm the same mode.
 * An existing file is never opened here: closing a descriptor of it would drop the locks that this process may hold through SQLite.
 */
export function prepareFile(file: string): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const known = statSync(file, { throwIfNoEntry: false });
  if (!known) closeSync(openSync(file, 'ax', 0o600));
  else if ((known.mode & 0o077) !== 0) chmodSync(file, 0o600);
}
