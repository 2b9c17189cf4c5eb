import { z } from 'zod';
import type { Address } from '../../domain/address.ts';
import { type List, listAddress } from '../../domain/list.ts';
import { Refusal } from '../../domain/refusal.ts';
import { loadList } from '../../store/lists.ts';
import { findMembership, membershipsOf } from '../../store/memberships.ts';
import type { StoredToken } from '../../store/tokens.ts';
import { mayHearFromUs } from '../answering.ts';
import { provesAddress } from '../authorise.ts';
import { addressInput } from '../inputs.ts';
import { exitList } from '../members/leave.ts';
import { sendNotice } from '../notices.ts';
import type { Context, Operation } from '../operation.ts';
import { issueToken } from '../tokens.ts';
import { confirmValues, originInput, withinLimits } from './request-join.ts';

const input = z.object({ listId: z.number(), email: addressInput, origin: originInput });

/** `left`: the address was proved already; `stays`: as the list's last owner, without mail. */
export type LeaveRequest = { readonly kind: 'left' | 'stays' | 'confirm-sent' | 'not-a-member' | 'not-sent' };

/** Takes a member off who has proved the address; asks the address where somebody else may have asked. */
export const requestLeave: Operation<z.infer<typeof input>, LeaveRequest> = {
  name: 'request-leave',
  kind: 'command',
  summary: 'Takes somebody off a list who has proved the address, or asks the address by mail.',
  input,
  authorise: () => {},
  run: async (context, request) => {
    const { email, origin } = request;
    const list = await loadList(context.tx, request.listId);
    if (!list) throw new Refusal('not-found', 'There is no such list.');
    const member = await findMembership(context.tx, list.id, email);
    if (!member) {
      if (await mayHearFromUs(context, email, { text: 'not-a-member', list, ip: origin.ip })) {
        await sendNotice(context, {
          text: 'not-a-member',
          to: email,
          list,
          values: { email },
          returnPath: 'null',
        });
      }
      return { kind: 'not-a-member' };
    }
    if (provesAddress(context, email))
      return { kind: (await exitList(context, member, 'verified mail')).kind };
    if (!(await withinLimits(context, list, { ...request, purpose: 'leave' }))) return { kind: 'not-sent' };
    const { token, expiresAt } = await issueToken(context, {
      kind: 'leave',
      listId: list.id,
      email,
      payload: {},
    });
    await sendNotice(context, {
      text: 'confirm-leave',
      to: email,
      list,
      values: confirmValues(context, { email, token, expiresAt, origin }),
      replyTo: { suffix: 'confirm', token },
      ...(origin.messageId ? { answering: { messageId: origin.messageId } } : {}),
      returnPath: 'verp',
    });
    return { kind: 'confirm-sent' };
  },
  audit: (request, { kind }) =>
    kind === 'not-sent' ? undefined : { listId: request.listId, email: request.email, outcome: kind },
};

/** `leave *`: one question for every list of an address. */
export const requestLeaveEverywhere: Operation<Omit<z.infer<typeof input>, 'listId'>, LeaveRequest> = {
  name: 'request-leave-everywhere',
  kind: 'command',
  summary: 'Takes an address off all of its lists, or asks it by mail whether it wants that.',
  input: input.omit({ listId: true }),
  authorise: () => {},
  run: async (context, { email, origin }) => {
    const lists = await listsOf(context, email);
    const [home] = lists;
    if (!home) return { kind: 'not-a-member' };
    if (provesAddress(context, email)) {
      await leaveEverywhere(context, email, 'verified mail');
      return { kind: 'left' };
    }
    if (lists.length === 1) {
      return context.perform(requestLeave, context.actor, { listId: home.id, email, origin });
    }
    if (!(await withinLimits(context, { id: 0 }, { email, origin, purpose: 'leave' })))
      return { kind: 'not-sent' };
    const { token, expiresAt } = await issueToken(context, {
      kind: 'leave',
      listId: home.id,
      email,
      payload: { everywhere: true },
    });
    await sendNotice(context, {
      text: 'confirm-leave-all',
      to: email,
      // From one of them, so that a reply has a -confirm address to go to.
      list: home,
      values: {
        ...confirmValues(context, { email, token, expiresAt, origin }),
        domain: home.domain,
        lists: lists.map((list) => `  ${listAddress(list)}  ${list.title}`).join('\n'),
      },
      replyTo: { suffix: 'confirm', token },
      ...(origin.messageId ? { answering: { messageId: origin.messageId } } : {}),
      returnPath: 'verp',
    });
    return { kind: 'confirm-sent' };
  },
  audit: ({ email }, { kind }) => (kind === 'not-sent' ? undefined : { email, outcome: kind }),
};

const leavePayload = z.object({ everywhere: z.boolean().default(false) });

export async function confirmLeave(context: Context, token: StoredToken): Promise<string> {
  const email = addressInput.parse(token.email);
  if (leavePayload.parse(token.payload).everywhere) return leaveEverywhere(context, email, 'confirmed');
  const member = token.listId === null ? undefined : await findMembership(context.tx, token.listId, email);
  if (!member) return `${token.email} is not on this list any more.`;
  const left = await exitList(context, member, 'confirmed');
  switch (left.kind) {
    case 'left':
      return `${left.email} has left ${left.list.title}.`;
    case 'stays':
      return `${left.email} gets no more posts from ${left.list.title}, and stays its last owner.`;
    case 'not-a-member':
      return `${token.email} is not on this list any more.`;
  }
}

async function leaveEverywhere(context: Context, email: Address, how: string): Promise<string> {
  const stays: string[] = [];
  let left = 0;
  for (const member of await membershipsOf(context.tx, email)) {
    const done = await exitList(context, member, how);
    if (done.kind === 'stays') stays.push(done.list.title);
    else left++;
  }
  const owns =
    stays.length === 0 ? '' : ` It gets no more posts from ${stays.join(', ')}, and stays the last owner.`;
  return `${email} has left ${left === 1 ? 'one list' : `${left} lists`}.${owns}`;
}

async function listsOf(context: Context, email: Address): Promise<readonly List[]> {
  const lists: List[] = [];
  for (const { listId } of await membershipsOf(context.tx, email)) {
    const list = await loadList(context.tx, listId);
    if (list) lists.push(list);
  }
  return lists;
}
