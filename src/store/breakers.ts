import { type SqlBool, sql } from 'kysely';
import type { MailingFacts } from '../domain/mailing.ts';
import { chunks } from './chunks.ts';
import type { ClaimedDelivery } from './claims.ts';
import type { Chosen } from './deliveries.ts';
import { domainOf } from './json-rows.ts';
import { type Given, statement } from './statement.ts';
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

const heldBackReply = 'Held back: the others there have refused this post.';

interface Part {
  readonly mailingId: number;
  readonly domain: string;
}

/** What is queued for a domain waits until then. */
export async function holdBack(
  tx: Db,
  { mailingId, domain, until }: Part & { readonly until: number },
): Promise<void> {
  await tx
    .updateTable('deliveries')
    .set({
      state: 'deferred',
      next_at: until,
      last_reply: heldBackReply,
    })
    .where('mailing_id', '=', mailingId)
    .where('state', 'in', ['queued', 'deferred'])
    .where(domainOf(tx, sql.ref('recipient')), '=', domain)
    .execute();
}

/**
 * Gives those of a domain who wait, and those it was refused of, the same post with its From rewritten: a mailing of its own, so that all
 * others get it as it is. Its id; undefined where the From is rewritten already, and refused all the same.
 */
export async function moveToMunged(
  tx: Db,
  { mailingId, domain, known, now }: Part & { readonly known: Breaker | undefined; readonly now: number },
): Promise<number | undefined> {
  const munged = known?.mungedMailingId ?? (await copyMunged(tx, mailingId, now));
  if (munged === undefined) return undefined;
  await tx
    .updateTable('deliveries')
    .set({ mailing_id: munged, state: 'queued', next_at: now, final_at: null, lease_until: null })
    .where('mailing_id', '=', mailingId)
    .where(domainOf(tx, sql.ref('recipient')), '=', domain)
    .where((eb) =>
      eb.or([
        eb('state', 'in', ['queued', 'deferred']),
        // A relay takes it, and the refusal comes back by mail.
        eb.and([
          eb('state', 'in', ['failed', 'sent']),
          sql<SqlBool>`exists (select 1 from bounces b where b.delivery_id = deliveries.id and b.class = 'policy')`,
        ]),
      ]),
    )
    .execute();
  return munged;
}

async function copyMunged(tx: Db, mailingId: number, now: number): Promise<number | undefined> {
  const mailing = await tx
    .selectFrom('mailings')
    .selectAll()
    .where('id', '=', mailingId)
    .executeTakeFirstOrThrow();
  const facts = JSON.parse(mailing.facts) as MailingFacts;
  if (facts.munge) return undefined;
  const { id: _, ...columns } = mailing;
  const { id } = await tx
    .insertInto('mailings')
    // A moment later than the refusals that led to it: they do not count against it.
    .values({
      ...columns,
      created_at: now + 1,
      fan_out_cursor: null,
      facts: JSON.stringify({ ...facts, munge: true }),
    })
    .returning('id')
    .executeTakeFirstOrThrow();
  return id;
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

/** A breaker that nobody has been told of, with the post. */
export interface UntoldBreaker extends Breaker {
  readonly list: string;
  readonly subject: string;
  readonly postId: number;
}

export async function untoldBreakers(db: Db, limit: number): Promise<readonly UntoldBreaker[]> {
  const rows = await db
    .selectFrom('breakers')
    .innerJoin('mailings', 'mailings.id', 'breakers.mailing_id')
    .innerJoin('posts', 'posts.id', 'mailings.post_id')
    .innerJoin('lists', 'lists.id', 'posts.list_id')
    .selectAll('breakers')
    .select(['lists.name', 'lists.domain', 'posts.subject', 'posts.id as post'])
    .where('told_at', 'is', null)
    .orderBy('at')
    .limit(limit)
    .execute();
  return rows.map((row) => ({
    ...toBreaker(row),
    list: `${row.name}@${row.domain}`,
    subject: row.subject,
    postId: row.post,
  }));
}

export async function markTold(tx: Db, { mailingId, domain }: Part, at: number): Promise<void> {
  await tx
    .updateTable('breakers')
    .set({ told_at: at })
    .where('mailing_id', '=', mailingId)
    .where('destination', '=', domain)
    .execute();
}

function toBreaker(row: {
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

/** A post that is held back at a destination at present. */
export interface HeldBack {
  readonly postId: number;
  readonly subject: string;
  readonly list: string;
  readonly domain: string;
  readonly said: string;
  /** Epoch milliseconds. */
  readonly until: number;
}

export async function heldBackNow(db: Db, now: number): Promise<readonly HeldBack[]> {
  const rows = await db
    .selectFrom('breakers')
    .innerJoin('mailings', 'mailings.id', 'breakers.mailing_id')
    .innerJoin('posts', 'posts.id', 'mailings.post_id')
    .innerJoin('lists', 'lists.id', 'posts.list_id')
    .select(['breakers.destination', 'breakers.until', 'breakers.said', 'posts.subject', 'posts.id'])
    .select(['lists.name', 'lists.domain'])
    .where('breakers.until', '>', now)
    .orderBy('breakers.at')
    .limit(100)
    .execute();
  return rows.map((row) => ({
    postId: row.id,
    subject: row.subject,
    list: `${row.name}@${row.domain}`,
    domain: row.destination,
    said: row.said,
    until: row.until,
  }));
}

/**
 * Of deliveries that were just claimed the ones that may go out. Those of a post that is held back at their domain wait; those for whom there
 * is one with its From rewritten get that, and are queued again.
 */
export async function obeyBreakers(
  tx: Db,
  claimed: readonly ClaimedDelivery[],
  now: number,
): Promise<{ readonly deliveries: readonly ClaimedDelivery[]; readonly moved: boolean }> {
  const active = claimed.length > 0 ? await activeBreakers.all(tx, { now }) : [];
  if (active.length === 0) return { deliveries: claimed, moved: false };
  let deliveries = claimed;
  let moved = false;
  for (const breaker of active.map(toBreaker)) {
    const stopped = deliveries.filter((delivery) => isAt(delivery, breaker));
    if (stopped.length === 0) continue;
    deliveries = deliveries.filter((delivery) => !isAt(delivery, breaker));
    moved ||= breaker.mungedMailingId !== null;
    await divert(tx, breaker, stopped, now);
  }
  return { deliveries, moved };
}

const activeBreakers = statement((db: Db, given: Given<{ now: number }>) =>
  db
    .selectFrom('breakers')
    .selectAll()
    .where((eb) => eb.or([eb('until', '>', given.now), eb('munged_mailing_id', 'is not', null)])),
);

function isAt({ mailingId, recipient }: ClaimedDelivery, breaker: Breaker): boolean {
  return mailingId === breaker.mailingId && recipient.endsWith(`@${breaker.domain}`);
}

async function divert(
  tx: Db,
  { mungedMailingId, until }: Breaker,
  stopped: readonly ClaimedDelivery[],
  now: number,
): Promise<void> {
  for (const some of chunks(stopped.map(({ id }) => id))) {
    await tx
      .updateTable('deliveries')
      .set(
        mungedMailingId === null
          ? { state: 'deferred', next_at: until, lease_until: null, last_reply: heldBackReply }
          : { state: 'queued', next_at: now, lease_until: null, mailing_id: mungedMailingId },
      )
      .where('id', 'in', some)
      .where('state', '=', 'claimed')
      .execute();
  }
}
