import { sql } from 'kysely';
import { chunks } from './chunks.ts';
import { domainOf } from './json-rows.ts';
import type { Db } from './store.ts';

/** Domains that fail as a whole: their trouble is not that of their people (email.md §6.4). */

/** Those of some domains that are out. */
export async function domainsOut(
  db: Db,
  domains: readonly string[],
  now: number,
): Promise<ReadonlySet<string>> {
  const found = new Set<string>();
  for (const some of chunks(domains)) {
    const rows = await db
      .selectFrom('domain_outages')
      .select('domain')
      .where('domain', 'in', some)
      .where('until', '>', now)
      .execute();
    for (const { domain } of rows) found.add(domain);
  }
  return found;
}

export interface FailingDomain {
  readonly domain: string;
  /** Addresses there that began to fail. */
  readonly failing: number;
}

/** Domains of which at least so many addresses have begun to fail since a moment, and that are not known to be out. */
export async function failingDomains(
  db: Db,
  { since, atLeast, now }: { readonly since: number; readonly atLeast: number; readonly now: number },
): Promise<readonly FailingDomain[]> {
  const rows = await db
    .selectFrom('ailing_addresses')
    .select((eb) => ['domain', eb.fn.countAll<number>().as('failing')])
    .where('first_at', '>=', since)
    .where('domain', 'not in', (eb) =>
      eb.selectFrom('domain_outages').select('domain_outages.domain').where('until', '>', now),
    )
    .groupBy('domain')
    .having((eb) => eb(eb.fn.countAll(), '>=', atLeast))
    .execute();
  return rows;
}

/** How many addresses of a domain are on some list. */
export async function countMembersAt(db: Db, domain: string): Promise<number> {
  const row = await db
    .selectFrom('addresses')
    .select((eb) => eb.fn.countAll<number>().as('members'))
    .where(domainOf(db, sql.ref('addresses.email')), '=', domain)
    .where((eb) =>
      eb.exists(
        eb
          .selectFrom('memberships')
          .select('memberships.id')
          .whereRef('memberships.address_id', '=', 'addresses.id')
          .where('left_at', 'is', null),
      ),
    )
    .executeTakeFirst();
  return row?.members ?? 0;
}

export async function markOut(
  tx: Db,
  { domain, since, until }: { readonly domain: string; readonly since: number; readonly until: number },
): Promise<void> {
  await tx
    .insertInto('domain_outages')
    .values({ domain, since, until })
    .onConflict((on) => on.column('domain').doUpdateSet({ since, until }))
    .execute();
}

/** Forgets outages that ended before a moment. */
export async function pruneOutages(tx: Db, endedBefore: number): Promise<void> {
  await tx.deleteFrom('domain_outages').where('until', '<', endedBefore).execute();
}

/**
 * Takes back what was counted against addresses of a domain since a moment; those that nothing is left of are forgotten. Returns the ones
 * that were suspended by it.
 */
export async function takeBackPoints(
  tx: Db,
  {
    domain,
    since,
    suspendingScore,
  }: { readonly domain: string; readonly since: number; readonly suspendingScore: number },
): Promise<readonly string[]> {
  const sum = sql<number>`coalesce((select sum(b.points) from bounces b
    where b.email = ailing_addresses.email and b.received_at >= ${since}), 0)`;
  await tx
    .updateTable('ailing_addresses')
    .set({ score: sql<number>`score - ${sum}`, counted: 0 })
    .where('domain', '=', domain)
    .where('last_at', '>=', since)
    .execute();
  await tx
    .updateTable('bounces')
    .set({ points: 0 })
    .where('received_at', '>=', since)
    .where('points', '>', 0)
    .where('email', 'in', (eb) =>
      eb.selectFrom('ailing_addresses').select('ailing_addresses.email').where('domain', '=', domain),
    )
    .execute();
  const freed = await tx
    .selectFrom('ailing_addresses')
    .select('email')
    .where('domain', '=', domain)
    .where('suspended_at', '>=', since)
    .where('score', '<', suspendingScore)
    .execute();
  await tx
    .updateTable('ailing_addresses')
    .set({ next_at: null })
    .where('domain', '=', domain)
    .where('suspended_at', 'is', null)
    .where('score', '<', suspendingScore)
    .execute();
  await tx
    .deleteFrom('ailing_addresses')
    .where('domain', '=', domain)
    .where('score', '<=', 0)
    .where('suspended_at', 'is', null)
    .execute();
  return freed.map(({ email }) => email);
}
