import { resolve } from 'node:path';
import { Refusal } from '../domain/refusal.ts';
import type { OpenOptions, Store } from './store.ts';

/**
 * Opens the database of `url`: `sqlite:FILE` or `postgres://user@host/name`. Throws a Refusal that says what is wrong with it, and
 * what to do.
 */
export async function openStore(url: string, options: OpenOptions): Promise<Store> {
  // Loaded when it is wanted: nobody needs both engines.
  if (url.startsWith('sqlite:')) {
    const { openSqlite } = await import('./sqlite.ts');
    return openSqlite(resolve(options.dataDir, url.slice('sqlite:'.length)), options);
  }
  if (/^postgres(ql)?:\/\//.test(url)) {
    const { openPostgres } = await import('./postgres.ts');
    return openPostgres(url, options);
  }
  throw new Refusal('invalid', 'The address of the database is "sqlite:FILE" or "postgres://…".');
}
