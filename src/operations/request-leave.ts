import { z } from 'zod';
import type { Address } from '../domain/address.ts';
import { type List, listAddress } from '../domain/list.ts';
import { Refusal } from '../domain/refusal.ts';
import { loadList } from '../store/lists.ts';
import { findMembership, membershipsOf } from '../store/memberships.ts';
import type { StoredToken } from '../store/tokens.ts';
import { mayHearFromUs } from './answering.ts';
import { addressInput } from './inputs.ts';
import { exitList } from './leave.ts';
import { sendNotice } from './notices.ts';
import type { Context, Operation } from './operation.ts';
import { confirmValues, originInput, withinLimits } from './request-join.ts';
import { issueToken } from './tokens.ts';

const input = z.object({ listId: z.number(), email: addressInput, origin: originInput });

export type LeaveRequest = { readonly kind: 'confirm-sent' | 'not-a-member' | 'not-sent' };

/** Asks a member whether they want to leave, where the one who asked has not proved the address. */
export const requestLeave: Operation<z.infer<typeof input>, LeaveRequest> = {
  name: 'request-leave',
  kind: 'command',
  summary: 'Asks a member by mail whether they want to leave a list.',
  input,
  authorise: () => {},
  run: async (context, request) => {
    const { email, origin } = request;
    const list = await loadList(context.tx, request.listId);
    if (!list) throw new Refusal('not-found', 'There is no such list.');
    const member = await findMembership(context.tx, list.id, email);
    if (!member) {
      if (await mayHearFromUs(context, email, { text: 'not-a-member', list })) {
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
  summary: 'Asks an address by mail whether it wants to leave all of its lists.',
  input: input.omit({ listId: true }),
  authorise: () => {},
  run: async (context, { email, origin }) => {
    const lists = await listsOf(context, email);
    const [home] = lists;
    if (!home) return { kind: 'not-a-member' };
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
  if (leavePayload.parse(token.payload).everywhere) return leaveEverywhere(context, email);
  const member = token.listId === null ? undefined : await findMembership(context.tx, token.listId, email);
  if (!member) return `${token.email} is not on this list any more.`;
  const left = await exitList(context, member, 'confirmed');
  return left.kind === 'left'
    ? `${left.email} has left ${left.list.title}.`
    : `${token.email} is not on this list any more.`;
}

async function leaveEverywhere(context: Context, email: Address): Promise<string> {
  const memberships = await membershipsOf(context.tx, email);
  for (const member of memberships) await exitList(context, member, 'confirmed');
  return `${email} has left ${memberships.length === 1 ? 'one list' : `${memberships.length} lists`}.`;
}

async function listsOf(context: Context, email: Address): Promise<readonly List[]> {
  const lists: List[] = [];
  for (const { listId } of await membershipsOf(context.tx, email)) {
    const list = await loadList(context.tx, listId);
    if (list) lists.push(list);
  }
  return lists;
}
