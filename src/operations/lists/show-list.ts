import { z } from 'zod';
import { requireRoleOn } from '../authorise.ts';
import { findList, listInput } from '../find-list.ts';
import type { Operation } from '../operation.ts';
import { describeList, type ListDetails } from './list-details.ts';

const input = z.object({ list: listInput });

export const showList: Operation<z.infer<typeof input>, ListDetails> = {
  name: 'show-list',
  kind: 'query',
  summary: 'Shows a list: what it is for, its settings, its owners and how many members it has.',
  input,
  authorise: (context, { list }) => requireRoleOn(context, list, 'moderator'),
  run: async (context, { list }) => describeList(context, await findList(context, list)),
};
