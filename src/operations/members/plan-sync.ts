import { z } from 'zod';
import type { Address } from '../../domain/address.ts';
import type { List } from '../../domain/list.ts';
import type { Membership } from '../../domain/membership.ts';
import { Refusal } from '../../domain/refusal.ts';
import { pageMembers } from '../../store/roster.ts';
import { requireOperator } from '../authorise.ts';
import { findList, listInput } from '../find-list.ts';
import { entryInput } from '../inputs.ts';
import type { Context, Operation } from '../operation.ts';
import { type Sorted, sortEntries } from './enrol-members.ts';

const input = z.object({
  list: listInput,
  /** Everybody who should be on the list. */
  members: z.array(entryInput).max(200_000),
});

export interface SyncPlan extends Omit<Sorted, 'fresh'> {
  readonly add: readonly Address[];
  readonly remove: readonly Address[];
  /** Owners and moderators whom the file does not name: they stay, since a list without them is nobody's. */
  readonly kept: readonly Address[];
}

const pageSize = 1000;

/**
 * What has to change so that a list's members are those of a file. An empty file is refused: more likely an export failed than
 * everybody left.
 */
export const planSync: Operation<z.infer<typeof input>, SyncPlan> = {
  name: 'plan-sync',
  kind: 'query',
  summary: 'Tells whom to add and whom to remove to make the members of a list those of a file.',
  input,
  authorise: requireOperator,
  run: async (context, { list: named, members }) => {
    if (members.length === 0)
      throw new Refusal('invalid', 'The file names nobody; that would empty the list.');
    const list = await findList(context, named);
    const { fresh, ...others } = await sortEntries(context, list, members);
    const gone = await missingFrom(context, list, new Set(members.map(({ email }) => email)));
    return {
      add: fresh.map(({ entry }) => entry.email),
      remove: gone.filter(({ role }) => role === 'member').map(({ email }) => email),
      kept: gone.filter(({ role }) => role !== 'member').map(({ email }) => email),
      ...others,
    };
  },
};

async function missingFrom(
  { tx }: Context,
  list: List,
  wanted: ReadonlySet<Address>,
): Promise<readonly Membership[]> {
  const missing: Membership[] = [];
  for (let after = 0; ; ) {
    const page = await pageMembers(tx, list.id, { after, limit: pageSize });
    missing.push(...page.filter(({ email }) => !wanted.has(email)));
    const last = page.at(-1);
    if (!last || page.length < pageSize) return missing;
    after = last.id;
  }
}
