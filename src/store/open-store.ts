import { resolve } from 'node:path';
import { Refusal } from '../domain/refusal.ts';
import { openSqlite } from './sqlite.ts';
import type { OpenOptions, Store } from './store.ts';

/**
 * Opens the database of `url`: `sqlite:FILE` or `postgres://user@host/name`. Throws a Refusal that says what is wrong with it, and
 * what to do.
 */
export async function openStore(url: string, options: OpenOptions): Promise<Store> {
  if (url.startsWith('sqlite:'))
    return openSqlite(resolve(options.dataDir, url.slice('sqlite:'.length)), options);
  throw new Refusal('invalid', `The database is "sqlite:FILE" or "postgres://…", not "${url}".`);
}
