import { z } from 'zod';
import { dayOf } from '../../domain/ailing.ts';
import type { Membership } from '../../domain/membership.ts';
import { insertBounces } from '../../store/bounces.ts';
import { addToDay } from '../../store/daily-stats.ts';
import { findMembershipById, leaveMember, updateMembership } from '../../store/memberships.ts';
import { suppress } from '../../store/suppressions.ts';
import { requireOperator } from '../authorise.ts';
import type { Operation } from '../operation.ts';

const input = z.object({ membershipId: z.int(), bodyId: z.int(), type: z.string() });

export interface ComplaintTaken {
  /** `stays`: who looks after a list gets no more posts of it. `not-a-member`: had left already. */
  readonly kind: 'left' | 'stays' | 'not-a-member';
  readonly listId?: number;
  readonly email?: string;
}

/**
 * Somebody told their mailbox provider that mail of a list is spam: they leave it, without a goodbye, and nobody but they themselves
 * can add them again (email.md §6.5). Owners and moderators only get no more posts: one press must not leave a list to nobody.
 */
export const takeComplaint: Operation<z.infer<typeof input>, ComplaintTaken> = {
  name: 'take-complaint',
  kind: 'command',
  summary: 'Takes somebody off a list because they reported its mail as spam.',
  input,
  authorise: requireOperator,
  run: async ({ tx, now }, { membershipId, bodyId, type }) => {
    const known = await findMembershipById(tx, membershipId);
    if (!known || known.left) return { kind: 'not-a-member' };
    const { membership } = known;
    const { listId, email } = membership;
    await insertBounces(tx, [
      {
        listId,
        deliveryId: null,
        bodyId,
        receivedAt: now,
        kind: 'complaint',
        email,
        class: null,
        status: null,
        said: `reported as ${type}`,
        points: 0,
      },
    ]);
    await addToDay(tx, { day: dayOf(now), listId, what: 'complaints' });
    if (looksAfterList(membership)) {
      await updateMembership(tx, membership.id, { mode: 'none' });
      return { kind: 'stays', listId, email };
    }
    await leaveMember(tx, membership.id, now);
    await suppress(tx, { email, listId, reason: 'complaint', now });
    return { kind: 'left', listId, email };
  },
  audit: (_, { kind, listId, email }) =>
    kind === 'not-a-member' ? undefined : { ...(listId !== undefined && { listId }), email, outcome: kind },
};

function looksAfterList({ role }: Membership): boolean {
  return role !== 'member';
}
