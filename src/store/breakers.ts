import { sql } from 'kysely';
import type { Chosen } from './deliveries.ts';
import { domainOf } from './json-rows.ts';
import type { Db } from './store.ts';

/** A post that one destination refuses for what it is. */
export interface Breaker {
  readonly mailingId: number;
  /** The domain of the recipients. */
  readonly domain: string;
  readonly at: number;
  /** The rest of the post there waits until then. */
  readonly until: number;
  readonly said: string;
  /** The same post with its From rewritten, which goes there instead; null: it is not about that. */
  readonly mungedMailingId: number | null;
}

/** A mailing’s recipients in one domain. */
export interface Part {
  readonly mailingId: number;
  readonly domain: string;
}

/** By domain. */
export async function breakersOf(db: Db, mailingId: number): Promise<ReadonlyMap<string, Breaker>> {
  const rows = await db.selectFrom('breakers').selectAll().where('mailing_id', '=', mailingId).execute();
  return new Map(rows.map((row) => [row.destination, toBreaker(row)]));
}

/** The operators hear of a new one; of one that is there already they have heard. */
export async function saveBreaker(tx: Db, breaker: Breaker): Promise<void> {
  const { mailingId, domain, at, until, said, mungedMailingId } = breaker;
  await tx
    .insertInto('breakers')
    .values({
      mailing_id: mailingId,
      destination: domain,
      at,
      until,
      said,
      munged_mailing_id: mungedMailingId,
      told_at: null,
    })
    .onConflict((on) =>
      on.columns(['mailing_id', 'destination']).doUpdateSet({ until, munged_mailing_id: mungedMailingId }),
    )
    .execute();
}

/** Of how many recipients in each domain a mailing was refused for what it is. */
export async function refusalsOf(db: Db, mailingId: number): Promise<ReadonlyMap<string, number>> {
  const { rows } = await sql<{ domain: string; refusals: number | string }>`
    select ${domainOf(db, sql.ref('d.recipient'))} as domain, count(distinct d.id) as refusals
    from bounces b join deliveries d on d.id = b.delivery_id
    where b.class = 'policy' and d.mailing_id = ${mailingId}
      and b.received_at >= (select created_at from mailings where id = ${mailingId})
    group by 1`.execute(db);
  return new Map(rows.map(({ domain, refusals }) => [domain, Number(refusals)]));
}

/** Whether a mailing has more recipients in a domain than so many. Stops looking at the next one: a long list has many. */
export async function hasMoreThan(db: Db, { mailingId, domain }: Part, recipients: number): Promise<boolean> {
  const beyond = await db
    .selectFrom('deliveries')
    .select('id')
    .where('mailing_id', '=', mailingId)
    .where(domainOf(db, sql.ref('recipient')), '=', domain)
    .limit(1)
    .offset(recipients)
    .executeTakeFirst();
  return beyond !== undefined;
}

/** Somebody has looked, and wants it sent: nothing of these mailings is held back until it is refused again. */
export async function liftBreakers(tx: Db, chosen: Chosen, now: number): Promise<void> {
  await tx
    .updateTable('breakers')
    .set({ until: now })
    .where('until', '>', now)
    .$if('ids' in chosen, (query) =>
      query.where('mailing_id', 'in', (eb) =>
        eb
          .selectFrom('deliveries')
          .select('deliveries.mailing_id')
          .where('deliveries.id', 'in', 'ids' in chosen ? chosen.ids : []),
      ),
    )
    .$if('listId' in chosen, (query) =>
      query.where('mailing_id', 'in', (eb) =>
        eb
          .selectFrom('mailings')
          .select('mailings.id')
          .where('list_id', '=', 'listId' in chosen ? chosen.listId : 0),
      ),
    )
    .execute();
}

export function toBreaker(row: {
  mailing_id: number;
  destination: string;
  at: number;
  until: number;
  said: string;
  munged_mailing_id: number | null;
}): Breaker {
  return {
    mailingId: row.mailing_id,
    domain: row.destination,
    at: row.at,
    until: row.until,
    said: row.said,
    mungedMailingId: row.munged_mailing_id,
  };
}
