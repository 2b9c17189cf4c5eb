import { z } from 'zod';
import { describeActor } from '../../domain/actor.ts';
import { listAddress } from '../../domain/list.ts';
import { discardHeldOfList } from '../../store/held.ts';
import { markDeleted, setClosed } from '../../store/lists.ts';
import { countMembers, endSomeOfList } from '../../store/roster.ts';
import { deleteRulesOfList } from '../../store/standing-rules.ts';
import { requireOperator } from '../authorise.ts';
import { findList, listInput } from '../find-list.ts';
import type { Operation } from '../operation.ts';

const input = z.object({ list: listInput });

/** How many memberships one call ends: a few milliseconds, so that a server beside it is not kept from its mail. */
const step = 2000;

export type DeletedList = {
  readonly listId: number;
  readonly address: string;
  /** Members still there. Perform it again until there are none: only then the list is gone. */
  readonly remaining: number;
};

/**
 * Ends a list: first it is closed, then its members go, then its addresses answer that it no longer exists. Members get no
 * goodbye. Posts stay in the database, out of everybody's sight, until they are purged.
 */
export const deleteList: Operation<z.infer<typeof input>, DeletedList> = {
  name: 'delete-list',
  kind: 'command',
  summary: 'Deletes a list: its members, its waiting posts, its addresses.',
  input,
  authorise: requireOperator,
  run: async ({ tx, now, site, actor }, { list: named }) => {
    const list = await findList({ tx, site }, named);
    await setClosed(tx, list.id, list.closedAt ?? now);
    await endSomeOfList(tx, list.id, { at: now, limit: step });
    const remaining = await countMembers(tx, list.id);
    if (remaining === 0) {
      await discardHeldOfList(tx, list.id, { by: describeActor(actor), at: now });
      await deleteRulesOfList(tx, list.id);
      await markDeleted(tx, list.id, now);
    }
    return { listId: list.id, address: listAddress(list), remaining };
  },
  audit: (_, { listId, address, remaining }) => (remaining === 0 ? { listId, address } : undefined),
};
