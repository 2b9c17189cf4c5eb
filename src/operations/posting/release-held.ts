import { provedByToken } from '../../domain/checks.ts';
import { Refusal } from '../../domain/refusal.ts';
import { rejudgeHeld } from '../../store/held.ts';
import { loadList } from '../../store/lists.ts';
import type { StoredToken } from '../../store/tokens.ts';
import { closeHeld } from '../moderation/close-held.ts';
import { byRules } from '../moderation/describe-held.ts';
import type { Context } from '../operation.ts';
import { mayAskAgain } from './ask-author.ts';
import { fateOf, heldBehind } from './held-question.ts';
import { judgeAgain } from './judge-again.ts';
import { sendToList } from './send-to-list.ts';
import { withdraw } from './withdraw-held.ts';

/**
 * The member at whose address we asked says that a held post is theirs. That proves this one mail and nothing of the next, and answers no
 * other question about it: what else it was held for, a moderator still reads.
 */
export async function releaseHeld(context: Context, token: StoredToken): Promise<string> {
  if (token.listId !== null) await mayAskAgain(context, token.email, { id: token.listId });
  const held = await heldBehind(context, token);
  if (held?.decidedAt !== null) return `Too late to say. ${fateOf(held)}`;
  const list = await loadList(context.tx, held.listId);
  if (!list || list.closedAt !== null) throw new Refusal('closed', 'This list takes no posts any more.');
  const checks = provedByToken(held.checks);
  const judged = await judgeAgain(context, { ...held, checks, list }, 'author');
  if (!judged) throw new Refusal('not-found', 'This mail is no longer kept.');
  const { verdict, reasons } = judged.decision;
  if (verdict === 'hold') {
    await rejudgeHeld(context.tx, held.id, { checks, reasons });
    return `Thank you. Your mail to ${list.title} still waits for a moderator: ${explain(reasons)}.`;
  }
  if (verdict !== 'accept') {
    await closeHeld(context, { held, list }, { kind: 'rejected', by: byRules });
    return `Your mail was not posted: ${explain(reasons)}.`;
  }
  const { id, number } = await sendToList(context, judged.mail, list);
  await closeHeld(context, { held, list }, { kind: 'released', by: token.email, postId: id });
  return `Your mail went out to ${list.title} as post ${number}.`;
}

/** The member says that somebody else wrote it: nobody will get it. */
export async function disownHeld(context: Context, token: StoredToken): Promise<string> {
  const held = await heldBehind(context, token);
  if (held?.decidedAt !== null) return `Too late to say. ${fateOf(held)}`;
  await withdraw(context, held, token.email);
  return 'It was taken out; nobody will get it. Thank you for telling us.';
}

function explain(reasons: readonly { readonly why: string }[]): string {
  return reasons.map(({ why }) => why).join('; ');
}
