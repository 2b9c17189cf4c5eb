import { type RawBuilder, sql } from 'kysely';
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

/** When a mailing is given up, epoch milliseconds. */
export async function givenUpAt(db: Db, mailingId: number): Promise<number> {
  const row = await db
    .selectFrom('mailings')
    .select('give_up_at')
    .where('id', '=', mailingId)
    .executeTakeFirstOrThrow();
  return row.give_up_at;
}

/** How often a post was refused at a domain since the count began, and how many recipients it has there at least. */
export interface Refusals {
  readonly refusals: number;
  readonly recipients: number;
}

/** Adds to the count of one domain. */
export async function addRefusals(tx: Db, { mailingId, domain }: Part, more: number): Promise<Refusals> {
  return tx
    .insertInto('post_refusals')
    .values({ mailing_id: mailingId, destination: domain, refusals: more, recipients: 0 })
    .onConflict((on) =>
      on
        .columns(['mailing_id', 'destination'])
        .doUpdateSet((eb) => ({ refusals: eb('post_refusals.refusals', '+', more) })),
    )
    .returning(['refusals', 'recipients'])
    .executeTakeFirstOrThrow();
}

/** The count begins anew (0 refusals), or knows more about the recipients. */
export async function setRefusals(
  tx: Db,
  { mailingId, domain }: Part,
  known: Partial<Refusals>,
): Promise<void> {
  await tx
    .updateTable('post_refusals')
    .set(known)
    .where('mailing_id', '=', mailingId)
    .where('destination', '=', domain)
    .execute();
}

/** Up to here a mailing is looked through by itself; a longer one by the addresses of the domain. */
const shortMailing = 2_000;

/** A mailing’s recipients in a domain, counted up to `most`. */
export function countRecipients(db: Db, part: Part, most: number): Promise<number> {
  return countThere(db, part, { most, which: sql`1 = 1` });
}

/** Those of them who still wait for it. */
export function countWaiting(db: Db, part: Part, most: number): Promise<number> {
  return countThere(db, part, { most, which: sql`d.state in ('queued', 'claimed', 'deferred')` });
}

async function countThere(
  db: Db,
  { mailingId, domain }: Part,
  { most, which }: { readonly most: number; readonly which: RawBuilder<unknown> },
): Promise<number> {
  const mailing = await db
    .selectFrom('mailings')
    .select('fan_out_count')
    .where('id', '=', mailingId)
    .executeTakeFirst();
  const found =
    (mailing?.fan_out_count ?? 0) <= shortMailing
      ? sql`select 1 as one from deliveries d
          where d.mailing_id = ${mailingId} and ${domainOf(db, sql.ref('d.recipient'))} = ${domain} and ${which} limit ${most}`
      : sql`select 1 as one from addresses a cross join deliveries d
          where ${domainOf(db, sql.ref('a.email'))} = ${domain}
            and d.mailing_id = ${mailingId} and d.recipient = a.email and ${which} limit ${most}`;
  const { rows } = await sql<{ n: number | string }>`select count(*) as n from (${found}) f`.execute(db);
  return Number(rows[0]?.n ?? 0);
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
