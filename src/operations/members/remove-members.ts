import { z } from 'zod';
import type { Address } from '../../domain/address.ts';
import type { KnownMembership } from '../../store/membership-row.ts';
import { closeWaysBack } from '../../store/memberships.ts';
import { endMemberships, membershipsAmong } from '../../store/roster.ts';
import { callOffTokens } from '../../store/tokens.ts';
import { requireRankOver, requireRoleOn } from '../authorise.ts';
import { findList, listInput } from '../find-list.ts';
import { addressInput } from '../inputs.ts';
import type { Context, Operation } from '../operation.ts';
import { lifetimes } from '../tokens.ts';
import { keepAnOwner } from './keep-an-owner.ts';

const input = z.object({ list: listInput, emails: z.array(addressInput).min(1).max(500) });

export interface RemovedMembers {
  readonly listId: number;
  readonly removed: readonly Address[];
  readonly notMembers: readonly Address[];
}

/**
 * Somebody else decided it, so there is no goodbye with a way back; what waits for them is called back at its claim. Whoever has just left by
 * themselves, or is invited, does not come in by that any more: an owner who goes in time would be owner again when everybody looks away.
 */
export const removeMembers: Operation<z.infer<typeof input>, RemovedMembers> = {
  name: 'remove-members',
  kind: 'command',
  summary: 'Takes people off a list, without a note to them.',
  input,
  authorise: (context, { list }) => requireRoleOn(context, list, 'moderator'),
  run: async (context, request) => {
    const list = await findList(context, request.list);
    const emails = [...new Set(request.emails)];
    const known = [...(await membershipsAmong(context.tx, list.id, emails)).values()];
    const present = known.filter(({ left }) => !left).map(({ membership }) => membership);
    await requireRankOver(
      context,
      list.id,
      known.filter(mayBeThere(context)).map(({ membership }) => membership),
    );
    const ids = present.map(({ id }) => id);
    await keepAnOwner(context, list, new Set(ids));
    await endWaysIn(context, list.id, { emails, left: known.filter(({ left }) => left) });
    await endMemberships(context.tx, ids, context.now);
    const removed = new Set(present.map(({ email }) => email));
    return {
      listId: list.id,
      removed: [...removed],
      notMembers: emails.filter((email) => !removed.has(email)),
    };
  },
  audit: (_, { listId, removed }) => ({
    listId,
    removed: removed.length > 20 ? `${removed.length} addresses` : removed.join(' '),
  }),
};

/** Now, or again: whoever has left can come back for some days as what they were. */
function mayBeThere({ now }: Context): (known: KnownMembership) => boolean {
  return ({ leftAt }) => leftAt === null || leftAt > now - lifetimes.rejoin;
}

async function endWaysIn(
  { tx, now }: Context,
  listId: number,
  { emails, left }: { readonly emails: readonly Address[]; readonly left: readonly KnownMembership[] },
): Promise<void> {
  await closeWaysBack(
    tx,
    left.map(({ membership }) => membership.id),
    now,
  );
  const result = 'The invitation was taken back by those who look after the list.';
  await callOffTokens(tx, { kind: 'invite', listId, emails, now, result });
}
