import type { Address } from '../domain/address.ts';
import { type List, listAddress } from '../domain/list.ts';
import type { Membership } from '../domain/membership.ts';
import { Refusal } from '../domain/refusal.ts';
import { findMembership } from '../store/memberships.ts';
import type { Context } from './operation.ts';

/** The present membership of an address, or a refusal that says where to look. */
export async function findMember({ tx }: Context, list: List, email: Address): Promise<Membership> {
  const member = await findMembership(tx, list.id, email);
  if (!member) throw new Refusal('not-found', `${email} is not on ${listAddress(list)}.`);
  return member;
}
