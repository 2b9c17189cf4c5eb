import { sql } from 'kysely';
import { z } from 'zod';
import { queuePaused } from './queue-pause.ts';
import type { Db } from './store.ts';

/** Rows deleted in one transaction: a few milliseconds. */
const batchSize = 500;

/**
 * Deletes deliveries of mailings that were given up before a moment, oldest mailing first, then the mailing, and the body when it
 * was only a notice's. One batch; true when there is more. By then everything of such a mailing is final, but where the queue is paused: what
 * waits there waits for a person, and nothing goes meanwhile.
 */
export async function pruneMailings(tx: Db, givenUpBefore: number): Promise<boolean> {
  if ((await queuePaused(tx)) !== undefined) return false;
  const mailing = await tx
    .selectFrom('mailings')
    .select(['id', 'kind', 'body_id'])
    .where('give_up_at', '<', givenUpBefore)
    .orderBy('id')
    .limit(1)
    .executeTakeFirst();
  if (!mailing) return false;
  if ((await pruneDeliveries(tx, mailing.id)) === batchSize) return true;
  await tx.deleteFrom('breakers').where('mailing_id', '=', mailing.id).execute();
  await tx.deleteFrom('post_refusals').where('mailing_id', '=', mailing.id).execute();
  await tx.deleteFrom('mailings').where('id', '=', mailing.id).execute();
  if (mailing.kind !== 'post') await pruneBody(tx, mailing.body_id, givenUpBefore);
  return true;
}

/** Deletes held mail that was decided about before a moment, and what was kept of it, at most `limit`; how many there were. */
export async function pruneHeld(tx: Db, decidedBefore: number, limit: number): Promise<number> {
  const rows = await tx
    .selectFrom('held')
    .select(['id', 'body_id'])
    .where('decided_at', '<', decidedBefore)
    .limit(limit)
    .execute();
  for (const { id, body_id } of rows) {
    await tx.deleteFrom('held').where('id', '=', id).execute();
    await pruneBody(tx, body_id, decidedBefore);
  }
  return rows.length;
}

/**
 * Used and expired tokens stay for a while, so that a second press gets a friendly answer; then they go, at most `limit` a call, and
 * with them a mail that was kept only to be posted anyway. How many there were.
 */
export async function pruneTokens(tx: Db, expiredBefore: number, limit: number): Promise<number> {
  const rows = await tx
    .selectFrom('tokens')
    .select(['id', 'kind', 'payload'])
    .where('expires_at', '<', expiredBefore)
    .limit(limit)
    .execute();
  if (rows.length === 0) return 0;
  await tx
    .deleteFrom('tokens')
    .where(
      'id',
      'in',
      rows.map((row) => row.id),
    )
    .execute();
  for (const { kind, payload } of rows) {
    if (kind === 'post-anyway')
      await pruneBody(tx, keptMail.parse(JSON.parse(payload)).bodyId, expiredBefore);
  }
  return rows.length;
}

const keptMail = z.object({ bodyId: z.number() });

/** The same for delivery reports that came before a moment. */
export async function pruneBounces(tx: Db, receivedBefore: number, limit: number): Promise<number> {
  const rows = await tx
    .selectFrom('bounces')
    .select(['id', 'body_id'])
    .where('received_at', '<', receivedBefore)
    .orderBy('id')
    .limit(limit)
    .execute();
  for (const { id, body_id } of rows) {
    await tx.deleteFrom('bounces').where('id', '=', id).execute();
    if (body_id !== null) await pruneBody(tx, body_id, receivedBefore);
  }
  return rows.length;
}

async function pruneDeliveries(tx: Db, mailingId: number): Promise<number> {
  const batch = await tx
    .selectFrom('deliveries')
    .select('id')
    .where('mailing_id', '=', mailingId)
    .limit(batchSize)
    .execute();
  const ids = batch.map((row) => row.id);
  if (ids.length === 0) return 0;
  await tx.deleteFrom('delivery_log').where('delivery_id', 'in', ids).execute();
  await tx.deleteFrom('deliveries').where('id', 'in', ids).execute();
  return ids.length;
}

/** Unless anything else still refers to the same bytes, or they came again lately: a token may name them, for a mail to be posted anyway. */
async function pruneBody(tx: Db, bodyId: number, before: number): Promise<void> {
  await tx
    .deleteFrom('bodies')
    .where('id', '=', bodyId)
    .where('created_at', '<', before)
    .where(({ not, exists, selectFrom, and }) =>
      and(
        (['posts', 'held', 'mailings', 'bounces'] as const).map((table) =>
          not(exists(selectFrom(table).select(sql.lit(1).as('one')).where('body_id', '=', bodyId))),
        ),
      ),
    )
    .execute();
}
