import type { Address } from '../../domain/address.ts';
import type { List } from '../../domain/list.ts';
import { Refusal } from '../../domain/refusal.ts';
import type { MailCommand } from '../../mail/mail-command.ts';
import { findHeld } from '../../store/held.ts';
import { mayHearFromUs } from '../answering.ts';
import { provesAddress } from '../authorise.ts';
import { addressInput } from '../inputs.ts';
import { moderationToken } from '../moderation/moderate.ts';
import { moderatorBehind } from '../moderation/moderators.ts';
import { requireList } from '../require-list.ts';
import { carryOutAll } from './carry-out-officer.ts';
import { type CommandDesk, notAnswered } from './command-desk.ts';
import { officerRole, tellResults, want } from './officer-commands.ts';

type Decision = Extract<MailCommand, { kind: 'approve' | 'reject' | 'discard' }>;

/**
 * `approve 412`, or with the token of the notice about the post, which is proof enough by itself. Of posts on other people’s lists nobody
 * learns whether they are there.
 */
export async function decideByCommand(desk: CommandDesk, command: Decision): Promise<void> {
  const { kind, held, reason = '' } = command;
  if ('token' in held) return decideByToken(desk, { kind, token: held.token, reason });
  const found = await findHeld(desk.context.tx, held.id);
  if (!found || !(await officerRole(desk, found.listId))) {
    throw new Refusal('not-found', `There is no post ${held.id} that you may decide about.`);
  }
  await want(desk, await requireList(desk.context, found.listId), { kind, heldId: held.id, reason });
}

async function decideByToken(
  desk: CommandDesk,
  said: { readonly kind: Decision['kind']; readonly token: string; readonly reason: string },
): Promise<void> {
  const { context } = desk;
  const found = await moderationToken(context, said.token);
  const [heldId, ...others] = found?.heldIds ?? [];
  const token = found?.stored;
  if (!token || token.listId === null || heldId === undefined) {
    throw new Refusal('not-found', 'That is no token of a post that waits, or its time is over.');
  }
  if (others.length > 0) {
    throw new Refusal('invalid', `That mail is about several posts: write “${said.kind} NUMBER”.`);
  }
  const list = await requireList(context, token.listId);
  const commands = [{ kind: said.kind, heldId, reason: said.reason }];
  const results = await carryOutAll(context, list, { commands, as: await moderatorBehind(context, token) });
  await tellHolder(desk, list, { to: addressInput.parse(token.email), about: said.token, results });
}

/** Where the token went, for whoever has it can write any From: within the limits of every answer, unless the mail is proved. */
async function tellHolder(
  { context, mail, outcomes }: CommandDesk,
  list: List,
  { to, about, results }: { readonly to: Address; readonly about: string; readonly results: string },
): Promise<void> {
  const hears =
    provesAddress(context, to) || (await mayHearFromUs(context, to, { text: 'officer-done', list, about }));
  const told = { to, results, answering: mail.facts.messageId };
  if (!hears || !(await tellResults(context, list, told))) outcomes.push(notAnswered);
}
