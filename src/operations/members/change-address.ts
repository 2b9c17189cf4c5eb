import { z } from 'zod';
import type { Address } from '../../domain/address.ts';
import type { List } from '../../domain/list.ts';
import type { Membership } from '../../domain/membership.ts';
import { Refusal } from '../../domain/refusal.ts';
import { loadList } from '../../store/lists.ts';
import { listOfficers, membershipsOf } from '../../store/memberships.ts';
import { moveAddress } from '../../store/move-address.ts';
import { isTokenDone, type StoredToken } from '../../store/tokens.ts';
import { addressInput } from '../inputs.ts';
import { sendNotice } from '../notices.ts';
import type { Context, Operation } from '../operation.ts';
import { operatorsOf } from '../operators.ts';
import { ownAmong } from '../own-address.ts';
import { confirmValues, originInput, withinLimits } from '../requests/request-join.ts';
import { issueToken } from '../tokens.ts';

const input = z.object({ email: addressInput, newEmail: addressInput, origin: originInput });
const payload = z.object({ from: addressInput, to: addressInput, pair: z.string() });

/** Asks both addresses whether every subscription shall move: either alone could be somebody else's. */
export const requestAddressChange: Operation<
  z.infer<typeof input>,
  { kind: 'confirm-sent' | 'not-a-member' | 'not-sent' }
> = {
  name: 'request-address-change',
  kind: 'command',
  summary: 'Asks an old and a new address by mail whether all subscriptions shall move.',
  input,
  authorise: () => {},
  run: async (context, { email, newEmail, origin }) => {
    if (newEmail === email) throw new Refusal('invalid', `${newEmail} is your address already.`);
    if ((await ownAmong(context, [newEmail])).size > 0) {
      throw new Refusal('invalid', `${newEmail} is an address of this list server; it cannot be on a list.`);
    }
    const [home] = await membershipsOf(context.tx, email);
    const list = home && (await loadList(context.tx, home.listId));
    if (!list) return { kind: 'not-a-member' };
    const everywhere = { id: 0 };
    for (const each of [email, newEmail]) {
      const asked = {
        email: each,
        purpose: 'settings' as const,
        origin: each === email ? origin : { ...origin, by: email },
      };
      if (!(await withinLimits(context, everywhere, asked))) return { kind: 'not-sent' };
    }
    const pair = Buffer.from(context.randomBytes(8)).toString('hex');
    await ask(context, email, list, { from: email, to: newEmail, pair });
    await ask(context, newEmail, list, { from: email, to: newEmail, pair });
    return { kind: 'confirm-sent' };
  },
  audit: (request, outcome) => ({ email: request.email, newEmail: request.newEmail, outcome: outcome.kind }),
};

/** One of the two agreed; with the second everything moves. */
export async function confirmAddressChange(context: Context, token: StoredToken): Promise<string> {
  const { from, to } = payload.parse(token.payload);
  const moving = await membershipsOf(context.tx, from);
  // Moved already, or left: there is nothing that the other one could get.
  if (from === to || moving.length === 0) return `${from} has no subscription that could move.`;
  const other = token.email === from ? to : from;
  if (!(await isTokenDone(context.tx, { kind: 'address', email: other, payload: token.payload }))) {
    return `Thank you. Now ${other} has to agree, too: it got a mail of its own.`;
  }
  await moveAddress(context.tx, { from, to, now: context.now });
  // Whoever had somebody's mailbox for an hour agrees in the name of both: the old address hears of it, too.
  for (const address of [to, from])
    await sendNotice(context, {
      text: 'address-moved',
      to: address,
      values: { email: from, newEmail: to },
      returnPath: 'null',
    });
  for (const member of moving) if (member.role !== 'member') await tellOfOfficer(context, member, to);
  return `Every subscription of ${from} has moved to ${to}.`;
}

/** The list's other owners – where there are none, the operators – learn who looks after it now. */
async function tellOfOfficer(
  context: Context,
  { listId, email, role }: Membership,
  newEmail: Address,
): Promise<void> {
  const list = await loadList(context.tx, listId);
  if (!list) return;
  const owners = (await listOfficers(context.tx, listId)).filter(
    (officer) => officer.role === 'owner' && officer.email !== newEmail,
  );
  const told = owners.length > 0 ? owners.map((owner) => owner.email) : operatorsOf(context.site);
  for (const to of told)
    await sendNotice(context, {
      text: 'officer-moved',
      to,
      list,
      values: { email, newEmail, role },
      returnPath: 'null',
      patient: true,
    });
}

/** The mail comes from one of the person's lists, so that a reply has a -confirm address to go to. */
async function ask(
  context: Context,
  email: Address,
  list: List,
  change: { from: Address; to: Address; pair: string },
): Promise<void> {
  const { token, expiresAt } = await issueToken(context, {
    kind: 'address',
    listId: null,
    email,
    payload: change,
  });
  await sendNotice(context, {
    text: 'confirm-address',
    to: email,
    list,
    values: {
      ...confirmValues(context, { email: change.from, token, expiresAt, origin: {} }),
      newEmail: change.to,
      to: email,
    },
    replyTo: { suffix: 'confirm', token },
    returnPath: 'verp',
  });
}
