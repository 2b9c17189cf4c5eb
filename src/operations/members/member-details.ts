import {
  type DeliveryMode,
  type MemberState,
  type Membership,
  memberState,
  type Posting,
  type Role,
} from '../../domain/membership.ts';

/** A member as doors show it; the keys are promised to scripts. */
export interface MemberDetails {
  readonly email: string;
  readonly name: string;
  readonly role: Role;
  readonly mode: DeliveryMode;
  readonly state: MemberState;
  /** ISO 8601, UTC. */
  readonly joinedAt: string;
  /** Gets a copy of their own posts. */
  readonly ownCopy: boolean;
  /** What becomes of their posts: as the list's settings say, or what a moderator decided. */
  readonly posting: Posting;
  /** A risk: whoever writes this address into a From is believed (email.md §4.3). */
  readonly believed: boolean;
}

export function describeMember(member: Membership): MemberDetails {
  const { email, name, role, mode, joinedAt, ownCopy, posting, believedAt } = member;
  return {
    email,
    name,
    role,
    mode,
    state: memberState(member),
    joinedAt: new Date(joinedAt).toISOString(),
    ownCopy,
    posting,
    believed: believedAt !== null,
  };
}
