import { sql } from 'kysely';
import type { Address } from '../domain/address.ts';
import type { DeliveryMode, Membership, Posting, Role } from '../domain/membership.ts';
import { chunks } from './chunks.ts';
import { type Consent, recordConsents } from './consents.ts';
import {
  type KnownMembership,
  selectMemberships,
  toKnownMembership,
  toMembership,
} from './membership-row.ts';
import { ensureAddresses } from './people.ts';
import { enrol, membershipsAmong } from './roster.ts';
import { type Given, statement } from './statement.ts';
import type { Db } from './store.ts';
import { liftSuppressions } from './suppressions.ts';

/** The present membership of an address. */
export async function findMembership(db: Db, listId: number, email: string): Promise<Membership | undefined> {
  const row = await byEmail.first(db, { listId, email });
  return row && toMembership(row);
}

/** Also one that has ended: tokens for leaving, and for coming back, name it by its id. */
export async function findMembershipById(db: Db, id: number): Promise<KnownMembership | undefined> {
  const row = await byId.first(db, { id });
  return row && toKnownMembership(row);
}

/** Owners and moderators of a list, oldest first. */
export async function listOfficers(db: Db, listId: number): Promise<Membership[]> {
  return (await officers.all(db, { listId })).map(toMembership);
}

/** Every membership of an address at present, oldest first. */
export async function membershipsOf(db: Db, email: string): Promise<Membership[]> {
  return (await allOfAddress.all(db, { email })).map(toMembership);
}

/** Whether the address is on any list of the site. */
export async function isKnownAddress(db: Db, email: string): Promise<boolean> {
  return (await onAnyList.first(db, { email })) !== undefined;
}

export interface Joining {
  readonly listId: number;
  readonly email: Address;
  readonly name: string;
  /** Without one a former member's comes back. */
  readonly mode?: DeliveryMode;
  readonly role: Role;
  /** For somebody who was never a member; whoever comes back has theirs. */
  readonly ownCopy: boolean;
  /** Nobody needs to read their first posts: somebody who looks after the list wanted them. */
  readonly trusted: boolean;
  readonly now: number;
  /** The address has just said yes itself: it counts as its person's from now on, and no suppression stands against it any more. */
  readonly confirmed: boolean;
  readonly consent: Omit<Consent, 'at'>;
}

/** Makes a member of somebody who is none at present; the membership's id. */
export async function joinMember(tx: Db, joining: Joining): Promise<number> {
  const { listId, email, name, role, ownCopy, now, confirmed } = joining;
  const addresses = await ensureAddresses(tx, [{ email, name }], { now, confirmed });
  const former = (await membershipsAmong(tx, listId, [email])).get(email)?.membership;
  const [id] = await enrol(tx, listId, [
    {
      addressId: addresses.get(email) ?? 0,
      name: name || (former?.name ?? ''),
      role,
      ownCopy,
      mode: joining.mode ?? modeOfReturn(former),
      // What a moderator decided about somebody is not undone by leaving and coming back.
      posting: former?.posting ?? 'default',
      joinedAt: now,
      trustedAt: joining.trusted ? now : null,
    },
  ]);
  if (id === undefined) throw new Error(`${email} is on list ${listId} already`);
  await recordConsents(tx, [id], { ...joining.consent, at: now });
  if (confirmed) await liftSuppressions(tx, listId, email);
  return id;
}

/** What somebody gets who comes back without saying how: as before, but who joins wants mail. */
export function modeOfReturn(former: Membership | undefined): DeliveryMode {
  return former && former.mode !== 'none' ? former.mode : 'each';
}

export interface MembershipChanges {
  readonly name?: string;
  readonly role?: Role;
  readonly mode?: DeliveryMode;
  readonly ownCopy?: boolean;
  readonly posting?: Posting;
  readonly believedAt?: number | null;
  readonly trustedAt?: number | null;
  readonly pausedAt?: number | null;
  /** With `pausedAt`: when mail starts again by itself. */
  readonly pausedUntil?: number | null;
  readonly suspendedAt?: number | null;
}

