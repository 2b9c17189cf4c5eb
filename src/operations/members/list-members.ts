import { z } from 'zod';
import { pageMembers } from '../../store/roster.ts';
import { requireRoleOn } from '../authorise.ts';
import { findList, listInput } from '../find-list.ts';
import type { Operation } from '../operation.ts';
import { describeMember, type MemberDetails } from './member-details.ts';

const input = z.object({
  list: listInput,
  /** What the page before said is next. */
  after: z.int().min(0).default(0),
  limit: z.int().min(1).max(1000).default(100),
});

export interface MemberPage {
  readonly members: readonly MemberDetails[];
  /** For the next page; absent on the last one. */
  readonly next?: number;
}

/** A page at a time: lists grow beyond what one answer should hold. */
export const listMembers: Operation<z.infer<typeof input>, MemberPage> = {
  name: 'list-members',
  kind: 'query',
  summary: 'Names the members of a list.',
  input,
  authorise: (context, { list }) => requireRoleOn(context, list, 'moderator'),
  run: async (context, { list: named, after, limit }) => {
    const list = await findList(context, named);
    const members = await pageMembers(context.tx, list.id, { after, limit });
    const last = members.length === limit ? members.at(-1) : undefined;
    return { members: members.map(describeMember), ...(last && { next: last.id }) };
  },
};
