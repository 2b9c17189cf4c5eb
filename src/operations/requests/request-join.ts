import { z } from 'zod';
import { type Address, domainPart } from '../../domain/address.ts';
import { countedMailbox } from '../../domain/counted-mailbox.ts';
import { type List, listAddress } from '../../domain/list.ts';
import { deliveryModes } from '../../domain/membership.ts';
import { networkOf } from '../../domain/network.ts';
import { Refusal } from '../../domain/refusal.ts';
import { loadList } from '../../store/lists.ts';
import { findMembership, isKnownAddress } from '../../store/memberships.ts';
import { takeQuota } from '../../store/quotas.ts';
import { mayAskFrom, mayHearFromUs, mayMailStrangers, unansweredBucket } from '../answering.ts';
import { addressInput } from '../inputs.ts';
import { formatDay, sendNotice } from '../notices.ts';
import type { Context, Operation } from '../operation.ts';
import { ownAmong } from '../own-address.ts';
import { issueToken } from '../tokens.ts';

const day = 86_400_000;

/** Where a request came from: told to the person who is asked to confirm it, and counted. */
export const originInput = z.object({
  /** The client's address, where it is not that of a relay of ours. */
  ip: z.string().optional(),
  /** Message-ID of the mail that asked. */
  messageId: z.string().optional(),
  /** Canonical address of somebody else who asked for this one; such requests weigh three times. */
  by: z.string().optional(),
});
export type Origin = z.infer<typeof originInput>;

const input = z.object({
  listId: z.number(),
  email: addressInput,
  name: z.string().max(200).default(''),
  mode: z.enum(deliveryModes).default('each'),
  origin: originInput,
});

/** What happened inside; doors that strangers see must answer all of them alike, or they would tell who is a member. */
export type JoinRequest = { readonly kind: 'confirm-sent' | 'already-member' | 'closed' | 'not-sent' };

/** Asks an address whether it wants to join: nobody becomes a member without their own yes (confirmed opt-in). */
export const requestJoin: Operation<z.infer<typeof input>, JoinRequest> = {
  name: 'request-join',
  kind: 'command',
  summary: 'Asks an address by mail whether it wants to join a list.',
  input,
  authorise: () => {},
  run: async (context, request) => {
    const list = await loadList(context.tx, request.listId);
    if (!list) throw new Refusal('not-found', 'There is no such list.');
    if (list.closedAt !== null) throw new Refusal('closed', `${listAddress(list)} is closed.`);
    if ((await ownAmong(context, [request.email])).size > 0) {
      throw new Refusal(
        'invalid',
        `${request.email} is an address of this list server; it cannot join a list.`,
      );
    }
    const member = await findMembership(context.tx, list.id, request.email);
    if (member) return tell(context, request, { text: 'already-member', list, kind: 'already-member' });
    if (list.settings.join === 'closed')
      return tell(context, request, { text: 'join-closed', list, kind: 'closed' });
    if (!(await withinLimits(context, list, { ...request, purpose: 'join' }))) return { kind: 'not-sent' };
    await askToConfirm(context, list, request);
    return { kind: 'confirm-sent' };
  },
  // What was over a limit leaves no row: the trail must not grow with an attack.
  audit: (request, { kind }) =>
    kind === 'not-sent' ? undefined : { listId: request.listId, email: request.email, outcome: kind },
};

async function askToConfirm(context: Context, list: List, request: z.infer<typeof input>): Promise<void> {
  const { email, name, mode, origin } = request;
  const { token, expiresAt } = await issueToken(context, {
    kind: 'join',
    listId: list.id,
    email,
    payload: { name, mode, ...(origin.ip ? { ip: origin.ip } : {}) },
  });
  await sendNotice(context, {
    text: 'confirm-join',
    to: email,
    list,
    values: confirmValues(context, { email, token, expiresAt, origin }),
    replyTo: { suffix: 'confirm', token },
    ...(origin.messageId && !origin.by ? { answering: { messageId: origin.messageId } } : {}),
    returnPath: 'verp',
  });
}

/** What every request to confirm says about itself. */
export function confirmValues(
  context: Context,
  request: { email: string; token: string; expiresAt: number; origin: Origin },
): Record<string, string> {
  return {
    email: request.email,
    link: `${context.site.baseUrl}/c/${request.token}`,
    origin: describeOrigin(request.origin),
    date: formatDay(context.now),
    expires: formatDay(request.expiresAt),
  };
}

function describeOrigin({ ip, by }: Origin): string {
  if (by) return `by a mail in the name of ${by}`;
  return ip ? `from ${networkOf(ip)}` : 'by mail';
}

/**
 * The limits that keep confirmations from being a weapon (email.md §2.6). Over one of them the request is dropped in silence: the
 * address that would get the mail did nothing wrong, and who sent the request must not learn where the limit is.
 */
export async function withinLimits(
  context: Context,
  list: { readonly id: number },
  request: {
    readonly email: Address;
    readonly origin: Origin;
    readonly purpose: 'join' | 'leave' | 'settings';
  },
): Promise<boolean> {
  const { tx, now, site } = context;
  const { email, origin, purpose } = request;
  const weight = origin.by ? 3 : 1;
  const take = (bucket: string, rate: { count: number; ms: number }) =>
    takeQuota(tx, bucket, { rate, now, weight });
  const { confirmationsPerAddress } = site.limits;
  if (!(await mayAskFrom(context, origin.ip, { what: 'join', weight }))) return false;
  if (!confirmationsPerAddress) return true;
  // Each purpose has its own three a day, and leaving nothing but these: whatever else somebody tried, the way out stays open.
  const perList = purpose === 'join' ? 'confirm-list' : `confirm-${purpose}`;
  const mailbox = countedMailbox(email);
  if (!(await take(`${perList}:${list.id}:${mailbox}`, { count: 3, ms: day }))) return false;
  if (purpose === 'leave') return true;
  if (!(await take(`confirm:${mailbox}`, confirmationsPerAddress))) return false;
  if (!(await take(unansweredBucket(email), { count: 20, ms: 30 * day }))) return false;
  if (!(await take(`confirm-domain:${domainPart(email)}`, { count: 50, ms: 3_600_000 }))) return false;
  return (await isKnownAddress(tx, email)) || mayMailStrangers(context);
}

async function tell(
  context: Context,
  { email, origin }: { readonly email: Address; readonly origin: Origin },
  what: { text: 'already-member' | 'join-closed'; list: List; kind: JoinRequest['kind'] },
): Promise<JoinRequest> {
  const { text, list, kind } = what;
  if (await mayHearFromUs(context, email, { text, list, ip: origin.ip })) {
    await sendNotice(context, {
      text,
      to: email,
      list,
      values: { email, state: 'subscribed' },
      returnPath: 'null',
    });
  }
  return { kind };
}
