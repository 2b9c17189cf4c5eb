import { z } from 'zod';
import type { IncomingMail, RecipientResult } from '../domain/incoming.ts';
import type { List } from '../domain/list.ts';
import { Refusal } from '../domain/refusal.ts';
import { storeBody } from '../store/bodies.ts';
import { loadList } from '../store/lists.ts';
import { findMembership } from '../store/memberships.ts';
import { findEarlierCopy } from '../store/posts.ts';
import { countMembers } from '../store/roster.ts';
import type { StoredToken } from '../store/tokens.ts';
import { answer, authorToAnswer } from './answering.ts';
import { judgeAgain } from './judge-again.ts';
import type { Context } from './operation.ts';
import { holdMail, sendToList } from './post.ts';
import { receivedValue } from './received.ts';
import { requestJoin } from './request-join.ts';
import { requestLeave } from './request-leave.ts';
import { issueToken } from './tokens.ts';

const payload = z.object({ bodyId: z.number(), trace: z.string() });

/**
 * "unsubscribe", sent to the list: does what its author meant instead of mailing it to everybody, says so, and offers to post it
 * after all (email.md §2.5). Nothing reaches members or moderators.
 */
export async function interceptCommand(
  context: Context,
  mail: IncomingMail,
  list: List,
  intent: 'join' | 'leave',
): Promise<RecipientResult> {
  const author = authorToAnswer(context, mail);
  if (!author)
    return { kind: 'dropped', note: `read as a request to ${intent} of somebody who cannot be answered` };
  const isMember = (await findMembership(context.tx, list.id, author)) !== undefined;
  const origin = { messageId: mail.facts.messageId, ...(mail.peer.trusted ? {} : { ip: mail.peer.ip }) };
  const done =
    intent === 'leave'
      ? await context.perform(requestLeave, context.actor, { listId: list.id, email: author, origin })
      : await context.perform(requestJoin, context.actor, {
          listId: list.id,
          email: author,
          name: mail.facts.author?.name ?? '',
          origin,
        });
  if (isMember) await explain(context, mail, { list, intent, asked: done.kind === 'confirm-sent' });
  return { kind: 'done', note: `read as a request to ${intent}, not posted` };
}

/** Only a member could have posted it, so only a member is offered to. */
async function explain(
  context: Context,
  mail: IncomingMail,
  what: { list: List; intent: 'join' | 'leave'; asked: boolean },
): Promise<void> {
  const { list, intent, asked } = what;
  const { tx, now } = context;
  const author = mail.facts.author?.email;
  if (!author) return;
  const bodyId = await storeBody(tx, { sha256: mail.facts.sha256, raw: mail.raw, now });
  const { token } = await issueToken(context, {
    kind: 'post-anyway',
    listId: list.id,
    email: author,
    payload: { bodyId, trace: receivedValue(context, mail, `${list.name}@${list.domain}`) },
  });
  await answer(context, mail, {
    text: 'misdirected',
    list,
    values: {
      intent,
      count: await countMembers(tx, list.id),
      done: asked ? 'Another mail asks you to confirm the request.' : '',
      link: `${context.site.baseUrl}/c/${token}`,
    },
  });
}

/** Its author pressed the button: the mail is a post after all, and is judged as one. */
export async function postAnyway(context: Context, token: StoredToken): Promise<string> {
  const { bodyId, trace } = payload.parse(token.payload);
  const list = token.listId === null ? undefined : await loadList(context.tx, token.listId);
  const judged = list && (await judgeAgain(context, { list, bodyId, trace }, 'author'));
  if (!judged) throw new Refusal('not-found', 'This mail or its list is no longer here.');
  if (list.closedAt !== null) throw new Refusal('closed', `${list.title} is closed.`);
  const { mail, decision } = judged;
  if (await findEarlierCopy(context.tx, list.id, mail.facts.messageId))
    return 'Your mail is on the list already.';
  if (decision.verdict === 'accept') {
    const { id } = await sendToList(context, mail, list);
    return `Your mail went out to ${list.title} as post ${id}.`;
  }
  if (decision.verdict === 'hold') {
    await holdMail(context, { ...mail, envelopeSender: token.email }, list, decision.reasons);
    return `Your mail to ${list.title} waits for a moderator.`;
  }
  return `Your mail was not posted: ${decision.reasons.map((reason) => reason.why).join('; ')}.`;
}
