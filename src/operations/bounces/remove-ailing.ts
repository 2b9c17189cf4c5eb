import type { Ailing } from '../../domain/ailing.ts';
import { listAddress } from '../../domain/list.ts';
import type { Membership } from '../../domain/membership.ts';
import { saveAiling } from '../../store/ailing.ts';
import { loadList } from '../../store/lists.ts';
import { insertRemovals } from '../../store/removals.ts';
import { endMemberships } from '../../store/roster.ts';
import { suppress } from '../../store/suppressions.ts';
import type { Context } from '../operation.ts';
import { tellOperators } from './tell-operators.ts';

/**
 * Nobody answered in three weeks: the address leaves its lists. The memberships stay as tombstones, so that whoever comes back finds their
 * settings; the owners hear of it once a week (tell-removals.ts). Who looks after a list is never taken off it by a machine: the
 * operators are told.
 */
export async function removeAiling(
  context: Context,
  ailing: Ailing,
  memberships: readonly Membership[],
): Promise<void> {
  const { tx, now } = context;
  const members = memberships.filter(({ role }) => role === 'member');
  await endMemberships(
    tx,
    members.map(({ id }) => id),
    now,
  );
  for (const { email, listId } of members) await suppress(tx, { email, listId, reason: 'bounced', now });
  await insertRemovals(
    tx,
    members.map(({ email, listId }) => ({ email, listId, said: ailing.lastSaid, removedAt: now })),
  );
  await saveAiling(tx, [{ ...ailing, removedAt: now, nextAt: null }]);
  const officers = memberships.filter(({ role }) => role !== 'member');
  if (officers.length > 0) await tellOfOfficer(context, ailing, officers);
}

async function tellOfOfficer(
  context: Context,
  { email, lastSaid }: Ailing,
  officers: readonly Membership[],
): Promise<void> {
  const lists: string[] = [];
  for (const { listId, role } of officers) {
    const list = await loadList(context.tx, listId);
    if (list) lists.push(`  ${role} of ${listAddress(list)}`);
  }
  await tellOperators(context, {
    text: 'officer-unreachable',
    values: { email, lists: lists.join('\n'), said: lastSaid.slice(0, 300) },
  });
}
