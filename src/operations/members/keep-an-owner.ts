import { type List, listAddress } from '../../domain/list.ts';
import type { Membership } from '../../domain/membership.ts';
import { Refusal } from '../../domain/refusal.ts';
import { listOfficers } from '../../store/memberships.ts';
import type { Context } from '../operation.ts';

/** Refuses a change that would leave nobody to answer for a list: all of its owners are among those who go. */
export async function keepAnOwner(context: Context, list: List, going: ReadonlySet<number>): Promise<void> {
  const owners = await ownersOf(context, list.id);
  if (owners.length === 0 || owners.some(({ id }) => !going.has(id))) return;
  throw new Refusal('conflict', `${listAddress(list)} would have no owner left: name another one first.`);
}

export async function isLastOwner(context: Context, { id, listId, role }: Membership): Promise<boolean> {
  return role === 'owner' && (await ownersOf(context, listId)).every((owner) => owner.id === id);
}

async function ownersOf({ tx }: Context, listId: number): Promise<readonly Membership[]> {
  return (await listOfficers(tx, listId)).filter(({ role }) => role === 'owner');
}
