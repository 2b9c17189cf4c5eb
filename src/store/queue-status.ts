import { sql } from 'kysely';
import { domainOf } from './json-rows.ts';
import { replyOf } from './listed-deliveries.ts';
import type { Db } from './store.ts';

export interface QueueStatus {
  /** Due, or in a worker's hands. */
  readonly queued: number;
  /** Waiting for their next attempt. */
  readonly deferred: number;
  /** Given up, of the last 30 days. */
  readonly failed: number;
  /** Epoch milliseconds; null when nothing waits. */
  readonly oldestQueuedAt: number | null;
  /** By the recipients' domain, the longest queue first. */
  readonly groups: readonly QueueGroup[];
}

export interface QueueGroup {
  /** Of the recipients. */
  readonly domain: string;
  readonly queued: number;
  readonly deferred: number;
  /** When the first of the deferred ones is due, epoch milliseconds; null where there is none. */
  readonly nextAt: number | null;
  readonly lastReply: string | null;
}

const mostGroups = 100;

/** Counts what is not final: costs what the queue is long. */
export async function queueStatus(db: Db): Promise<QueueStatus> {
  const { failed } = await db
    .selectFrom('deliveries')
    .select((eb) => eb.fn.countAll<number>().as('failed'))
    .where('state', '=', sql.lit('failed'))
    .executeTakeFirstOrThrow();
  const totals = await openDeliveries(db)
    .select((eb) => [
      eb.fn.coalesce(eb.fn.sum<number>('waiting.due'), eb.lit(0)).as('queued'),
      eb.fn.countAll<number>().as('open'),
      eb.fn.min('waiting.mailing_id').as('oldest'),
    ])
    .executeTakeFirstOrThrow();
  return {
    queued: Number(totals.queued),
    deferred: Number(totals.open) - Number(totals.queued),
    failed,
    oldestQueuedAt: await createdAt(db, totals.oldest),
    groups: await groups(db),
  };
}

async function groups(db: Db): Promise<QueueGroup[]> {
  const rows = await openDeliveries(db)
    .select((eb) => [
      domainOf(db, eb.ref('waiting.recipient')).as('domain'),
      eb.fn.sum<number>('waiting.due').as('queued'),
      eb.fn.countAll<number>().as('open'),
      eb.fn.min('waiting.next_at').as('nextAt'),
      // The youngest that was answered stands for the group.
      sql<number | null>`max(case when waiting.last_reply is not null then waiting.id end)`.as('answered'),
    ])
    .groupBy('domain')
    .orderBy('open', 'desc')
    .orderBy('domain')
    .limit(mostGroups)
    .execute();
  const answered = rows.flatMap((row) => row.answered ?? []);
  const replies = await lastReplies(db, answered);
  return rows.map((row) => ({
    domain: row.domain,
    queued: Number(row.queued),
    deferred: Number(row.open) - Number(row.queued),
    nextAt: row.nextAt,
    lastReply: (row.answered !== null && replies.get(row.answered)) || null,
  }));
}

async function lastReplies(db: Db, ids: readonly number[]): Promise<ReadonlyMap<number, string>> {
  if (ids.length === 0) return new Map();
  const rows = await db
    .selectFrom('deliveries')
    .select(['id', 'last_code', 'last_reply'])
    .where('id', 'in', ids)
    .execute();
  return new Map(rows.map((row) => [row.id, replyOf(row) ?? '']));
}

async function createdAt(db: Db, mailingId: number | null): Promise<number | null> {
  if (mailingId === null) return null;
  const row = await db
    .selectFrom('mailings')
    .select('created_at')
    .where('id', '=', mailingId)
    .executeTakeFirst();
  return row?.created_at ?? null;
}

/** One select a state: each is answered by the partial index of that state, and none looks at what is final. */
function openDeliveries(db: Db) {
  const of = (state: 'queued' | 'claimed' | 'deferred') =>
    db
      .selectFrom('deliveries')
      .select([
        'id',
        'mailing_id',
        'recipient',
        'last_reply',
        sql<number | null>`${state === 'deferred' ? sql.ref('next_at') : sql`cast(null as bigint)`}`.as(
          'next_at',
        ),
        sql<number>`${sql.lit(state === 'deferred' ? 0 : 1)}`.as('due'),
      ])
      .where('state', '=', sql.lit(state));
  return db.selectFrom(of('queued').unionAll(of('claimed')).unionAll(of('deferred')).as('waiting'));
}
