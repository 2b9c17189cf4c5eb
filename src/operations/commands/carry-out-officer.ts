import type { Actor } from '../../domain/actor.ts';
import { type List, listAddress, subAddress } from '../../domain/list.ts';
import { Refusal } from '../../domain/refusal.ts';
import { findPost } from '../../store/posts.ts';
import { lockThread, unlockThread } from '../archive/lock-thread.ts';
import { setList } from '../lists/set-list.ts';
import { approveHeld, discardHeld, notTold, rejectHeld } from '../moderation/decide-held.ts';
import type { Context } from '../operation.ts';
import { quoteSubject } from '../posting/tell-sender.ts';
import { type Done, doAbout } from './do-about-somebody.ts';
import { type OfficerCommand, sayCommand } from './officer-command.ts';

/**
 * Does what an owner or moderator wants, each by the operation that the command line uses, as the one who asked: what they may not do, or
 * what cannot be done, is told and stops nothing else. The lines of a mail, in which each command is marked as a quote: an answer that
 * repeats the mail must not give them once more.
 */
export async function carryOutAll(
  context: Context,
  list: List,
  { commands, as }: { readonly commands: readonly OfficerCommand[]; readonly as: Actor },
): Promise<string> {
  const lines: string[] = [];
  for (const command of commands) {
    const { sentence, undo } = await attempt(() => carryOut(context, list, { command, as }));
    lines.push(`> ${sayCommand(command)}\n    ${sentence}`);
    if (undo) lines.push(`    To undo it, write to ${subAddress(list, 'request')}: ${undo}`);
  }
  return lines.join('\n');
}

async function attempt(act: () => Promise<Done>): Promise<Done> {
  try {
    return await act();
  } catch (refusal) {
    if (!(refusal instanceof Refusal)) throw refusal;
    return { sentence: `Not done: ${refusal.message}` };
  }
}

async function carryOut(
  context: Context,
  list: List,
  { command, as }: { readonly command: OfficerCommand; readonly as: Actor },
): Promise<Done> {
  const named = listAddress(list);
  switch (command.kind) {
    case 'hold':
      await context.perform(setList, as, { list: named, changes: { emergency: 'true' } });
      return { sentence: 'Every post waits for a moderator from now on.', undo: 'free' };
    case 'free':
      await context.perform(setList, as, { list: named, changes: { emergency: 'false' } });
      return { sentence: 'Posts go out again as the settings of the list say.', undo: 'hold' };
    case 'approve':
    case 'reject':
    case 'discard':
      return decide(context, command, as);
    case 'lock':
    case 'unlock':
      return setLock(context, list, { command, as });
    default:
      return doAbout(context, list, { verb: command.kind, email: command.email, as });
  }
}

async function setLock(
  context: Context,
  list: List,
  { command, as }: { readonly command: Extract<OfficerCommand, { post: string }>; readonly as: Actor },
): Promise<Done> {
  const { kind, post } = command;
  const which = /^\d+$/.test(post) ? { number: Number(post) } : { hash: post.toUpperCase() };
  const found = await findPost(context.tx, list.id, which);
  if (!found) throw new Refusal('not-found', `There is no post ${post}.`);
  const { subject } = await context.perform(kind === 'lock' ? lockThread : unlockThread, as, {
    id: found.id,
  });
  const about = `“${quoteSubject(subject)}”`;
  return kind === 'lock'
    ? { sentence: `Answers to ${about} wait for a moderator.`, undo: `unlock ${post}` }
    : { sentence: `Answers to ${about} go out again.`, undo: `lock ${post}` };
}

async function decide(
  context: Context,
  { kind, heldId, reason }: Extract<OfficerCommand, { heldId: number }>,
  as: Actor,
): Promise<Done> {
  switch (kind) {
    case 'approve': {
      const { number } = await context.perform(approveHeld, as, { id: heldId });
      return { sentence: `It went out as post ${number}.` };
    }
    case 'reject': {
      const { told } = await context.perform(rejectHeld, as, { id: heldId, reason });
      return { sentence: told ? 'Its author was told why.' : notTold };
    }
    case 'discard':
      await context.perform(discardHeld, as, { id: heldId });
      return { sentence: 'It was dropped without a word.' };
  }
}
