import { sql } from 'kysely';
import type { DeliveryState } from '../domain/mailing.ts';
import { domainOf } from './json-rows.ts';
import type { Db } from './store.ts';

/** States that have an index of their own, so that a page of them never looks at what was sent. */
export const listedStates = ['queued', 'claimed', 'deferred', 'failed'] as const;
export type ListedState = (typeof listedStates)[number];

/** Some deliveries of some states, newest first. */
export interface DeliveryPage {
  readonly states: readonly ListedState[];
  readonly listId?: number | undefined;
  /** The part of the recipient's address after `@`. */
  readonly domain?: string | undefined;
  /** Only those that are older than this one. */
  readonly before?: number | undefined;
  readonly limit: number;
}

export interface ListedDelivery {
  readonly id: number;
  readonly state: DeliveryState;
  readonly recipient: string;
  readonly kind: string;
  /** null for mail of the site. */
  readonly list: { readonly name: string; readonly domain: string } | null;
  readonly attempts: number;
  /** Epoch milliseconds; `finalAt` null: it is not final. */
  readonly nextAt: number;
  readonly finalAt: number | null;
  readonly lastReply: string | null;
}

/**
 * Reads what is in these states, and keeps no more of it than the page. Never by the primary key (`+ 0`): that would be walked through all
 * that was ever sent; nor from the mailings on.
 */
export async function pageDeliveries(db: Db, page: DeliveryPage): Promise<readonly ListedDelivery[]> {
  const { listId, domain, before, limit } = page;
  const place = sql<number>`d.id + 0`;
  const ofList = sql<number | null>`(select g.list_id from mailings g where g.id = d.mailing_id)`;
  const rows = await inStates(db, page.states)
    .leftJoin('mailings', 'mailings.id', 'd.mailing_id')
    .leftJoin('lists', 'lists.id', 'mailings.list_id')
    .selectAll('d')
    .select(['mailings.kind', 'lists.name', 'lists.domain'])
    .$if(before !== undefined, (query) => query.where(place, '<', before ?? 0))
    .$if(listId !== undefined, (query) => query.where(ofList, '=', listId ?? 0))
    .$if(domain !== undefined, (query) =>
      query.where(domainOf(db, sql.ref('d.recipient')), '=', domain ?? ''),
    )
    .orderBy(place, 'desc')
    .limit(limit)
    .execute();
  return rows.map((row) => ({
    id: row.id,
    state: row.state as DeliveryState,
    recipient: row.recipient,
    kind: row.kind ?? '',
    list: row.name === null || row.domain === null ? null : { name: row.name, domain: row.domain },
    attempts: row.attempts,
    nextAt: row.next_at,
    finalAt: row.final_at,
    lastReply: replyOf(row),
  }));
}

/** The code, where there was one, and the words. */
export function replyOf(row: {
  readonly last_code: number | null;
  readonly last_reply: string | null;
}): string | null {
  return [row.last_code, row.last_reply].filter((part) => part !== null).join(' ') || null;
}

function inStates(db: Db, states: readonly ListedState[]) {
  const of = (state: ListedState) =>
    db
      .selectFrom('deliveries')
      .select(['id', 'mailing_id', 'recipient', 'state', 'attempts'])
      .select(['next_at', 'final_at', 'last_code', 'last_reply'])
      .where('state', '=', sql.lit(state));
  const [first = 'failed', ...others] = states;
  const all = others.reduce((query, state) => query.unionAll(of(state)), of(first));
  return db.selectFrom(all.as('d'));
}
