import type { Address } from '../../domain/address.ts';
import type { CheckedMail, RecipientResult } from '../../domain/incoming.ts';
import { type List, listAddress } from '../../domain/list.ts';
import { storeBody } from '../../store/bodies.ts';
import { findMembership } from '../../store/memberships.ts';
import { countMembers } from '../../store/roster.ts';
import { authorToAnswer, mayHearFromUs } from '../answering.ts';
import { receivedValue } from '../incoming/received.ts';
import { turnAway } from '../incoming/turn-away.ts';
import { sendNotice } from '../notices.ts';
import type { Context } from '../operation.ts';
import { type JoinRequest, requestJoin } from '../requests/request-join.ts';
import { type LeaveRequest, requestLeave } from '../requests/request-leave.ts';
import { issueToken } from '../tokens.ts';

/**
 * "unsubscribe", sent to the list: does what its author meant instead of mailing it to everybody, says so, and offers to post it
 * after all (email.md §2.5). Nothing reaches members or moderators.
 */
export async function interceptCommand(
  context: Context,
  mail: CheckedMail,
  list: List,
  intent: 'join' | 'leave',
): Promise<RecipientResult> {
  const unwelcome = turnAway(mail);
  if (unwelcome) return unwelcome;
  const author = await authorToAnswer(context, mail);
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
  if (isMember) await explain(context, mail, { list, author, intent, did: outcomes[done.kind] });
  return { kind: 'done', note: `read as a request to ${intent}, not posted` };
}

const outcomes: Readonly<Record<LeaveRequest['kind'] | JoinRequest['kind'], string>> = {
  'confirm-sent': 'Another mail asks you to confirm the request.',
  left: 'You have left the list.',
  stays: 'You get no more posts, and stay the last owner of the list.',
  'not-a-member': '',
  'already-member': '',
  closed: '',
  'not-sent': '',
};

/**
 * Only a member could have posted it, so only a member is offered to. Kept only where the offer goes out and the list would take it: in
 * the name of a member anybody can send the same word again and again, with a film attached.
 */
async function explain(
  context: Context,
  mail: CheckedMail,
  what: { list: List; author: Address; intent: 'join' | 'leave'; did: string },
): Promise<void> {
  const { list, author, intent, did } = what;
  const { tx, now } = context;
  if (mail.facts.bytes > list.settings.max_size) return;
  if (!(await mayHearFromUs(context, author, { text: 'misdirected', list }))) return;
  const bodyId = await storeBody(tx, { sha256: mail.facts.sha256, raw: mail.raw, now });
  const { token } = await issueToken(context, {
    kind: 'post-anyway',
    listId: list.id,
    email: author,
    payload: { bodyId, trace: receivedValue(context, mail, listAddress(list)), checks: mail.checks },
  });
  await sendNotice(context, {
    text: 'misdirected',
    to: author,
    list,
    values: {
      intent,
      count: await countMembers(tx, list.id),
      done: did,
      link: `${context.site.baseUrl}/c/${token}`,
    },
    answering: { messageId: mail.facts.messageId },
    returnPath: 'null',
  });
}
