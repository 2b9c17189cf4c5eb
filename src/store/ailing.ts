import { sql } from 'kysely';
import type { Ailing } from '../domain/ailing.ts';
import type { FailureClass } from '../domain/failure-class.ts';
import { chunks } from './chunks.ts';
import { insertRows } from './insert-rows.ts';
import { isPostgres } from './json-rows.ts';
import type { Schema } from './schema.ts';
import { type Given, statement } from './statement.ts';
import type { Db } from './store.ts';

/** Addresses whose mail fails; one without a row is well. */

export async function findAiling(db: Db, email: string): Promise<Ailing | undefined> {
  const row = await byEmail.first(db, { email });
  return row && toAiling(row);
}

/** Asked for each mail that proves its author: nearly always nothing is there. */
const byEmail = statement((db: Db, given: Given<{ email: string }>) =>
  db.selectFrom('ailing_addresses').selectAll().where('email', '=', given.email),
);

/** Those of any number of addresses that ail, for whoever writes them back: until the transaction ends nobody else does (PostgreSQL). */
export async function ailingAmong(db: Db, emails: readonly string[]): Promise<ReadonlyMap<string, Ailing>> {
  const found = new Map<string, Ailing>();
  for (const some of chunks([...emails].sort())) {
    const rows = await db
      .selectFrom('ailing_addresses')
      .selectAll()
      .where('email', 'in', some)
      .$if(isPostgres(db), (query) => query.orderBy('email').forUpdate())
      .execute();
    for (const row of rows) found.set(row.email, toAiling(row));
  }
  return found;
}

/** Writes any number of them down, in one order, so that two nodes do not wait for each other. */
export async function saveAiling(tx: Db, all: readonly Ailing[]): Promise<void> {
  const ordered = [...all].sort((a, b) => (a.email < b.email ? -1 : 1));
  for (const some of chunks(ordered)) await insertRows(tx, upsert, some.map(toRow));
}

const columns = [
  'email',
  'domain',
  'score',
  'counted_on',
  'counted',
  'first_at',
  'last_at',
  'last_class',
  'last_said',
  'suspended_at',
  'probes',
  'probed_at',
  'next_at',
  'removed_at',
] as const;

const upsert = {
  into: `ailing_addresses (${columns.join(', ')})`,
  row: `(${columns.map(() => '?').join(', ')})`,
  ending: `on conflict (email) do update set ${columns.map((name) => `${name} = excluded.${name}`).join(', ')}`,
};

/** Those about which something is due, the longest waiting first; without those that somebody else writes about at this moment. */
export async function dueAiling(db: Db, now: number, limit: number): Promise<readonly Ailing[]> {
  const rows = await db
    .selectFrom('ailing_addresses')
    .selectAll()
    .where('next_at', '<=', now)
    .orderBy('next_at')
    .orderBy('email')
    .limit(limit)
    .$if(isPostgres(db), (query) => query.forUpdate().skipLocked())
    .execute();
  return rows.map(toAiling);
}

export async function forgetAiling(tx: Db, email: string): Promise<void> {
  await tx.deleteFrom('ailing_addresses').where('email', '=', email).execute();
}

/** In the order of their addresses, after one; those on a list only, where one is named. */
export async function pageAiling(
  db: Db,
  page: { readonly after: string; readonly limit: number; readonly listId?: number | undefined },
): Promise<readonly Ailing[]> {
  const { after, limit, listId } = page;
  const rows = await db
    .selectFrom('ailing_addresses')
    .selectAll()
    .where('email', '>', after)
    .$if(listId !== undefined, (query) =>
      query.where('email', 'in', (eb) =>
        eb
          .selectFrom('memberships')
          .innerJoin('addresses', 'addresses.id', 'memberships.address_id')
          .select('addresses.email')
          .where('memberships.list_id', '=', listId ?? 0)
          .where('memberships.left_at', 'is', null),
      ),
    )
    .orderBy('email')
    .limit(limit)
    .execute();
  return rows.map(toAiling);
}

/** Stops the posts of every list to an address, or lets them flow again (null). */
export async function markSuspended(tx: Db, email: string, at: number | null): Promise<void> {
  await tx
    .updateTable('memberships')
    .set({ suspended_at: at })
    .where('left_at', 'is', null)
    .where('address_id', 'in', (eb) => eb.selectFrom('addresses').select('id').where('email', '=', email))
    .execute();
}

/** How many members of a list are suspended. */
export async function countSuspended(db: Db, listId: number): Promise<number> {
  const row = await db
    .selectFrom('memberships')
    .select((eb) => eb.fn.countAll<number>().as('members'))
    .where('list_id', '=', listId)
    .where('left_at', 'is', null)
    .where('suspended_at', 'is not', null)
    .executeTakeFirst();
  return row?.members ?? 0;
}

export interface Recovery {
  readonly now: number;
  /** An address is well again when a post has gone out to it, and nothing came back for so long, in milliseconds. */
  readonly quietFor: number;
  /** After so long its troubles say nothing any more, whether it got mail or not. */
  readonly forgetAfter: number;
  readonly limit: number;
}

/** Forgets the troubles of addresses that take mail again, at most `limit`; how many there were. */
export async function forgetRecovered(tx: Db, recovery: Recovery): Promise<number> {
  const { now, quietFor, forgetAfter, limit } = recovery;
  const { rows } = await sql<{ email: string }>`
    delete from ailing_addresses where email in (
      select a.email from ailing_addresses a
      where (a.removed_at <= ${now - forgetAfter} and not exists (
          select 1 from addresses d join memberships m on m.address_id = d.id
          where d.email = a.email and m.left_at is null))
        or (a.suspended_at is null and a.next_at is null
          and (a.last_at <= ${now - forgetAfter} or (a.last_at <= ${now - quietFor} and ${hasHadPost})))
      limit ${limit})
    returning email`.execute(tx);
  return rows.length;
}

/** One of the last fifty posts of its lists went to it after its last failure: looked up by number, however long the archive is. */
const hasHadPost = sql`exists (
  select 1 from addresses d
    join memberships m on m.address_id = d.id and m.left_at is null
    join lists l on l.id = m.list_id
    join posts p on p.list_id = l.id and p.number >= l.next_number - 50
    join mailings g on g.post_id = p.id
    join deliveries v on v.mailing_id = g.id and v.recipient = a.email
  where d.email = a.email and p.received_at > a.last_at and v.state = 'sent')`;

function toRow(ailing: Ailing): readonly unknown[] {
  return [
    ailing.email,
    ailing.domain,
    ailing.score,
    ailing.countedOn,
    ailing.counted,
    ailing.firstAt,
    ailing.lastAt,
    ailing.lastClass,
    ailing.lastSaid,
    ailing.suspendedAt,
    ailing.probes,
    ailing.probedAt,
    ailing.nextAt,
    ailing.removedAt,
  ];
}

type Row = { readonly [Column in keyof Schema['ailing_addresses']]: unknown };

function toAiling(row: Row): Ailing {
  return {
    email: row.email as string,
    domain: row.domain as string,
    score: row.score as number,
    countedOn: row.counted_on as string,
    counted: row.counted as number,
    firstAt: row.first_at as number,
    lastAt: row.last_at as number,
    lastClass: row.last_class as FailureClass,
    lastSaid: row.last_said as string,
    suspendedAt: row.suspended_at as number | null,
    probes: row.probes as number,
    probedAt: row.probed_at as number | null,
    nextAt: row.next_at as number | null,
    removedAt: row.removed_at as number | null,
  };
}
