import type { Address } from './address.ts';
import type { ListId } from './list.ts';

/** How a member gets the list's mail. `summary` is one line a post; `none` is "nomail". */
export const deliveryModes = [
  'each',
  'digest-mime',
  'digest-plain',
  'digest-html',
  'summary',
  'none',
] as const;
export type DeliveryMode = (typeof deliveryModes)[number];

export const roles = ['member', 'moderator', 'owner'] as const;
export type Role = (typeof roles)[number];

/** What happens to this member's posts: as the list's settings say, or what a moderator decided. */
export const postings = ['default', 'accept', 'hold', 'reject'] as const;
export type Posting = (typeof postings)[number];

/** `paused` by the member, `suspended` by us for failing mail. */
export type MemberState = 'active' | 'paused' | 'suspended';

export type MembershipId = number & { readonly __brand: 'MembershipId' };

/** One address on one list. An owner or moderator is a member with that role; one who wants no mail has mode `none`. */
export interface Membership {
  readonly id: MembershipId;
  readonly listId: ListId;
  readonly email: Address;
  readonly name: string;
  readonly role: Role;
  readonly mode: DeliveryMode;
  readonly ownCopy: boolean;
  readonly posting: Posting;
  /** Since when a moderator has believed the address without proof (email.md §4.3). */
  readonly believedAt: number | null;
  /** Since when nobody needs to read this member's first posts: added by an owner, or enough were approved. */
  readonly trustedAt: number | null;
  readonly joinedAt: number;
  readonly pausedAt: number | null;
  readonly suspendedAt: number | null;
}

/** What a sender is to a list, over all confirmed addresses of the person (email.md §4.3). */
export interface Standing {
  /** Of the very address if that is a member, else of another one of the same person. */
  readonly membership: Membership;
  /** The strongest over all of them. */
  readonly role: Role;
}

/** `owner` over `moderator` over `member`. */
export function hasRole(role: Role, wanted: Role): boolean {
  return roles.indexOf(role) >= roles.indexOf(wanted);
}

export function memberState(member: { pausedAt: number | null; suspendedAt: number | null }): MemberState {
  if (member.suspendedAt !== null) return 'suspended';
  return member.pausedAt !== null ? 'paused' : 'active';
}
