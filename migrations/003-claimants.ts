import type { Kysely } from 'kysely';

/**
 * Who has claimed a delivery: a run of a server, so that the next one can release what the one before left when it was killed. Null where nobody
 * needs to know (SQLite has one server), and in claims of earlier versions, which end with their lease.
 */
export async function up(db: Kysely<unknown>, engine: 'sqlite' | 'postgres'): Promise<void> {
  await db.schema
    .alterTable('deliveries')
    // It means something while the delivery is claimed, and stays behind else.
    .addColumn('claimed_by', engine === 'postgres' ? 'bigint' : 'integer')
    .execute();
}
