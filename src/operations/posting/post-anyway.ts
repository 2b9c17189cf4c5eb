import { z } from 'zod';
import { type Checks, provedByToken } from '../../domain/checks.ts';
import { Refusal } from '../../domain/refusal.ts';
import { loadList } from '../../store/lists.ts';
import type { StoredToken } from '../../store/tokens.ts';
import type { Context } from '../operation.ts';
import { copiesOf } from './copies.ts';
import { holdMail } from './hold-mail.ts';
import { judgeAgain } from './judge-again.ts';
import { sendToList } from './send-to-list.ts';

const payload = z.object({ bodyId: z.number(), trace: z.string(), checks: z.custom<Checks>() });

/** Its author pressed the button: the mail is a post after all, and is judged as one. */
export async function postAnyway(context: Context, token: StoredToken): Promise<string> {
  const { bodyId, trace, checks: found } = payload.parse(token.payload);
  const checks = provedByToken(found);
  const list = token.listId === null ? undefined : await loadList(context.tx, token.listId);
  const judged = list && (await judgeAgain(context, { list, bodyId, trace, checks }, 'author'));
  if (!judged) throw new Refusal('not-found', 'This mail or its list is no longer here.');
  if (list.closedAt !== null) throw new Refusal('closed', `${list.title} is closed.`);
  const { mail, decision } = judged;
  if ((await copiesOf(context, list, { mail: mail.facts, checks })).length > 0)
    return 'Your mail is on the list already.';
  if (decision.verdict === 'accept') {
    const { number } = await sendToList(context, mail, list);
    return `Your mail went out to ${list.title} as post ${number}.`;
  }
  if (decision.verdict === 'hold') {
    await holdMail(context, { ...mail, envelopeSender: token.email, checks }, list, decision.reasons);
    return `Your mail to ${list.title} waits for a moderator.`;
  }
  return `Your mail was not posted: ${decision.reasons.map((reason) => reason.why).join('; ')}.`;
}
