import { sql } from 'kysely';
import type { DeliveryMode, Membership, Posting, Role } from '../domain/membership.ts';
import { chunks } from './chunks.ts';
import {
  type KnownMembership,
  selectMemberships,
  toKnownMembership,
  toMembership,
} from './membership-row.ts';
import { type Given, statement } from './statement.ts';
import type { Db } from './store.ts';

/** Members of a list many at a time, and never the whole roster at once. */

/** Present members in the order in which they were first added, at most `limit` after the id `after`. */
export async function pageMembers(
  db: Db,
  listId: number,
  page: { readonly after: number; readonly limit: number },
): Promise<Membership[]> {
  const rows = await selectMemberships(db)
    .where('memberships.list_id', '=', listId)
    .where('memberships.left_at', 'is', null)
    .where('memberships.id', '>', page.after)
    .orderBy('memberships.id')
    .limit(page.limit)
    .execute();
  return rows.map(toMembership);
}

export async function countMembers(db: Db, listId: number): Promise<number> {
  const row = await presentCount.first(db, { listId });
  return row?.members ?? 0;
}

/** Memberships of any number of addresses, by address; those that have ended too. */
export async function membershipsAmong(
  db: Db,
  listId: number,
  emails: readonly string[],
): Promise<ReadonlyMap<string, KnownMembership>> {
  const found = new Map<string, KnownMembership>();
  for (const some of chunks(emails)) {
    const rows = await selectMemberships(db)
      .where('memberships.list_id', '=', listId)
      .where('addresses.email', 'in', some)
      .execute();
    for (const row of rows) found.set(row.email, toKnownMembership(row));
  }
  return found;
}

/** Those of any number of addresses that are on some list at present, in that role where one is named. */
export async function membersAmong(
  db: Db,
  emails: readonly string[],
  role?: Role,
): Promise<ReadonlySet<string>> {
  const found = new Set<string>();
  for (const some of chunks(emails)) {
    const rows = await db
      .selectFrom('addresses')
      .select('email')
      .where('email', 'in', some)
      .where((eb) =>
        eb.exists(
          eb
            .selectFrom('memberships')
            .select('memberships.id')
            .whereRef('memberships.address_id', '=', 'addresses.id')
            .where('left_at', 'is', null)
            .$if(role !== undefined, (query) => query.where('role', '=', role ?? '')),
        ),
      )
      .execute();
    for (const { email } of rows) found.add(email);
  }
  return found;
}

export interface Enrolment {
  readonly addressId: number;
  readonly name: string;
  readonly role: Role;
  readonly mode: DeliveryMode;
  /** For somebody who was never a member; whoever comes back has theirs. */
  readonly ownCopy: boolean;
  readonly joinedAt: number;
  readonly posting: Posting;
  /** null: a newcomer, unless they were trusted before. */
  readonly trustedAt: number | null;
}

/**
 * Makes members of addresses that are none at present; the ids of their memberships, in no order. One that has ended keeps its id
 * and its `ownCopy`, and begins neither paused nor suspended.
 */
export async function enrol(tx: Db, listId: number, rows: readonly Enrolment[]): Promise<number[]> {
  const ids: number[] = [];
  for (const some of chunks(rows)) {
    const made = await tx
      .insertInto('memberships')
      .values(some.map((row) => enrolmentRow(listId, row)))
      .onConflict((oc) =>
        oc
          .columns(['list_id', 'address_id'])
          .doUpdateSet((eb) => ({
            name: eb.ref('excluded.name'),
            role: eb.ref('excluded.role'),
            mode: eb.ref('excluded.mode'),
            posting: eb.ref('excluded.posting'),
            joined_at: eb.ref('excluded.joined_at'),
            trusted_at: eb.fn.coalesce('excluded.trusted_at', 'memberships.trusted_at'),
            paused_at: null,
            paused_until: null,
            suspended_at: null,
            left_at: null,
          }))
          .where('memberships.left_at', 'is not', null),
      )
      .returning('id')
      .execute();
    for (const { id } of made) ids.push(id);
  }
  await suspendAiling(tx, ids);
  return ids;
}

/** Mail to an address that is suspended would fail on a new list as on the others (email.md §6.4). */
async function suspendAiling(tx: Db, ids: readonly number[]): Promise<void> {
  for (const some of chunks(ids)) {
    const suspended = sql<number>`(select ai.suspended_at from addresses a
      join ailing_addresses ai on ai.email = a.email where a.id = memberships.address_id)`;
    await tx
      .updateTable('memberships')
      .set({ suspended_at: suspended })
      .where('id', 'in', some)
      .where(suspended, 'is not', null)
      .execute();
  }
}

/** The rows stay, so that their settings can come back. */
export async function endMemberships(tx: Db, ids: readonly number[], at: number): Promise<void> {
  for (const some of chunks(ids)) {
    await tx
      .updateTable('memberships')
      .set({ left_at: at })
      .where('id', 'in', some)
      .where('left_at', 'is', null)
      .execute();
  }
}

/** Ends at most `limit` memberships of a list, and tells how many. */
export async function endSomeOfList(
  tx: Db,
  listId: number,
  { at, limit }: { readonly at: number; readonly limit: number },
): Promise<number> {
  const ended = await tx
    .updateTable('memberships')
    .set({ left_at: at })
    .where('id', 'in', (eb) =>
      eb
        .selectFrom('memberships')
        .select('memberships.id')
        .where('list_id', '=', listId)
        .where('left_at', 'is', null)
        .orderBy('memberships.id')
        .limit(limit),
    )
    .executeTakeFirstOrThrow();
  return Number(ended.numUpdatedRows);
}

const presentCount = statement((db: Db, given: Given<{ listId: number }>) =>
  db
    .selectFrom('memberships')
    .select((eb) => eb.fn.countAll<number>().as('members'))
    .where('list_id', '=', given.listId)
    .where('left_at', 'is', null),
);

function enrolmentRow(listId: number, enrolment: Enrolment) {
  const { addressId, name, role, mode, ownCopy, posting, joinedAt, trustedAt } = enrolment;
  return {
    list_id: listId,
    address_id: addressId,
    name,
    role,
    mode,
    own_copy: ownCopy ? 1 : 0,
    posting,
    joined_at: joinedAt,
    trusted_at: trustedAt,
  };
}
