import { z } from 'zod';
import {
  allowedModes,
  allowedPostings,
  allowedRoles,
  parseMode,
  parsePosting,
  parseRole,
  tidyName,
} from '../../domain/member-words.ts';
import { Refusal } from '../../domain/refusal.ts';
import { type MembershipChanges, updateMembership } from '../../store/memberships.ts';
import { requireRankOver, requireRoleOn } from '../authorise.ts';
import { resumeIfSuspended } from '../bounces/resume-address.ts';
import { findList, listInput } from '../find-list.ts';
import { findMember } from '../find-member.ts';
import { addressInput } from '../inputs.ts';
import type { Operation } from '../operation.ts';
import { keepAnOwner } from './keep-an-owner.ts';
import { describeMember, type MemberDetails } from './member-details.ts';

const input = z.object({
  list: listInput,
  email: addressInput,
  /** Each as somebody types it: all of them are changed, or none. */
  changes: z.record(z.string(), z.string()).refine((changes) => Object.keys(changes).length > 0, {
    message: 'say what to change, as key=value',
  }),
});

export const setMember: Operation<z.infer<typeof input>, MemberDetails & { readonly listId: number }> = {
  name: 'set-member',
  kind: 'command',
  summary: 'Changes the name, role, mode, own copy or state of a member, and what becomes of their posts.',
  input,
  authorise: (context, { list, changes }) =>
    requireRoleOn(
      context,
      list,
      Object.keys(changes).every((key) => ofModerators.has(key)) ? 'moderator' : 'owner',
    ),
  run: async (context, { list: named, email, changes }) => {
    const list = await findList(context, named);
    const member = await findMember(context, list, email);
    await requireRankOver(context, list.id, [member]);
    const changed = readChanges(changes, context.now);
    if (changed.role !== undefined && changed.role !== 'owner') {
      await keepAnOwner(context, list, new Set([member.id]));
    }
    await updateMembership(context.tx, member.id, changed);
    // Else it would be taken off its lists in the end for what is over.
    if (changed.suspendedAt === null) await resumeIfSuspended(context, email);
    return { listId: list.id, ...describeMember(await findMember(context, list, email)) };
  },
  audit: ({ email, changes }, { listId }) => ({ ...changes, email, listId }),
};

/** What becomes of a member’s posts is decided by those who read them. */
const ofModerators: ReadonlySet<string> = new Set(['posting', 'believed']);

/** Everything that is wrong is told at once. */
function readChanges(changes: Readonly<Record<string, string>>, now: number): MembershipChanges {
  const problems: string[] = [];
  const read: MembershipChanges[] = Object.entries(changes).map(([key, text]) => {
    const change = readChange(key, text, now);
    if (typeof change !== 'string') return change;
    problems.push(change);
    return {};
  });
  if (problems.length > 0) throw new Refusal('invalid', `${problems.join('; ')}. Nothing was changed.`);
  return Object.assign({}, ...read);
}

/** The change, or a sentence what would have been one. */
function readChange(key: string, text: string, now: number): MembershipChanges | string {
  const wrong = (allowed: string) => `${key} must be ${allowed}, not "${text.slice(0, 100)}"`;
  switch (key) {
    case 'name':
      return { name: tidyName(text) };
    case 'mode': {
      const mode = parseMode(text);
      return mode ? { mode } : wrong(allowedModes);
    }
    case 'role': {
      const role = parseRole(text);
      return role ? { role } : wrong(allowedRoles);
    }
    case 'own_copy':
      return isFlag(text) ? { ownCopy: text === 'true' } : wrong('true or false');
    case 'posting': {
      const posting = parsePosting(text);
      return posting ? { posting } : wrong(allowedPostings);
    }
    case 'believed':
      return isFlag(text) ? { believedAt: text === 'true' ? now : null } : wrong('true or false');
    case 'state':
      if (text === 'active') return { pausedAt: null, suspendedAt: null };
      return text === 'paused' ? { pausedAt: now } : wrong('active or paused');
    default:
      return `a member has no "${key}"; there are name, role, mode, own_copy, posting, believed and state`;
  }
}

function isFlag(text: string): boolean {
  return text === 'true' || text === 'false';
}
