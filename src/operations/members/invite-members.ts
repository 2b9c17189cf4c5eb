import { z } from 'zod';
import type { Address } from '../../domain/address.ts';
import { type List, listAddress } from '../../domain/list.ts';
import { Refusal } from '../../domain/refusal.ts';
import { takeQuota } from '../../store/quotas.ts';
import { requireRoleOn } from '../authorise.ts';
import { limitOfficers } from '../commands/limit-officers.ts';
import { findList, listInput } from '../find-list.ts';
import { entryInput } from '../inputs.ts';
import { formatDay, sendNotice } from '../notices.ts';
import type { Context, Operation } from '../operation.ts';
import { confirmValues, withinLimits } from '../requests/request-join.ts';
import { issueToken } from '../tokens.ts';
import { type Entry, type Sorted, sortEntries } from './enrol-members.ts';

const day = 86_400_000;

const input = z.object({
  list: listInput,
  /**
   * `invite`: the owners invite; a yes makes a member even where owners decide on each request, and whoever does not answer is not
   * invited again for half a year. `confirm`: people asked elsewhere, on paper say, and only confirm it.
   */
  how: z.enum(['invite', 'confirm']),
  members: z.array(entryInput).min(1).max(50),
});

export interface InvitedMembers extends Omit<Sorted, 'fresh'> {
  readonly listId: number;
  readonly asked: readonly Address[];
  /** Asked not long ago: nobody is pressed (email.md §2.6, §3.5). */
  readonly askedBefore: readonly Address[];
}

export const inviteMembers: Operation<z.infer<typeof input>, InvitedMembers> = {
  name: 'invite-members',
  kind: 'command',
  summary: 'Asks people by mail whether they want to join a list.',
  input,
  authorise: (context, { list, how }) =>
    requireRoleOn(context, list, how === 'invite' ? 'moderator' : 'owner'),
  run: async (context, { list: named, how, members }) => {
    const list = await findList(context, named);
    if (list.closedAt !== null) throw new Refusal('closed', `${listAddress(list)} is closed.`);
    await limitOfficers(context, list, members.length);
    const { fresh, ...others } = await sortEntries(context, list, members);
    const asked: Address[] = [];
    const askedBefore: Address[] = [];
    for (const { entry } of fresh) {
      const free = await mayBeAsked(context, list, { how, email: entry.email });
      (free ? asked : askedBefore).push(entry.email);
      if (free) await (how === 'invite' ? invite : askToConfirm)(context, list, entry);
    }
    return { listId: list.id, asked, askedBefore, ...others };
  },
  audit: ({ how }, { listId, asked }) => ({ listId, how, asked: asked.length }),
};

async function mayBeAsked(
  context: Context,
  list: List,
  { how, email }: { readonly how: 'invite' | 'confirm'; readonly email: Address },
): Promise<boolean> {
  const { tx, now, actor } = context;
  // Whoever runs the site answers for it; an owner could be anybody, with any number of lists.
  const asked = { email, origin: {}, purpose: 'join' } as const;
  if (actor.kind === 'verified' && !(await withinLimits(context, list, asked))) return false;
  return how === 'invite'
    ? takeQuota(tx, `invite:${list.id}:${email}`, { rate: { count: 1, ms: 180 * day }, now })
    : takeQuota(tx, `confirm-list:${list.id}:${email}`, { rate: { count: 3, ms: day }, now });
}

async function invite(context: Context, list: List, entry: Entry): Promise<void> {
  const { token, expiresAt } = await issue(context, list, { kind: 'invite', entry });
  await sendNotice(context, {
    text: 'invite',
    to: entry.email,
    list,
    values: { email: entry.email, link: `${context.site.baseUrl}/c/${token}`, expires: formatDay(expiresAt) },
    replyTo: { suffix: 'confirm', token },
    returnPath: 'verp',
    priority: 'bulk',
  });
}

async function askToConfirm(context: Context, list: List, entry: Entry): Promise<void> {
  const { token, expiresAt } = await issue(context, list, { kind: 'join', entry });
  await sendNotice(context, {
    text: 'confirm-join',
    to: entry.email,
    list,
    values: confirmValues(context, { email: entry.email, token, expiresAt, origin: {} }),
    replyTo: { suffix: 'confirm', token },
    returnPath: 'verp',
    priority: 'bulk',
  });
}

function issue(context: Context, list: List, { kind, entry }: { kind: 'invite' | 'join'; entry: Entry }) {
  const { email, name, mode } = entry;
  return issueToken(context, {
    kind,
    listId: list.id,
    email,
    payload: { name, ...(mode && { mode }), trusted: true },
  });
}
