import { z } from 'zod';
import { parseAddress } from '../../domain/address.ts';
import { type List, listAddress, subAddress } from '../../domain/list.ts';
import { deliveryModes } from '../../domain/membership.ts';
import { Refusal } from '../../domain/refusal.ts';
import { loadList } from '../../store/lists.ts';
import { findMembership, restoreMember } from '../../store/memberships.ts';
import type { StoredToken } from '../../store/tokens.ts';
import { requireRole } from '../authorise.ts';
import { askOfficers, type Entrant, enterList } from '../members/enter-list.ts';
import { moderatorBehind } from '../moderation/moderators.ts';
import type { Context } from '../operation.ts';

const joinPayload = z.object({
  name: z.string().default(''),
  mode: z.enum(deliveryModes).default('each'),
  ip: z.string().optional(),
  /** An owner or the operator asked for it. */
  trusted: z.boolean().default(false),
});

const admitPayload = z.object({
  email: z.string(),
  name: z.string(),
  mode: z.enum(deliveryModes),
  consent: z.object({ how: z.string(), wording: z.string(), ip: z.string().optional() }),
});

const rejoinPayload = z.object({ membershipId: z.number(), leftAt: z.number() });

/** The address said yes: in, or before the owners. An invitation has the owners' yes already. */
export async function confirmJoin(context: Context, token: StoredToken, ip?: string): Promise<string> {
  const list = await listOf(context, token);
  const { name, mode, ip: askedFrom, trusted } = joinPayload.parse(token.payload);
  const from = ip ?? askedFrom;
  const entrant = {
    email: addressOf(token.email),
    name,
    mode,
    consent: { how: 'confirmed', wording: 'confirm-join', ...(from ? { ip: from } : {}) },
  };
  if (await findMembership(context.tx, list.id, entrant.email))
    return `${entrant.email} is on ${list.title} already.`;
  const isWanted = trusted || token.kind === 'invite';
  if (list.settings.join === 'closed' && !isWanted)
    throw new Refusal(
      'closed',
      `Only the owners of ${list.title} add members now. Write to them: ${subAddress(list, 'owner')}`,
    );
  if (list.settings.join === 'approve' && token.kind !== 'invite') {
    await askOfficers(context, list, entrant);
    return `${entrant.email} is confirmed. The owners of ${list.title} read every request; they answer by mail.`;
  }
  await enterList(context, list, { ...entrant, trusted });
  return `${entrant.email} is now on ${list.title}. To write to everybody: ${listAddress(list)}`;
}

/** One of those who were asked and still have a say answered; the first answer counts, because a member cannot be made twice. */
export async function decideAdmission(
  context: Context,
  token: StoredToken,
  answer: 'yes' | 'no',
): Promise<string> {
  const list = await listOf(context, token);
  const actor = await moderatorBehind(context, token);
  await requireRole({ ...context, actor }, list.id, 'moderator');
  const { email, ...rest } = admitPayload.parse(token.payload);
  if (answer === 'no') return `${email} was not let in.`;
  const entrant: Entrant = { email: addressOf(email), ...rest };
  if (await findMembership(context.tx, list.id, entrant.email))
    return `${email} is on ${list.title} already.`;
  await enterList(context, list, { ...entrant, trusted: true });
  return `${email} is now on ${list.title}.`;
}

/** Leaving is undone: the membership comes back as it was, unless others have ended it since; that the way back does not undo. */
export async function confirmRejoin(context: Context, token: StoredToken): Promise<string> {
  const list = await listOf(context, token);
  const { membershipId, leftAt } = rejoinPayload.parse(token.payload);
  if (await restoreMember(context.tx, membershipId, leftAt))
    return `${token.email} is back on ${list.title}.`;
  return (await findMembership(context.tx, list.id, token.email))
    ? `${token.email} is on ${list.title} already.`
    : `${token.email} was taken off ${list.title} since. To ask to join: ${subAddress(list, 'join')}`;
}

async function listOf(context: Context, token: StoredToken): Promise<List> {
  const list = token.listId === null ? undefined : await loadList(context.tx, token.listId);
  if (!list) throw new Refusal('not-found', 'This list is no longer here.');
  if (list.closedAt !== null) throw new Refusal('closed', `${listAddress(list)} is closed.`);
  return list;
}

function addressOf(email: string): Entrant['email'] {
  const address = parseAddress(email);
  if (!address) throw new Error(`a stored token names no address: ${email}`);
  return address;
}
