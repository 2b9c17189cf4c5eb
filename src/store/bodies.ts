import { setImmediate as nextTurn } from 'node:timers/promises';
import { promisify } from 'node:util';
import { inflateRaw, inflateRawSync } from 'node:zlib';
import { type Given, insertion, statement } from './statement.ts';
import type { Db } from './store.ts';

const inflate = promisify(inflateRaw);

/** Stores raw bytes once, whoever refers to them; returns the row's id. The indexer compresses them later, off the event loop. */
export async function storeBody(tx: Db, body: { sha256: Buffer; raw: Buffer; now: number }): Promise<number> {
  const isLarge = body.raw.length > turnsWorth;
  // What came before may have looked at all of it, too.
  if (isLarge) await nextTurn();
  const id = await insertBody(tx, { ...body, bytes: body.raw.length });
  if (isLarge) await nextTurn();
  if (id !== undefined) return id;
  const known = await useBody.first(tx, { sha256: body.sha256, now: body.now });
  if (!known) throw new Error('a body is neither new nor known');
  return known.id;
}

/** Up to this many bytes a body is inflated at once (a millisecond), so that a transaction waits for nothing but its queries. */
const smallBody = 256 * 1024;

/** To write or read more than this many bytes is enough for one turn of the event loop: 25 MiB take up to 50 ms, and to commit them as many. */
const turnsWorth = 1 << 20;

/** The bytes as received; undefined when the row is gone. */
export async function readBody(db: Db, id: number): Promise<Buffer | undefined> {
  const row = await bodyById.first(db, { id });
  if (!row) return undefined;
  if (row.bytes > turnsWorth) await nextTurn();
  if (row.encoding !== 'deflate') return row.raw;
  return row.bytes <= smallBody ? inflateRawSync(row.raw) : inflate(row.raw);
}

/** Replaces raw bytes by their deflated form (node:zlib's raw deflate); those that already are stay as they are. */
export async function compressBodies(
  tx: Db,
  bodies: readonly { readonly id: number; readonly deflated: Buffer }[],
): Promise<void> {
  for (const body of bodies) await compressBody.run(tx, body);
}

const insertBody = insertion(
  (db: Db, given: Given<{ sha256: Buffer; raw: Buffer; bytes: number; now: number }>) =>
    db
      .insertInto('bodies')
      .values({ sha256: given.sha256, raw: given.raw, bytes: given.bytes, created_at: given.now })
      .onConflict((on) => on.column('sha256').doNothing()),
);

/** As young as its last use: an old body that nothing refers to is pruned. */
const useBody = statement((db: Db, given: Given<{ sha256: Buffer; now: number }>) =>
  db.updateTable('bodies').set({ created_at: given.now }).where('sha256', '=', given.sha256).returning('id'),
);

const bodyById = statement((db: Db, given: Given<{ id: number }>) =>
  db.selectFrom('bodies').select(['raw', 'encoding', 'bytes']).where('id', '=', given.id),
);

const compressBody = statement((db: Db, given: Given<{ id: number; deflated: Buffer }>) =>
  db
    .updateTable('bodies')
    .set({ raw: given.deflated, encoding: 'deflate' })
    .where('id', '=', given.id)
    .where('encoding', '=', 'identity'),
);
