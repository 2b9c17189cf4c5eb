import type { Address } from '../../domain/address.ts';
import { type List, listAddress } from '../../domain/list.ts';
import type { DeliveryMode } from '../../domain/membership.ts';
import { joinMember, listOfficers } from '../../store/memberships.ts';
import { formatDay, sendNotice } from '../notices.ts';
import type { Context } from '../operation.ts';
import { operatorsOf } from '../operators.ts';
import { issueToken } from '../tokens.ts';

export interface Entrant {
  readonly email: Address;
  readonly name: string;
  readonly mode: DeliveryMode;
  /** How the person agreed, for the record of consent. */
  readonly consent: { readonly how: string; readonly wording: string; readonly ip?: string };
}

/** `trusted`: somebody who looks after the list wanted them, so nobody needs to read their first posts. */
interface Entering extends Entrant {
  readonly trusted: boolean;
}

/** Makes somebody a member who has proved the address and wants it, and welcomes them. A former member's settings come back. */
export async function enterList(context: Context, list: List, entrant: Entering): Promise<void> {
  await joinMember(context.tx, {
    listId: list.id,
    email: entrant.email,
    name: entrant.name,
    mode: entrant.mode,
    role: 'member',
    ownCopy: list.settings.own_copy,
    trusted: entrant.trusted,
    now: context.now,
    confirmed: true,
    consent: entrant.consent,
  });
  await welcome(context, list, entrant.email);
}

/** The note that newcomers get: how to post, how to leave. */
export async function welcome(context: Context, list: List, email: Address): Promise<void> {
  await sendNotice(context, {
    text: 'welcome',
    to: email,
    list,
    values: { email },
    returnPath: 'verp',
    listId: true,
  });
}

/**
 * On a list that its owners open one by one: asks each of them – of a list that its last owner left, the operators – and tells the
 * one who waits (email.md §3.5: confirmed first).
 */
export async function askOfficers(context: Context, list: List, entrant: Entrant): Promise<void> {
  for (const officer of await officersOf(context, list)) {
    const { token, expiresAt } = await issueToken(context, {
      kind: 'admit',
      listId: list.id,
      email: officer.email,
      payload: entrant,
    });
    await sendNotice(context, {
      text: 'admit-member',
      to: officer.email,
      list,
      values: {
        email: entrant.email,
        name: entrant.name,
        role: officer.role,
        link: `${context.site.baseUrl}/c/${token}`,
        expires: formatDay(expiresAt),
      },
      replyTo: { suffix: 'confirm', token },
      returnPath: 'verp',
    });
  }
  await sendNotice(context, {
    text: 'join-waits',
    to: entrant.email,
    list,
    values: { email: entrant.email, address: listAddress(list) },
    returnPath: 'null',
  });
}

async function officersOf(
  context: Context,
  list: List,
): Promise<readonly { email: Address; role: string }[]> {
  const officers = await listOfficers(context.tx, list.id);
  return officers.length > 0
    ? officers
    : operatorsOf(context.site).map((email) => ({ email, role: 'operator' }));
}
