import { z } from 'zod';
import { readStats, type Stats } from '../store/stats.ts';
import { requireOperator } from './authorise.ts';
import { findList, listInput } from './find-list.ts';
import type { Operation } from './operation.ts';

const week = 7 * 86_400_000;

const input = z.object({ list: listInput.optional() });

export const stats: Operation<z.infer<typeof input>, Stats> = {
  name: 'stats',
  kind: 'query',
  summary:
    'Counts lists, members, posts of the archive and of the last seven days, held posts and waiting mail.',
  input,
  authorise: requireOperator,
  run: async (context, { list }) => {
    const listId = list === undefined ? undefined : (await findList(context, list)).id;
    return readStats(context.tx, { since: context.now - week, ...(listId === undefined ? {} : { listId }) });
  },
};
