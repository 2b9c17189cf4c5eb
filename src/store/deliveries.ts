import { type Expression, type ExpressionBuilder, type SqlBool, sql } from 'kysely';
import type { DeliveryState } from '../domain/mailing.ts';
import { replyOf } from './listed-deliveries.ts';
import type { Schema } from './schema.ts';
import type { Db } from './store.ts';

/** The queue as an operator sees and steers it; what the worker does with it is in claims.ts and settle.ts. */

export interface ShownDelivery {
  readonly id: number;
  readonly state: DeliveryState;
  readonly recipient: string;
  readonly kind: string;
  /** null for mail of the site. */
  readonly list: { readonly name: string; readonly domain: string } | null;
  /** null where it is no post, like its number on the list. */
  readonly postId: number | null;
  readonly number: number | null;
  readonly subject: string | null;
  /** Those that the schedule counts. */
  readonly attempts: number;
  readonly queuedAt: number;
  readonly nextAt: number;
  readonly giveUpAt: number;
  readonly finalAt: number | null;
  readonly lastCode: number | null;
  /** Without the code. */
  readonly lastText: string | null;
  /** Both. */
  readonly lastReply: string | null;
  /** Attempts that did not succeed, oldest first. */
  readonly log: readonly LoggedAttempt[];
}

export interface LoggedAttempt {
  readonly at: number;
  readonly outcome: string;
  readonly code: number | null;
  readonly reply: string;
}

export async function findDelivery(db: Db, id: number): Promise<ShownDelivery | undefined> {
  const row = await db
    .selectFrom('deliveries')
    .innerJoin('mailings', 'mailings.id', 'deliveries.mailing_id')
    .leftJoin('lists', 'lists.id', 'mailings.list_id')
    .leftJoin('posts', 'posts.id', 'mailings.post_id')
    .selectAll('deliveries')
    .select(['mailings.kind', 'mailings.created_at', 'mailings.give_up_at', 'lists.name', 'lists.domain'])
    .select(['posts.id as post_id', 'posts.number', 'posts.subject'])
    .where('deliveries.id', '=', id)
    .executeTakeFirst();
  if (!row) return undefined;
  const log = await db
    .selectFrom('delivery_log')
    .select(['at', 'outcome', 'code', 'reply'])
    .where('delivery_id', '=', id)
    .orderBy('id')
    .execute();
  return {
    id: row.id,
    state: row.state as DeliveryState,
    recipient: row.recipient,
    kind: row.kind,
    list: row.name === null || row.domain === null ? null : { name: row.name, domain: row.domain },
    postId: row.post_id,
    number: row.number,
    subject: row.subject,
    attempts: row.attempts,
    queuedAt: row.created_at,
    nextAt: row.next_at,
    giveUpAt: row.give_up_at,
    finalAt: row.final_at,
    lastCode: row.last_code,
    lastText: row.last_reply,
    lastReply: replyOf(row),
    log,
  };
}

/** Which deliveries an operator means. */
export type Chosen =
  | { readonly ids: readonly number[] }
  | { readonly listId: number }
  | { readonly all: true };

/**
 * Deferred ones are due now; failed ones get another chance only where each is named: most of them will fail again. How many there were.
 * What is tried by hand uses up nothing of the schedule: each goes back by the attempt that it is about to make.
 */
export async function retryDeliveries(tx: Db, chosen: Chosen, now: number): Promise<number> {
  const states: DeliveryState[] = 'ids' in chosen ? ['deferred', 'failed'] : ['deferred'];
  const { numUpdatedRows } = await tx
    .updateTable('deliveries')
    .set((eb) => ({
      state: 'queued',
      next_at: now,
      final_at: null,
      attempts: sql<number>`case when ${eb.ref('attempts')} > 0 then ${eb.ref('attempts')} - 1 else 0 end`,
    }))
    .where(inAnyOf(states))
    .where(isChosen(chosen))
    .executeTakeFirstOrThrow();
  return Number(numUpdatedRows);
}

/** Those that are due already: in a worker's hands, or waiting for a next hop. */
export async function countDue(db: Db, chosen: Chosen): Promise<number> {
  const { count } = await db
    .selectFrom('deliveries')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .where(inAnyOf(['queued', 'claimed']))
    .where(isChosen(chosen))
    .executeTakeFirstOrThrow();
  return Number(count);
}

type Condition = (eb: ExpressionBuilder<Schema, 'deliveries'>) => Expression<SqlBool>;

function inAnyOf(states: readonly DeliveryState[]): Condition {
  return (eb) => eb.or(states.map((state) => eb('state', '=', sql.lit(state))));
}

function isChosen(chosen: Chosen): Condition {
  return (eb) => {
    if ('all' in chosen) return sql<SqlBool>`1 = 1`;
    if ('ids' in chosen) return eb('id', 'in', chosen.ids);
    const ofList = eb.selectFrom('mailings').select('mailings.id').where('list_id', '=', chosen.listId);
    return eb('mailing_id', 'in', ofList);
  };
}

/** Of these, the ones that wait are cancelled; returns their ids. What a worker has in hand cannot be stopped. */
export async function cancelDeliveries(tx: Db, ids: readonly number[], now: number): Promise<number[]> {
  const rows = await tx
    .updateTable('deliveries')
    .set({ state: 'cancelled', final_at: now })
    .where('id', 'in', ids)
    .where('state', 'in', ['queued', 'deferred'])
    .returning('id')
    .execute();
  return rows.map((row) => row.id);
}

/** All that waits, or what waits of a list, is cancelled, also what is still to be made of a large fan-out. How many deliveries it was. */
export async function cancelWaiting(
  tx: Db,
  chosen: Exclude<Chosen, { readonly ids: unknown }>,
  now: number,
): Promise<number> {
  const { numUpdatedRows } = await tx
    .updateTable('deliveries')
    .set({ state: 'cancelled', final_at: now })
    .where(inAnyOf(['queued', 'deferred']))
    .where(isChosen(chosen))
    .executeTakeFirstOrThrow();
  const growing = tx
    .updateTable('mailings')
    .set({ fan_out_cursor: null })
    .where('fan_out_cursor', 'is not', null);
  await ('all' in chosen ? growing : growing.where('list_id', '=', chosen.listId)).execute();
  return Number(numUpdatedRows);
}
