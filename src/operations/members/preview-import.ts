import { z } from 'zod';
import type { Address } from '../../domain/address.ts';
import { requireOperator } from '../authorise.ts';
import { findList, listInput } from '../find-list.ts';
import { entryInput } from '../inputs.ts';
import type { Operation } from '../operation.ts';
import { type Sorted, sortEntries } from './enrol-members.ts';

const input = z.object({ list: listInput, members: z.array(entryInput).min(1).max(500) });

export interface ImportPreview extends Omit<Sorted, 'fresh'> {
  readonly fresh: readonly Address[];
}

export const previewImport: Operation<z.infer<typeof input>, ImportPreview> = {
  name: 'preview-import',
  kind: 'query',
  summary: 'Tells whom an import would add to a list, and whom not.',
  input,
  authorise: requireOperator,
  run: async (context, { list: named, members }) => {
    const list = await findList(context, named);
    const { fresh, ...others } = await sortEntries(context, list, members);
    return { fresh: fresh.map(({ entry }) => entry.email), ...others };
  },
};
