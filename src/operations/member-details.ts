import {
  type DeliveryMode,
  type MemberState,
  type Membership,
  memberState,
  type Role,
} from '../domain/membership.ts';

/** A member as doors show it; the keys are promised to scripts. */
export interface MemberDetails {
  readonly email: string;
  readonly name: string;
  readonly role: Role;
  readonly mode: DeliveryMode;
  readonly state: MemberState;
  /** ISO 8601, UTC. */
  readonly joinedAt: string;
}

export function describeMember(member: Membership): MemberDetails {
  const { email, name, role, mode, joinedAt } = member;
  return { email, name, role, mode, state: memberState(member), joinedAt: new Date(joinedAt).toISOString() };
}
