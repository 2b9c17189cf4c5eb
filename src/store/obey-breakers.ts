import { sql } from 'kysely';
import type { MailingFacts } from '../domain/mailing.ts';
import { withheld } from '../domain/outcome.ts';
import { type Breaker, type Part, toBreaker } from './breakers.ts';
import { chunks } from './chunks.ts';
import type { ClaimedDelivery } from './claims.ts';
import { domainOf } from './json-rows.ts';
import { type Given, statement } from './statement.ts';
import type { Db } from './store.ts';

/** What becomes of the deliveries of a post that a domain refuses: they wait, or get the post with its From rewritten. */

/** Ours, and not their server's: so it has no code. */
const heldBack = {
  last_code: null,
  last_reply: `${withheld.breaker} by this server, because others at that domain have refused this post.`,
} as const;

/** So many try first whether it is still refused; the others come that much later, in milliseconds. */
const tests = 20;
export const testedFor = 3_600_000;
/** Addresses of the domain that are looked through at once; what is further behind is stopped when its turn comes. */
const atOnce = 500;

/** What is queued for a domain waits until then. */
export async function holdBack(
  tx: Db,
  { mailingId, domain, until }: Part & { readonly until: number },
): Promise<void> {
  const waiting = await waitingAt(tx, { mailingId, domain });
  await postponeTo(tx, waiting.slice(0, tests), until);
  await postponeTo(tx, waiting.slice(tests), until + testedFor);
}

async function postponeTo(tx: Db, ids: readonly number[], nextAt: number): Promise<void> {
  for (const some of chunks(ids)) {
    await tx
      .updateTable('deliveries')
      .set({ state: 'deferred', next_at: nextAt, ...heldBack })
      .where('id', 'in', some)
      .execute();
  }
}

/** Deliveries of a mailing that wait, to the first addresses of a domain. */
async function waitingAt(tx: Db, { mailingId, domain }: Part): Promise<readonly number[]> {
  const { rows } = await sql<{ id: number }>`
    select d.id from (
      select email from addresses where ${domainOf(tx, sql.ref('email'))} = ${domain} order by email limit ${atOnce}
    ) a cross join deliveries d
    where d.mailing_id = ${mailingId} and d.recipient = a.email and d.state in ('queued', 'deferred')
    order by d.id`.execute(tx);
  return rows.map(({ id }) => id);
}

/**
 * Gives those of a domain who wait, and those it was refused of, the same post with its From rewritten: a mailing of its own, so that all
 * others get it as it is. Its id; undefined where the From is rewritten already, and refused all the same. `refused`: those of whom it is
 * heard now; of the others only the first time.
 */
export async function moveToMunged(
  tx: Db,
  place: Part & { readonly known: Breaker | undefined; readonly now: number },
  refused: readonly number[],
): Promise<number | undefined> {
  const { mailingId, known, now } = place;
  const already = known?.mungedMailingId ?? undefined;
  const munged = already ?? (await copyMunged(tx, mailingId, now));
  if (munged === undefined) return undefined;
  const before =
    already === undefined ? [...(await refusedAt(tx, place)), ...(await waitingAt(tx, place))] : [];
  for (const some of chunks([...new Set([...refused, ...before])])) {
    await tx
      .updateTable('deliveries')
      .set({ mailing_id: munged, state: 'queued', next_at: now, final_at: null, lease_until: null })
      .where('mailing_id', '=', mailingId)
      .where('id', 'in', some)
      // A relay takes it, and the refusal comes back by mail.
      .where('state', 'in', ['queued', 'deferred', 'failed', 'sent'])
      .execute();
  }
  return munged;
}

/** Begins at the refusals since the mailing was made: they are few, and its deliveries many. */
async function refusedAt(tx: Db, { mailingId, domain }: Part): Promise<readonly number[]> {
  const { rows } = await sql<{ id: number }>`
    select distinct d.id from bounces b cross join deliveries d
    where b.class = 'policy' and b.received_at >= (select created_at from mailings where id = ${mailingId})
      and d.id = b.delivery_id and d.mailing_id = ${mailingId}
      and ${domainOf(tx, sql.ref('d.recipient'))} = ${domain}`.execute(tx);
  return rows.map(({ id }) => id);
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
      // Its copies are counted where they were made.
      fan_out_count: 0,
      facts: JSON.stringify({ ...facts, munge: true }),
    })
    .returning('id')
    .executeTakeFirstOrThrow();
  return id;
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
          ? { state: 'deferred', next_at: until + testedFor, lease_until: null, ...heldBack }
          : { state: 'queued', next_at: now, lease_until: null, mailing_id: mungedMailingId },
      )
      .where('id', 'in', some)
      .where('state', '=', 'claimed')
      .execute();
  }
}
