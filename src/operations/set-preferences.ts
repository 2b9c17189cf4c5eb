import { z } from 'zod';
import { type DeliveryMode, deliveryModes, type Membership } from '../domain/membership.ts';
import { Refusal } from '../domain/refusal.ts';
import { loadList } from '../store/lists.ts';
import { findMembership, updateMembership } from '../store/memberships.ts';
import type { StoredToken } from '../store/tokens.ts';
import { addressInput } from './inputs.ts';
import { formatDay, sendNotice } from './notices.ts';
import type { Context, Operation } from './operation.ts';
import { confirmValues, originInput, withinLimits } from './request-join.ts';
import { issueToken } from './tokens.ts';

/** What a member may change about their own membership. Only what is named changes. */
export const preferencesInput = z.object({
  mode: z.enum(deliveryModes).optional(),
  ownCopy: z.boolean().optional(),
  name: z.string().max(200).optional(),
  /** Epoch milliseconds: no mail until then; null ends a pause. */
  pausedUntil: z.number().nullable().optional(),
});
export type Preferences = z.infer<typeof preferencesInput>;

const input = z.object({
  listId: z.number(),
  email: addressInput,
  changes: preferencesInput,
  origin: originInput,
});

/** Asks a member to confirm a change, where the one who asked has not proved the address. */
export const requestPreferences: Operation<
  z.infer<typeof input>,
  { kind: 'confirm-sent' | 'not-a-member' | 'not-sent' }
> = {
  name: 'request-preferences',
  kind: 'command',
  summary: 'Asks a member by mail to confirm a change of their settings.',
  input,
  authorise: () => {},
  run: async (context, request) => {
    const { email, changes, origin } = request;
    const list = await loadList(context.tx, request.listId);
    if (!list) throw new Refusal('not-found', 'There is no such list.');
    if (!(await findMembership(context.tx, list.id, email))) return { kind: 'not-a-member' };
    if (!(await withinLimits(context, list, { ...request, purpose: 'settings' })))
      return { kind: 'not-sent' };
    const { token, expiresAt } = await issueToken(context, {
      kind: 'preferences',
      listId: list.id,
      email,
      payload: changes,
    });
    await sendNotice(context, {
      text: 'confirm-preferences',
      to: email,
      list,
      values: {
        ...confirmValues(context, { email, token, expiresAt, origin }),
        changes: describeChanges(changes),
      },
      replyTo: { suffix: 'confirm', token },
      ...(origin.messageId ? { answering: { messageId: origin.messageId } } : {}),
      returnPath: 'verp',
    });
    return { kind: 'confirm-sent' };
  },
  audit: (request, outcome) => ({ listId: request.listId, email: request.email, outcome: outcome.kind }),
};

/** The member confirmed: the change is made and their settings are mailed back. */
export async function applyPreferences(context: Context, token: StoredToken): Promise<string> {
  const list = token.listId === null ? undefined : await loadList(context.tx, token.listId);
  const member = list && (await findMembership(context.tx, list.id, token.email));
  if (!list || !member) return `${token.email} is not on this list any more.`;
  await changePreferences(context, member, preferencesInput.parse(token.payload));
  const changed = (await findMembership(context.tx, list.id, token.email)) ?? member;
  await sendNotice(context, {
    text: 'preferences-changed',
    to: member.email,
    list,
    values: { email: member.email, settings: describeMember(changed) },
    returnPath: 'null',
  });
  return `Your settings on ${list.title} are changed.`;
}

/** Asking for mail again ends a pause, and so does a suspension: who confirms has just shown that mail arrives. */
async function changePreferences(context: Context, member: Membership, changes: Preferences): Promise<void> {
  const { mode, ownCopy, name, pausedUntil } = changes;
  const wantsMail = mode !== undefined && mode !== 'none';
  await updateMembership(context.tx, member.id, {
    ...(mode !== undefined && { mode }),
    ...(ownCopy !== undefined && { ownCopy }),
    ...(name !== undefined && { name }),
    ...(wantsMail && { pausedAt: null, suspendedAt: null }),
    ...(pausedUntil === null && { pausedAt: null }),
    ...(typeof pausedUntil === 'number' && { pausedAt: context.now, pausedUntil }),
  });
}

const modeWords: Readonly<Record<DeliveryMode, string>> = {
  each: 'every post as it comes',
  // A digest reader gets every post until there are digests.
  'digest-mime': 'every post as it comes (digests with the posts attached, once there are digests)',
  'digest-plain': 'every post as it comes (digests as plain text, once there are digests)',
  'digest-html': 'every post as it comes (digests as a page, once there are digests)',
  summary: 'every post as it comes (one line a post, once there are digests)',
  none: 'no mail',
};

/** A member's settings as the lines of a mail. */
export function describeMember(member: Membership): string {
  const paused = member.pausedAt === null ? [] : ['Paused:      yes (“set mail” starts again)'];
  const suspended = member.suspendedAt === null ? [] : ['Suspended:   yes, because mail to you came back'];
  return [
    `You get:     ${modeWords[member.mode]}`,
    `Own posts:   ${member.ownCopy ? 'you get them too' : 'you do not get them'}`,
    `Name:        ${member.name || '(none)'}`,
    ...paused,
    ...suspended,
    ...(member.role === 'member' ? [] : [`Role:        ${member.role}`]),
  ].join('\n');
}

function describeChanges(changes: Preferences): string {
  const { mode, ownCopy, name, pausedUntil } = changes;
  return [
    ...(mode === undefined ? [] : [`  You get: ${modeWords[mode]}`]),
    ...(ownCopy === undefined
      ? []
      : [`  Own posts: ${ownCopy ? 'you get them too' : 'you do not get them'}`]),
    ...(name === undefined ? [] : [`  Name: ${name}`]),
    ...(pausedUntil === null ? ['  Mail starts again'] : []),
    ...(typeof pausedUntil === 'number' ? [`  No mail until ${formatDay(pausedUntil)}`] : []),
  ].join('\n');
}
