import type { Address } from '../domain/address.ts';
import { hasRole, type Role } from '../domain/membership.ts';
import { Refusal } from '../domain/refusal.ts';
import { standingOf } from '../store/standing.ts';
import { findList } from './find-list.ts';
import type { Context } from './operation.ts';

/** For what only the people who run the site may do. */
export function requireOperator({ actor }: Context): void {
  if (actor.kind !== 'operator' && actor.kind !== 'system') {
    throw new Refusal('not-allowed', 'Only the operator of this site may do that.');
  }
}

/**
 * For what owners or moderators of a list may do too, once their address is verified: a `From` alone claims, it does not prove
 * (email.md §4.3).
 */
export async function requireRole(context: Context, listId: number, role: Role): Promise<void> {
  const { actor, tx } = context;
  if (actor.kind === 'operator' || actor.kind === 'system') return;
  const standing = actor.kind === 'verified' ? await standingOf(tx, listId, actor.email) : undefined;
  if (!standing || !hasRole(standing.role, role)) {
    throw new Refusal('not-allowed', `Only ${audience[role]} of this list may do that.`);
  }
}

/** The same for an operation whose input names the list: first of all it must be there. */
export async function requireRoleOn(context: Context, list: string, role: Role): Promise<void> {
  if (context.actor.kind === 'operator' || context.actor.kind === 'system') return;
  await requireRole(context, (await findList(context, list)).id, role);
}

/** For acts on other members: a moderator’s reach ends at plain members, an owner’s at nobody. */
export async function requireRankOver(
  context: Context,
  listId: number,
  members: readonly { readonly role: Role }[],
): Promise<void> {
  if (members.some(({ role }) => role !== 'member')) await requireRole(context, listId, 'owner');
}

/** Whether the one who asks has proved that the address is theirs, so that nobody has to be asked again (email.md §2.3). */
export function provesAddress({ actor }: Pick<Context, 'actor'>, email: Address): boolean {
  return actor.kind === 'verified' && actor.email === email;
}

const audience: Readonly<Record<Role, string>> = {
  member: 'members',
  moderator: 'moderators and owners',
  owner: 'owners',
};
