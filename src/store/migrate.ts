import { type Kysely, type Migration, Migrator } from 'kysely';
import * as initial from '../../migrations/001-initial.ts';
import * as arrival from '../../migrations/002-arrival.ts';
import * as claimants from '../../migrations/003-claimants.ts';
import { Refusal } from '../domain/refusal.ts';

export type Engine = 'sqlite' | 'postgres';

/** With `new`, a database of an older program is refused: a server of that program may be at work on it. */
export type SchemaHandling = 'upgrade' | 'new' | 'leave';

/** Every migration there is, in order; each makes its tables on either engine. */
const migrations: Readonly<Record<string, (db: Kysely<unknown>, engine: Engine) => Promise<void>>> = {
  '001-initial': initial.up,
  '002-arrival': arrival.up,
  '003-claimants': claimants.up,
};

export type SchemaState =
  | { readonly kind: 'current' }
  /** `missing`: the names of the migrations still to run; all of them in an empty database. */
  | { readonly kind: 'behind'; readonly missing: readonly string[] }
  /** `unknown`: migrations that a newer program has run. */
  | { readonly kind: 'newer'; readonly unknown: readonly string[] };

export async function schemaState(db: Kysely<unknown>): Promise<SchemaState> {
  const run = await migrationsRun(db);
  const unknown = run.filter((name) => !(name in migrations));
  if (unknown.length > 0) return { kind: 'newer', unknown };
  const missing = Object.keys(migrations).filter((name) => !run.includes(name));
  return missing.length > 0 ? { kind: 'behind', missing } : { kind: 'current' };
}

/** Whether no table of ours is there. */
export function isEmpty(state: SchemaState): boolean {
  return state.kind === 'behind' && state.missing.length === Object.keys(migrations).length;
}

/**
 * Brings the schema up to this program's, all in one transaction; several processes may try at once. Throws Refusal('conflict')
 * when the database belongs to a newer program, or with `new` to an older one, and changes nothing then.
 */
export async function migrate(
  db: Kysely<unknown>,
  engine: Engine,
  how: SchemaHandling = 'upgrade',
): Promise<void> {
  if (how === 'leave') return;
  const state = await schemaState(db);
  if (state.kind === 'current') return;
  if (state.kind === 'newer') throw tooNew(state.unknown);
  if (how === 'new' && !isEmpty(state)) throw tooOld(state.missing);
  const provider = { getMigrations: async () => migrationsOf(engine) };
  const { error } = await new Migrator({ db, provider }).migrateToLatest();
  if (error) throw error;
}

function tooNew(unknown: readonly string[]): Refusal {
  return new Refusal(
    'conflict',
    `The database was made by a newer version of this program (it has ${unknown.join(', ')}): run that version, or restore an older backup.`,
  );
}

function tooOld(missing: readonly string[]): Refusal {
  return new Refusal(
    'conflict',
    `The database was made by an older version of this program (it lacks ${missing.join(', ')}). Stop the server of that version, then start this one’s, or run “npx listwright db migrate”.`,
  );
}

function migrationsOf(engine: Engine): Record<string, Migration> {
  return Object.fromEntries(
    Object.entries(migrations).map(([name, up]) => [name, { up: (db: Kysely<unknown>) => up(db, engine) }]),
  );
}

async function migrationsRun(db: Kysely<unknown>): Promise<readonly string[]> {
  const tables = await db.introspection.getTables({ withInternalKyselyTables: true });
  if (!tables.some((table) => table.name === migrationTable)) return [];
  const rows = await (db as Kysely<{ [migrationTable]: { name: string } }>)
    .selectFrom(migrationTable)
    .select('name')
    .orderBy('name')
    .execute();
  return rows.map((row) => row.name);
}

/** Kysely's own name for it. */
const migrationTable = 'kysely_migration';
