import { z } from 'zod';
import type { List } from '../../domain/list.ts';
import type { DeliveryMode, Membership } from '../../domain/membership.ts';
import { Refusal } from '../../domain/refusal.ts';
import { loadList } from '../../store/lists.ts';
import { findMembership, updateMembership } from '../../store/memberships.ts';
import type { StoredToken } from '../../store/tokens.ts';
import { mayHearFromUs } from '../answering.ts';
import { provesAddress } from '../authorise.ts';
import { addressInput, type Preferences, preferencesInput } from '../inputs.ts';
import { formatDay, sendNotice } from '../notices.ts';
import type { Context, Operation } from '../operation.ts';
import { confirmValues, originInput, withinLimits } from '../requests/request-join.ts';
import { issueToken } from '../tokens.ts';
import { formerOf, undoOf } from './undo-preferences.ts';

const input = z.object({
  listId: z.number(),
  email: addressInput,
  changes: preferencesInput,
  origin: originInput,
});

/** Changes a member’s settings where the one who asks has proved the address; else the address is asked to confirm it. */
export const requestPreferences: Operation<
  z.infer<typeof input>,
  { kind: 'changed' | 'confirm-sent' | 'not-a-member' | 'not-sent' }
> = {
  name: 'request-preferences',
  kind: 'command',
  summary: 'Changes a member’s own settings, or asks them by mail to confirm it.',
  input,
  authorise: () => {},
  run: async (context, request) => {
    const { email, changes, origin } = request;
    const list = await loadList(context.tx, request.listId);
    if (!list) throw new Refusal('not-found', 'There is no such list.');
    const member = await findMembership(context.tx, list.id, email);
    if (!member) return { kind: 'not-a-member' };
    if (provesAddress(context, email)) {
      await changeAtOnce(context, list, { member, changes });
      return { kind: 'changed' };
    }
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
  const changed = await changePreferences(context, member, preferencesInput.parse(token.payload));
  await tellChanged(context, list, { member: changed, undo: '' });
  return `Your settings on ${list.title} are changed.`;
}

/** Done without a question, so with a way back; the same settings are told once an hour, whatever a program at the other end sends. */
async function changeAtOnce(
  context: Context,
  list: List,
  { member, changes }: { readonly member: Membership; readonly changes: Preferences },
): Promise<void> {
  const changed = await changePreferences(context, member, changes);
  const about = describeMember(changed);
  if (!(await mayHearFromUs(context, member.email, { text: 'preferences-changed', list, about }))) return;
  await tellChanged(context, list, {
    member: changed,
    undo: await undoOf(context, member, formerOf(member, changes)),
  });
}

async function tellChanged(
  context: Context,
  list: List,
  { member, undo }: { readonly member: Membership; readonly undo: string },
): Promise<void> {
  await sendNotice(context, {
    text: 'preferences-changed',
    to: member.email,
    list,
    values: { email: member.email, settings: describeMember(member), undo },
    returnPath: 'null',
  });
}

/** Asking for mail again ends a pause, and a suspension too: should mail still come back, it begins again. */
async function changePreferences(
  context: Context,
  member: Membership,
  changes: Preferences,
): Promise<Membership> {
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
  return (await findMembership(context.tx, member.listId, member.email)) ?? member;
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
