import { z } from 'zod';
import type { Address } from '../../domain/address.ts';
import type { List } from '../../domain/list.ts';
import type { Membership } from '../../domain/membership.ts';
import { Refusal } from '../../domain/refusal.ts';
import { type SignedLength, verifyToken } from '../../mail/signed-token.ts';
import { loadList } from '../../store/lists.ts';
import { findMembershipById, leaveMember, updateMembership } from '../../store/memberships.ts';
import { mayHearFromUs } from '../answering.ts';
import { sendNotice } from '../notices.ts';
import type { Context, Operation } from '../operation.ts';
import { issueToken } from '../tokens.ts';
import { isLastOwner } from './keep-an-owner.ts';
import { undoOf } from './undo-preferences.ts';

/** `left` carries the list so that a page can name it; `not-a-member` is said only to somebody who proved the address. */
export type Leaving =
  | { readonly kind: 'left'; readonly list: List; readonly email: Address }
  /** The last owner gets no more posts but stays, because somebody has to answer for the list. */
  | { readonly kind: 'stays'; readonly list: List; readonly email: Address }
  | { readonly kind: 'not-a-member' };

const byToken = z.object({
  token: z.string().max(100),
  how: z.enum(['one-click', 'page', 'mail', 'complaint']),
});
type LeaveByToken = z.infer<typeof byToken>;

/**
 * Takes one membership away by the signed token in every copy we send: from the link (23 characters) or from the address
 * `birds-leave+TOKEN@` (15). No confirmation, no sign-in, no expiry; a second time changes nothing (RFC 8058 §3.2).
 */
export const leaveByToken: Operation<LeaveByToken, Leaving> = {
  name: 'leave-by-token',
  kind: 'command',
  summary: 'Ends the membership that a copy’s own leave link names.',
  input: byToken,
  authorise: () => {},
  run: async (context, { token, how }) => {
    const member = await memberOfToken(context, token, how === 'mail' ? 15 : 23);
    if (!member) throw new Refusal('not-found', 'This link is not one of ours, or was cut off on its way.');
    return member.left ? { kind: 'not-a-member' } : exitList(context, member.membership, how);
  },
  audit: (request, outcome) =>
    outcome.kind === 'not-a-member'
      ? undefined
      : { listId: outcome.list.id, email: outcome.email, how: request.how, outcome: outcome.kind },
};

/** Whose membership a leave link names, for the page with the button; changes nothing. */
export const peekLeaveToken: Operation<
  { token: string },
  { list: List; email: Address; left: boolean } | undefined
> = {
  name: 'peek-leave-token',
  kind: 'query',
  summary: 'Tells which membership a leave link would end.',
  input: z.object({ token: z.string().max(100) }),
  authorise: () => {},
  run: async (context, { token }) => {
    const member = await memberOfToken(context, token, 23);
    const list = member && (await loadList(context.tx, member.membership.listId));
    return list && member ? { list, email: member.membership.email, left: member.left } : undefined;
  },
};

/**
 * Ends a membership, calls its waiting mail back and, where the list wants it, sends one note with a way back for a week. The last
 * owner only gets no more posts: the way out of the mail is open to everybody, but nobody leaves a list to nobody.
 */
export async function exitList(context: Context, membership: Membership, how: string): Promise<Leaving> {
  const list = await loadList(context.tx, membership.listId);
  if (!list) return { kind: 'not-a-member' };
  if (await isLastOwner(context, membership)) return stayWithoutMail(context, list, membership);
  await leaveMember(context.tx, membership.id, context.now);
  if (list.settings.send_goodbye) {
    const { token } = await issueToken(context, {
      kind: 'rejoin',
      listId: list.id,
      email: membership.email,
      payload: { membershipId: membership.id, leftAt: context.now, how },
    });
    await sendNotice(context, {
      text: 'goodbye',
      to: membership.email,
      list,
      values: { email: membership.email, link: `${context.site.baseUrl}/c/${token}` },
      returnPath: 'null',
    });
  }
  return { kind: 'left', list, email: membership.email };
}

async function stayWithoutMail(context: Context, list: List, owner: Membership): Promise<Leaving> {
  const { email, mode } = owner;
  await updateMembership(context.tx, owner.id, { mode: 'none' });
  if (await mayHearFromUs(context, email, { text: 'last-owner', list })) {
    await sendNotice(context, {
      text: 'last-owner',
      to: email,
      list,
      values: { email, undo: await undoOf(context, owner, mode === 'none' ? undefined : { mode }) },
      returnPath: 'null',
    });
  }
  return { kind: 'stays', list, email };
}

async function memberOfToken(context: Context, token: string, length: SignedLength) {
  const id = verifyToken(context.keys, 'leave', token, length);
  return id === undefined ? undefined : findMembershipById(context.tx, id);
}
