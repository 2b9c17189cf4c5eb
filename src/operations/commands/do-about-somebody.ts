import type { Actor } from '../../domain/actor.ts';
import type { Address } from '../../domain/address.ts';
import { type List, listAddress } from '../../domain/list.ts';
import type { SenderAction } from '../../domain/sender-rule.ts';
import { addMembers } from '../members/add-members.ts';
import type { Sorted } from '../members/enrol-members.ts';
import { inviteMembers } from '../members/invite-members.ts';
import { removeMembers } from '../members/remove-members.ts';
import { setMember } from '../members/set-member.ts';
import type { Context } from '../operation.ts';
import { forgetSenderRule } from '../rules/forget-sender-rule.ts';
import { setSenderRule } from '../rules/set-sender-rule.ts';
import type { OfficerCommand } from './officer-command.ts';

/** What came of a command of an owner or moderator: a sentence, and the command that undoes it. */
export interface Done {
  readonly sentence: string;
  readonly undo?: string;
}

export interface Act {
  readonly verb: Extract<OfficerCommand, { email: Address }>['kind'];
  readonly email: Address;
  readonly as: Actor;
}

/** What an owner or moderator wants done with one person. Refuses as the operation behind it does. */
export function doAbout(context: Context, list: List, act: Act): Promise<Done> {
  switch (act.verb) {
    case 'invite':
      return invite(context, list, act);
    case 'add':
      return add(context, list, act);
    case 'remove':
      return remove(context, list, act);
    case 'moderate':
    case 'unmoderate':
      return moderate(context, list, act);
    case 'ban':
    case 'allow':
      return decideFor(context, list, act);
    case 'forget':
      return forget(context, list, act);
  }
}

async function invite(context: Context, list: List, { email, as }: Act): Promise<Done> {
  const members = [{ email, name: '' }];
  const asked = { list: listAddress(list), how: 'invite', members };
  const done = await context.perform(inviteMembers, as, asked);
  if (done.askedBefore.length > 0) return { sentence: `${email} was asked not long ago; nobody is pressed.` };
  return { sentence: whyNot(email, done) ?? `${email} got an invitation.` };
}

/** They did not ask for it, so they hear of it, and how to leave. */
async function add(context: Context, list: List, { email, as }: Act): Promise<Done> {
  const added = { list: listAddress(list), members: [{ email, name: '' }], welcome: true };
  const why = whyNot(email, await context.perform(addMembers, as, added));
  return why === undefined
    ? { sentence: `${email} is on the list now, and was told so.`, undo: `remove ${email}` }
    : { sentence: why };
}

async function remove(context: Context, list: List, { email, as }: Act): Promise<Done> {
  const { removed } = await context.perform(removeMembers, as, { list: listAddress(list), emails: [email] });
  return removed.length > 0
    ? { sentence: `${email} is off the list, and was not told.`, undo: `add ${email}` }
    : { sentence: `${email} is not on the list.` };
}

async function moderate(context: Context, list: List, { verb, email, as }: Act): Promise<Done> {
  const holds = verb === 'moderate';
  const changes = { posting: holds ? 'hold' : 'default' };
  await context.perform(setMember, as, { list: listAddress(list), email, changes });
  return {
    sentence: holds
      ? `Posts of ${email} wait for a moderator from now on.`
      : `Posts of ${email} go out as the settings of the list say.`,
    undo: `${holds ? 'unmoderate' : 'moderate'} ${email}`,
  };
}

async function decideFor(context: Context, list: List, { verb, email, as }: Act): Promise<Done> {
  const bans = verb === 'ban';
  const rule = { list: listAddress(list), pattern: email, action: bans ? 'discard' : 'allow' };
  const { formerly } = await context.perform(setSenderRule, as, rule);
  return {
    sentence: bans
      ? `What ${email} writes to the list is dropped without a word.`
      : `Posts of ${email} no longer wait, whether a member or not.`,
    undo: undoOfRule(formerly, email),
  };
}

async function forget(context: Context, list: List, { email, as }: Act): Promise<Done> {
  const { formerly } = await context.perform(forgetSenderRule, as, {
    list: listAddress(list),
    pattern: email,
  });
  const undo = formerly === 'discard' || formerly === 'allow' ? { undo: undoOfRule(formerly, email) } : {};
  return { sentence: `Nothing is decided about ${email} any more.`, ...undo };
}

function undoOfRule(formerly: SenderAction | null, email: Address): string {
  if (formerly === 'discard') return `ban ${email}`;
  return `${formerly === 'allow' ? 'allow' : 'forget'} ${email}`;
}

function whyNot(
  email: Address,
  { already, suppressed, own }: Pick<Sorted, 'already' | 'suppressed' | 'own'>,
): string | undefined {
  const [refusal] = suppressed;
  if (already.length > 0) return `${email} is on the list already.`;
  if (refusal)
    return `${email} gets no mail from here any more (${refusal.reason}), and has to join without you.`;
  return own.length > 0 ? `${email} is an address of this list server.` : undefined;
}
