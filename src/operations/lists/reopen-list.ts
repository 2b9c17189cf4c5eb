import { z } from 'zod';
import { setClosed } from '../../store/lists.ts';
import { requireOperator } from '../authorise.ts';
import { findList, listInput } from '../find-list.ts';
import type { Operation } from '../operation.ts';
import { describeList, type ListDetails } from './list-details.ts';

const input = z.object({ list: listInput });

export const reopenList: Operation<z.infer<typeof input>, ListDetails & { readonly listId: number }> = {
  name: 'reopen-list',
  kind: 'command',
  summary: 'Opens a closed list again.',
  input,
  authorise: requireOperator,
  run: async (context, request) => {
    const list = await findList(context, request.list);
    await setClosed(context.tx, list.id, null);
    return { listId: list.id, ...(await describeList(context, { ...list, closedAt: null })) };
  },
  audit: (_, { listId, address }) => ({ listId, address }),
};
