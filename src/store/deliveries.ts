import { sql } from 'kysely';
import type { DeliveryState } from '../domain/mailing.ts';
import type { Db } from './store.ts';

/** The queue as an operator sees and steers it; what the worker does with it is in claims.ts and settle.ts. */

export interface ShownDelivery {
  readonly id: number;
  readonly state: DeliveryState;
  readonly recipient: string;
  readonly kind: string;
  /** The list's name; null for mail of the site. */
  readonly list: string | null;
  readonly postId: number | null;
  readonly attempts: number;
  readonly queuedAt: number;
  readonly nextAt: number;
  readonly giveUpAt: number;
  readonly finalAt: number | null;
  readonly lastReply: string | null;
  /** Attempts that did not succeed, oldest first. */
  readonly log: readonly {
    readonly at: number;
    readonly outcome: string;
    readonly code: number | null;
    readonly reply: string;
  }[];
}

export async function findDelivery(db: Db, id: number): Promise<ShownDelivery | undefined> {
  const row = await db
    .selectFrom('deliveries')
    .innerJoin('mailings', 'mailings.id', 'deliveries.mailing_id')
    .leftJoin('lists', 'lists.id', 'mailings.list_id')
    .selectAll('deliveries')
    .select(['mailings.kind', 'mailings.post_id', 'mailings.created_at', 'mailings.give_up_at', 'lists.name'])
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
    list: row.name,
    postId: row.post_id,
    attempts: row.attempts,
    queuedAt: row.created_at,
    nextAt: row.next_at,
    giveUpAt: row.give_up_at,
    finalAt: row.final_at,
    lastReply: [row.last_code, row.last_reply].filter((part) => part !== null).join(' ') || null,
    log,
  };
}

/** Which deliveries an operator means. */
export type Chosen =
  | { readonly ids: readonly number[] }
  | { readonly listId: number }
  | { readonly all: true };

/** Deferred ones are due now; failed ones get another chance only where each is named: most of them will fail again. How many there were. */
export async function retryDeliveries(tx: Db, chosen: Chosen, now: number): Promise<number> {
  const states: DeliveryState[] = 'ids' in chosen ? ['deferred', 'failed'] : ['deferred'];
  const { numUpdatedRows } = await tx
    .updateTable('deliveries')
    .set({ state: 'queued', next_at: now, final_at: null })
    .where((eb) => eb.or(states.map((state) => eb('state', '=', sql.lit(state)))))
    .$if('ids' in chosen, (query) => query.where('id', 'in', 'ids' in chosen ? chosen.ids : []))
    .$if('listId' in chosen, (query) =>
      query.where('mailing_id', 'in', (eb) =>
        eb
          .selectFrom('mailings')
          .select('mailings.id')
          .where('list_id', '=', 'listId' in chosen ? chosen.listId : 0),
      ),
    )
    .executeTakeFirstOrThrow();
  return Number(numUpdatedRows);
}

/** Those that are due, and may wait for a next hop. */
export async function countQueued(db: Db): Promise<number> {
  const { count } = await db
    .selectFrom('deliveries')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .where('state', '=', sql.lit('queued'))
    .executeTakeFirstOrThrow();
  return Number(count);
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
