import { z } from 'zod';
import { requireOperator } from '../authorise.ts';
import { findList, listInput } from '../find-list.ts';
import { consentInput, entryInput } from '../inputs.ts';
import type { Operation } from '../operation.ts';
import { type Enrolled, enrolMembers } from './enrol-members.ts';

const input = z.object({
  list: listInput,
  /** Where and when these people agreed: kept with each membership, for the day somebody asks. */
  consent: consentInput.min(1, 'say where and when these people agreed'),
  /** A piece of the file: few enough that a server beside it is not kept from its mail. */
  members: z.array(entryInput).min(1).max(500),
});

export type ImportedMembers = Enrolled & { readonly listId: number };

export const importMembers: Operation<z.infer<typeof input>, ImportedMembers> = {
  name: 'import-members',
  kind: 'command',
  summary: 'Makes members of people who agreed elsewhere, many at a time.',
  input,
  authorise: requireOperator,
  run: async (context, { list: named, consent, members }) => {
    const list = await findList(context, named);
    return {
      listId: list.id,
      ...(await enrolMembers(context, list, { entries: members, how: 'imported', wording: consent })),
    };
  },
  audit: ({ consent }, { listId, added }) => ({ listId, added: added.length, consent }),
};
