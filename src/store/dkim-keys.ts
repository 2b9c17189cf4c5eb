import type { Selectable } from 'kysely';
import type { DkimKey, KeyAlgorithm } from '../domain/dkim-key.ts';
import type { Schema } from './schema.ts';
import type { Db } from './store.ts';

/** Those of one domain, or of all: by domain, and in the order in which they were made. */
export async function listDkimKeys(db: Db, domain?: string): Promise<readonly DkimKey[]> {
  const rows = await db
    .selectFrom('dkim_keys')
    .select(columns)
    .$if(domain !== undefined, (query) => query.where('domain', '=', domain ?? ''))
    .orderBy('domain')
    .orderBy('id')
    .execute();
  return rows.map(keyOf);
}

/** The keys of these domains that may sign, with their secret half: PKCS #8, DER. */
export async function loadSigningKeys(
  db: Db,
  domains: readonly string[],
): Promise<readonly (DkimKey & { readonly privateKey: Buffer })[]> {
  const rows = await db
    .selectFrom('dkim_keys')
    .select([...columns, 'private_key'])
    .where('domain', 'in', domains)
    .where('activated_at', 'is not', null)
    .where('retired_at', 'is', null)
    .orderBy('id')
    .execute();
  return rows.map((row) => ({ ...keyOf(row), privateKey: row.private_key }));
}

export async function insertDkimKey(
  tx: Db,
  key: Omit<DkimKey, 'id' | 'retiredAt'> & { readonly privateKey: Buffer },
): Promise<void> {
  await tx
    .insertInto('dkim_keys')
    .values({
      domain: key.domain,
      selector: key.selector,
      algorithm: key.algorithm,
      public_key: key.publicKey,
      private_key: key.privateKey,
      created_at: key.createdAt,
      activated_at: key.activatedAt,
    })
    .execute();
}

export async function activateDkimKey(tx: Db, id: number, now: number): Promise<void> {
  await tx.updateTable('dkim_keys').set({ activated_at: now }).where('id', '=', id).execute();
}

/** The row stays, so that its selector is never used again; its secret half goes. */
export async function retireDkimKey(tx: Db, id: number, now: number): Promise<void> {
  await tx
    .updateTable('dkim_keys')
    .set({ retired_at: now, private_key: Buffer.alloc(0) })
    .where('id', '=', id)
    .execute();
}

const columns = [
  'id',
  'domain',
  'selector',
  'algorithm',
  'public_key',
  'created_at',
  'activated_at',
  'retired_at',
] as const;

type Row = Pick<Selectable<Schema['dkim_keys']>, (typeof columns)[number]>;

function keyOf(row: Row): DkimKey {
  return {
    id: row.id,
    domain: row.domain,
    selector: row.selector,
    algorithm: row.algorithm as KeyAlgorithm,
    publicKey: row.public_key,
    createdAt: row.created_at,
    activatedAt: row.activated_at,
    retiredAt: row.retired_at,
  };
}
