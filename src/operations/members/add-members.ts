import { z } from 'zod';
import { listAddress } from '../../domain/list.ts';
import { Refusal } from '../../domain/refusal.ts';
import { requireRoleOn } from '../authorise.ts';
import { limitOfficers } from '../commands/limit-officers.ts';
import { findList, listInput } from '../find-list.ts';
import { consentInput, entryInput } from '../inputs.ts';
import type { Operation } from '../operation.ts';
import { type Enrolled, enrolMembers } from './enrol-members.ts';
import { welcome } from './enter-list.ts';

const input = z.object({
  list: listInput,
  members: z.array(entryInput).min(1).max(500),
  /** Where and when they agreed; kept with each membership. */
  consent: consentInput.default(''),
  /** Sends each of them the note that newcomers get. */
  welcome: z.boolean().default(false),
});

export type AddedMembers = Enrolled & { readonly listId: number };

export const addMembers: Operation<z.infer<typeof input>, AddedMembers> = {
  name: 'add-members',
  kind: 'command',
  summary: 'Puts people on a list at once, without asking them.',
  input,
  authorise: (context, { list }) => requireRoleOn(context, list, 'owner'),
  run: async (context, request) => {
    const list = await findList(context, request.list);
    if (list.closedAt !== null) throw new Refusal('closed', `${listAddress(list)} is closed.`);
    await limitOfficers(context, list, request.members.length);
    const enrolled = await enrolMembers(context, list, {
      entries: request.members,
      how: `added by ${context.actor.kind === 'verified' ? context.actor.email : 'operator'}`,
      wording: request.consent,
    });
    if (request.welcome) {
      for (const email of enrolled.added) await welcome(context, list, email);
    }
    return { listId: list.id, ...enrolled };
  },
  audit: (request, { listId, added }) => ({
    listId,
    added: added.length > 20 ? `${added.length} addresses` : added.join(' '),
    consent: request.consent,
  }),
};
