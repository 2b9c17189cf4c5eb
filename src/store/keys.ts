import type { HmacKeys } from '../domain/keys.ts';
import type { Db, Store } from './store.ts';

const secretBytes = 32;

/**
 * The secrets of this installation, made when the first server starts. On PostgreSQL several nodes may start at once: their
 * transactions are serializable, so all but one of them run again and find what the first has made.
 */
export async function loadOrMakeHmacKeys(
  store: Store,
  randomBytes: (length: number) => Uint8Array,
  now: number,
): Promise<HmacKeys> {
  return (
    (await store.read(loadKeys)) ??
    (await store.write(async (tx) => {
      const made = await loadKeys(tx);
      return made ?? makeKey(tx, Buffer.from(randomBytes(secretBytes)), now);
    }))
  );
}

async function makeKey(tx: Db, secret: Buffer, now: number): Promise<HmacKeys> {
  await tx.insertInto('keys').values({ purpose: 'hmac', secret, created_at: now }).execute();
  return { secrets: [secret] };
}

async function loadKeys(db: Db): Promise<HmacKeys | undefined> {
  const rows = await db
    .selectFrom('keys')
    .select('secret')
    .where('purpose', '=', 'hmac')
    .where('retired_at', 'is', null)
    .orderBy('id', 'desc')
    .execute();
  const [newest, ...earlier] = rows.map((row) => row.secret);
  return newest && { secrets: [newest, ...earlier] };
}
