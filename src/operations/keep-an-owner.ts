import type { List } from '../domain/list.ts';
import { listAddress } from '../domain/list.ts';
import { Refusal } from '../domain/refusal.ts';
import { listOfficers } from '../store/memberships.ts';
import type { Context } from './operation.ts';

/** Refuses a change that would leave nobody to answer for a list: all of its owners are among those who go. */
export async function keepAnOwner({ tx }: Context, list: List, going: ReadonlySet<number>): Promise<void> {
  const owners = (await listOfficers(tx, list.id)).filter(({ role }) => role === 'owner');
  if (owners.length === 0 || owners.some(({ id }) => !going.has(id))) return;
  throw new Refusal('conflict', `${listAddress(list)} would have no owner left: name another one first.`);
}
