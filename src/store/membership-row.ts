import type { Address } from '../domain/address.ts';
import type { ListId } from '../domain/list.ts';
import type { DeliveryMode, Membership, MembershipId, Posting, Role } from '../domain/membership.ts';
import type { Db } from './store.ts';

/** A membership that may have ended: its row stays, so that settings come back with the person. */
export interface KnownMembership {
  readonly membership: Membership;
  readonly left: boolean;
  /** Epoch milliseconds. */
  readonly leftAt: number | null;
}

/** What toMembership needs, of `memberships` joined with `addresses`. */
export const membershipColumns = [
  'memberships.id',
  'memberships.list_id',
  'addresses.email',
  'memberships.name',
  'memberships.role',
  'memberships.mode',
  'memberships.own_copy',
  'memberships.posting',
  'memberships.believed_at',
  'memberships.trusted_at',
  'memberships.joined_at',
  'memberships.paused_at',
  'memberships.suspended_at',
  'memberships.left_at',
] as const;

/** Memberships with their addresses, those that have ended too. */
export function selectMemberships(db: Db) {
  return db
    .selectFrom('memberships')
    .innerJoin('addresses', 'addresses.id', 'memberships.address_id')
    .select(membershipColumns);
}

export interface MembershipRow {
  readonly id: number;
  readonly list_id: number;
  readonly email: string;
  readonly name: string;
  readonly role: string;
  readonly mode: string;
  readonly own_copy: number;
  readonly posting: string;
  readonly believed_at: number | null;
  readonly trusted_at: number | null;
  readonly joined_at: number;
  readonly paused_at: number | null;
  readonly suspended_at: number | null;
  readonly left_at: number | null;
}

export function toMembership(row: MembershipRow): Membership {
  return {
    id: row.id as MembershipId,
    listId: row.list_id as ListId,
    email: row.email as Address,
    name: row.name,
    role: row.role as Role,
    mode: row.mode as DeliveryMode,
    ownCopy: row.own_copy === 1,
    posting: row.posting as Posting,
    believedAt: row.believed_at,
    trustedAt: row.trusted_at,
    joinedAt: row.joined_at,
    pausedAt: row.paused_at,
    suspendedAt: row.suspended_at,
  };
}

export function toKnownMembership(row: MembershipRow): KnownMembership {
  return { membership: toMembership(row), left: row.left_at !== null, leftAt: row.left_at };
}
