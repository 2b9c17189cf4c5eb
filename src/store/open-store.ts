import { resolve } from 'node:path';
import { Refusal } from '../domain/refusal.ts';
import type { OpenOptions, Store } from './store.ts';
import { assertWhole } from './unfinished-copy.ts';

/**
 * Opens the database of `url`: `sqlite:FILE` or `postgres://user@host/name`. Throws a Refusal that says what is wrong with it, and
 * what to do; so for the part of a copy that was broken off, unless its schema is to be left as it is.
 */
export async function openStore(url: string, options: OpenOptions): Promise<Store> {
  const store = await openEngine(url, options);
  if (options.schema === 'leave') return store;
  try {
    await store.read(assertWhole);
    return store;
  } catch (error) {
    await store.close();
    throw error;
  }
}

async function openEngine(url: string, options: OpenOptions): Promise<Store> {
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
