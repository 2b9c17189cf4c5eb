import { z } from 'zod';
import { listAddress } from '../../domain/list.ts';
import { renameList as storeName } from '../../store/lists.ts';
import { requireOperator } from '../authorise.ts';
import { findList, listInput, readListAddress } from '../find-list.ts';
import type { Operation } from '../operation.ts';
import { claimName } from './claim-name.ts';
import { describeList, type ListDetails } from './list-details.ts';

const input = z.object({
  list: listInput,
  address: listInput,
  allowSuffixName: z.boolean().default(false),
});

export interface RenamedList extends ListDetails {
  readonly listId: number;
  /** Goes on working, for ever. */
  readonly formerly: string;
}

export const renameList: Operation<z.infer<typeof input>, RenamedList> = {
  name: 'rename-list',
  kind: 'command',
  summary: 'Gives a list another address; all its earlier ones go on working.',
  input,
  authorise: requireOperator,
  run: async (context, request) => {
    const list = await findList(context, request.list);
    const name = readListAddress(context.site, request.address);
    await claimName(context, name, { allowSuffixName: request.allowSuffixName, own: list.id });
    await storeName(context.tx, list.id, name);
    const details = await describeList(context, { ...list, ...name });
    return { listId: list.id, formerly: listAddress(list), ...details };
  },
  audit: (_, { listId, address, formerly }) => ({ listId, address, formerly }),
};
