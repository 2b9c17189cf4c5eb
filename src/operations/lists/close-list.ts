import { z } from 'zod';
import { setClosed } from '../../store/lists.ts';
import { requireOperator } from '../authorise.ts';
import { findList, listInput } from '../find-list.ts';
import type { Operation } from '../operation.ts';
import { describeList, type ListDetails } from './list-details.ts';

const input = z.object({ list: listInput });

export const closeList: Operation<z.infer<typeof input>, ListDetails & { readonly listId: number }> = {
  name: 'close-list',
  kind: 'command',
  summary: 'Closes a list: no posts and no new members; its archive and all its other addresses stay.',
  input,
  authorise: requireOperator,
  run: async (context, request) => {
    const list = await findList(context, request.list);
    const closedAt = list.closedAt ?? context.now;
    await setClosed(context.tx, list.id, closedAt);
    return { listId: list.id, ...(await describeList(context, { ...list, closedAt })) };
  },
  audit: (_, { listId, address }) => ({ listId, address }),
};