export async function updateMembership(tx: Db, id: number, changes: MembershipChanges): Promise<void> {
  const { name, role, mode, ownCopy, posting, believedAt, trustedAt, pausedAt, pausedUntil, suspendedAt } =
    changes;
  const set = {
    ...(name !== undefined && { name }),
    ...(role !== undefined && { role }),
    ...(mode !== undefined && { mode }),
    ...(ownCopy !== undefined && { own_copy: ownCopy ? 1 : 0 }),
    ...(posting !== undefined && { posting }),
    ...(believedAt !== undefined && { believed_at: believedAt }),
    ...(trustedAt !== undefined && { trusted_at: trustedAt }),
    ...(pausedAt !== undefined && { paused_at: pausedAt, paused_until: pausedUntil ?? null }),
    ...(suspendedAt !== undefined && { suspended_at: suspendedAt }),
  };
  if (Object.keys(set).length > 0)
    await tx.updateTable('memberships').set(set).where('id', '=', id).execute();
}

export async function leaveMember(tx: Db, id: number, now: number): Promise<void> {
  await tx
    .updateTable('memberships')
    .set({ left_at: now })
    .where('id', '=', id)
    .where('left_at', 'is', null)
    .execute();
}

/** Mail starts again for those whose pause has a last day and is over, at most `limit`; how many there were. */
export async function endPauses(tx: Db, now: number, limit: number): Promise<number> {
  const { numUpdatedRows } = await tx
    .updateTable('memberships')
    .set({ paused_at: null, paused_until: null })
    .where('id', 'in', (e) =>
      e.selectFrom('memberships').select('id').where('paused_until', '<=', now).limit(limit),
    )
    .executeTakeFirstOrThrow();
  return Number(numUpdatedRows);
}

/** Undoes the leaving of that moment: everything is as it was, the role too. False when something has happened to it since. */
export async function restoreMember(tx: Db, id: number, leftAt: number): Promise<boolean> {
  const { numUpdatedRows } = await tx
    .updateTable('memberships')
    .set({ left_at: null })
    .where('id', '=', id)
    .where('left_at', '=', leftAt)
    .executeTakeFirstOrThrow();
  return numUpdatedRows === 1n;
}

/** What was mailed when these memberships ended leads nobody back any more: a way back names the moment of leaving. */
export async function closeWaysBack(tx: Db, ids: readonly number[], now: number): Promise<void> {
  for (const some of chunks(ids)) await ended(tx, now).where('id', 'in', some).execute();
}

/** The same for all that an address has left. */
export async function closeWaysBackOf(tx: Db, addressId: number, now: number): Promise<void> {
  await ended(tx, now).where('address_id', '=', addressId).execute();
}

function ended(tx: Db, now: number) {
  return tx.updateTable('memberships').set({ left_at: now }).where('left_at', 'is not', null);
}

/** Undoes the leaving of that moment on all lists that an address left then, and that are there still. */
export async function restoreLeft(tx: Db, email: string, leftAt: number): Promise<void> {
  await tx
    .updateTable('memberships')
    .set({ left_at: null, suspended_at: null })
    .where('left_at', '=', leftAt)
    .where('address_id', 'in', (eb) => eb.selectFrom('addresses').select('id').where('email', '=', email))
    .where('list_id', 'in', (eb) => eb.selectFrom('lists').select('id').where('deleted_at', 'is', null))
    .execute();
}

const byEmail = statement((db: Db, given: Given<{ listId: number; email: string }>) =>
  selectMemberships(db)
    .where('memberships.list_id', '=', given.listId)
    .where('addresses.email', '=', given.email)
    .where('memberships.left_at', 'is', null),
);

const byId = statement((db: Db, given: Given<{ id: number }>) =>
  selectMemberships(db).where('memberships.id', '=', given.id),
);

// A literal, not a value, so that the index of officers serves: a roster of 10,000 has few.
const officers = statement((db: Db, given: Given<{ listId: number }>) =>
  selectMemberships(db)
    .where('memberships.list_id', '=', given.listId)
    .where('memberships.left_at', 'is', null)
    .where('memberships.role', '!=', sql.lit('member'))
    .orderBy('memberships.id'),
);

const allOfAddress = statement((db: Db, given: Given<{ email: string }>) =>
  selectMemberships(db)
    .where('addresses.email', '=', given.email)
    .where('memberships.left_at', 'is', null)
    .orderBy('memberships.id'),
);

const onAnyList = statement((db: Db, given: Given<{ email: string }>) =>
  db
    .selectFrom('memberships')
    .innerJoin('addresses', 'addresses.id', 'memberships.address_id')
    .select('memberships.id')
    .where('addresses.email', '=', given.email)
    .where('memberships.left_at', 'is', null)
    .limit(1),
);
