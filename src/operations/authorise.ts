import { hasRole, type Role } from '../domain/membership.ts';
import { Refusal } from '../domain/refusal.ts';
import { standingOf } from '../store/standing.ts';
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

const audience: Readonly<Record<Role, string>> = {
  member: 'members',
  moderator: 'moderators and owners',
  owner: 'owners',
};
