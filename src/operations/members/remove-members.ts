import { z } from 'zod';
import type { Address } from '../../domain/address.ts';
import { endMemberships, membershipsAmong } from '../../store/roster.ts';
import { requireRankOver, requireRoleOn } from '../authorise.ts';
import { findList, listInput } from '../find-list.ts';
import { addressInput } from '../inputs.ts';
import type { Operation } from '../operation.ts';
import { keepAnOwner } from './keep-an-owner.ts';

const input = z.object({ list: listInput, emails: z.array(addressInput).min(1).max(500) });

export interface RemovedMembers {
  readonly listId: number;
  readonly removed: readonly Address[];
  readonly notMembers: readonly Address[];
}

/** Somebody else decided it, so there is no goodbye with a way back; what waits for them is called back at its claim. */
export const removeMembers: Operation<z.infer<typeof input>, RemovedMembers> = {
  name: 'remove-members',
  kind: 'command',
  summary: 'Takes people off a list, without a note to them.',
  input,
  authorise: (context, { list }) => requireRoleOn(context, list, 'moderator'),
  run: async (context, request) => {
    const list = await findList(context, request.list);
    const emails = [...new Set(request.emails)];
    const known = await membershipsAmong(context.tx, list.id, emails);
    const present = emails.flatMap((email) => {
      const member = known.get(email);
      return member && !member.left ? [member.membership] : [];
    });
    await requireRankOver(context, list.id, present);
    const ids = present.map(({ id }) => id);
    await keepAnOwner(context, list, new Set(ids));
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
