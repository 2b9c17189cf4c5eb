import { sql } from 'kysely';
import type { Rate } from '../domain/site.ts';
import { type Given, statement } from './statement.ts';
import type { Db } from './store.ts';

/**
 * Counts one event in a bucket (`reply:alice@example.org`) and says whether it is within the rate. A bucket's window starts with
 * its first event, so a limit a day is a limit a day for everybody, whenever their day began. `weight` counts an event several times. A window that
 * has not begun yet was opened by a clock that ran ahead and has been put right: it would last until then.
 */
export async function takeQuota(
  tx: Db,
  bucket: string,
  limit: { rate: Rate; now: number; weight?: number },
): Promise<boolean> {
  const { rate, now, weight = 1 } = limit;
  const row = await takeFrom.first(tx, {
    bucket,
    weight,
    now,
    overSince: now - rate.ms,
    notBefore: now + rate.ms,
    expiresAt: now + rate.ms,
  });
  if (!row) throw new Error('a count gave no row');
  return row.used <= rate.count;
}

/** As if nothing had been taken from a bucket. */
export async function forgetQuota(tx: Db, bucket: string): Promise<void> {
  await tx.deleteFrom('quotas').where('bucket', '=', bucket).execute();
}

/** What is mailed to people who are on no list, all together. */
export const strangersBucket = 'strangers';

/** How much more was wanted of a bucket than its rate allows, in the window that runs; 0 while it is within. */
export async function overQuota(
  db: Db,
  bucket: string,
  { rate, now }: { rate: Rate; now: number },
): Promise<number> {
  const row = await db
    .selectFrom('quotas')
    .select('used')
    .where('bucket', '=', bucket)
    .where('window_start', '>', now - rate.ms)
    .where('window_start', '<=', now + rate.ms)
    .executeTakeFirst();
  return Math.max(0, (row?.used ?? 0) - rate.count);
}

/** When the window of a bucket ends that something was just taken from. */
export async function quotaEnds(db: Db, bucket: string): Promise<number> {
  const row = await db
    .selectFrom('quotas')
    .select('expires_at')
    .where('bucket', '=', bucket)
    .executeTakeFirstOrThrow();
  return row.expires_at;
}

/** Forgets windows that are over, at most `limit` a call. */
export async function pruneQuotas(tx: Db, now: number, limit: number): Promise<number> {
  const result = await tx
    .deleteFrom('quotas')
    .where('bucket', 'in', (e) =>
      e.selectFrom('quotas').select('bucket').where('expires_at', '<', now).limit(limit),
    )
    .executeTakeFirst();
  return Number(result.numDeletedRows);
}

interface Taken {
  readonly bucket: string;
  readonly weight: number;
  readonly now: number;
  /** Windows that began then, or earlier, are over. */
  readonly overSince: number;
  /** Those that are to begin later than this never began; a little later, and another node's clock is ahead of ours. */
  readonly notBefore: number;
  readonly expiresAt: number;
}

const takeFrom = statement((db: Db, given: Given<Taken>) => {
  const isOver = sql<boolean>`(quotas.window_start <= ${given.overSince} or quotas.window_start > ${given.notBefore})`;
  return db
    .insertInto('quotas')
    .values({
      bucket: given.bucket,
      window_start: given.now,
      used: given.weight,
      expires_at: given.expiresAt,
    })
    .onConflict((on) =>
      on.column('bucket').doUpdateSet({
        used: sql`case when ${isOver} then excluded.used else quotas.used + excluded.used end`,
        window_start: sql`case when ${isOver} then excluded.window_start else quotas.window_start end`,
        expires_at: sql`case when ${isOver} then excluded.expires_at else quotas.expires_at end`,
      }),
    )
    .returning('used');
});
