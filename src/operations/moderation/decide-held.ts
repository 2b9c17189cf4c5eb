import { z } from 'zod';
import { listAddress } from '../../domain/list.ts';
import { Refusal } from '../../domain/refusal.ts';
import type { Context, Operation } from '../operation.ts';
import { judgeAgain } from '../posting/judge-again.ts';
import { sendToList } from '../posting/send-to-list.ts';
import { tellRejected } from '../posting/tell-sender.ts';
import { closeHeld, loadWaiting, requireModerator } from './close-held.ts';
import { editPost } from './edit-post.ts';
import { chooseReason } from './reject-reasons.ts';
import { allowSender, banSender } from './standing-decision.ts';

/** Longest text that a moderator may give a post, in characters. */
const longestText = 100_000;
const id = z.number().int().positive();

const approval = z.object({
  id,
  /** What the same author writes no longer waits. */
  allow: z.boolean().default(false),
  subject: z.string().max(500).optional(),
  text: z.string().max(longestText).optional(),
});

/** `sender`: what else was decided about the author, a sentence. */
export interface Approved {
  readonly postId: number;
  readonly number: number;
  readonly sender?: string;
}

/** A moderator's yes: the rules are asked again without what the yes answers, then it goes the way of every post. */
export const approveHeld: Operation<z.infer<typeof approval>, Approved> = {
  name: 'approve-held',
  kind: 'command',
  summary: 'Posts a held mail, with another subject or text where a moderator wants it so.',
  input: approval,
  authorise: requireModerator,
  run: async (context, { id, allow, subject, text }) => {
    const { held, list } = await loadWaiting(context, id);
    if (list.closedAt !== null) {
      throw new Refusal('closed', `${listAddress(list)} is closed: reopen it first, or reject the post.`);
    }
    const judged = await judgeAgain(context, { ...held, list }, 'moderator');
    if (!judged) throw new Refusal('not-found', `The mail of held post ${id} is no longer kept.`);
    if (judged.decision.verdict === 'already-there') {
      throw new Refusal('conflict', `The same post is on the list already: discard held post ${id}.`);
    }
    if (judged.decision.verdict !== 'accept') {
      const why = judged.decision.reasons.map((reason) => reason.why).join('; ');
      throw new Refusal(
        'conflict',
        `Held post ${id} cannot go out: ${why}. Change the list setting, or reject it.`,
      );
    }
    const edit = {
      ...(subject !== undefined && subject !== held.subject && { subject }),
      ...(text !== undefined && { text }),
    };
    const mail =
      Object.keys(edit).length === 0
        ? judged.mail
        : editPost(judged.mail, { ...edit, moderator: signatureOf(context) }, context.site.hostname);
    // Whatever may refuse comes before the first row that is written: a refusal within an answer to a bundle undoes nothing (answer-at-mod.ts).
    const sender = allow && (await allowSender(context, list, held));
    const post = await sendToList(context, mail, list);
    await closeHeld(context, { held, list }, { kind: 'approved', postId: post.id });
    return { postId: post.id, number: post.number, ...(sender && { sender }) };
  },
  audit: ({ id, allow, subject, text }, { postId }) => ({
    id,
    postId,
    allow,
    edited: subject !== undefined || text !== undefined,
  }),
};

const rejection = z.object({
  id,
  /** In the moderator's words, or the number of one of the list's `reject_reasons`. */
  reason: z.string().max(2000).default(''),
  /** Nothing that the same author writes is taken any more. */
  ban: z.boolean().default(false),
});

/** Of a rejected post. */
export const notTold =
  'Its author was not told: nothing proves the address, or it has had enough mail from here.';

/** A moderator's no, with a reason for the author where their address is proved. */
export const rejectHeld: Operation<z.infer<typeof rejection>, { told: boolean; sender?: string }> = {
  name: 'reject-held',
  kind: 'command',
  summary: 'Refuses a held mail and tells its author why, if the author is proved.',
  input: rejection,
  authorise: requireModerator,
  run: async (context, { id, reason, ban }) => {
    const { held, list } = await loadWaiting(context, id);
    const why = chooseReason(list, reason);
    const sender = ban && (await banSender(context, list, held));
    await closeHeld(context, { held, list }, { kind: 'rejected' });
    return { told: await tellRejected(context, list, held, why), ...(sender && { sender }) };
  },
};

/** `ban`: nothing that the same author writes is taken any more. */
const dropping = z.object({ id, ban: z.boolean().default(false) });

export const discardHeld: Operation<z.infer<typeof dropping>, { discarded: true; sender?: string }> = {
  name: 'discard-held',
  kind: 'command',
  summary: 'Drops a held mail without a word to anybody.',
  input: dropping,
  authorise: requireModerator,
  run: async (context, { id, ban }) => {
    const { held, list } = await loadWaiting(context, id);
    const sender = ban && (await banSender(context, list, held));
    await closeHeld(context, { held, list }, { kind: 'discarded' });
    return { discarded: true, ...(sender && { sender }) };
  },
};

/** Who edited, as the post tells its readers: enough to ask, without an address. */
function signatureOf({ actor }: Context): string {
  return actor.kind === 'verified' ? actor.email.slice(0, actor.email.lastIndexOf('@')) : 'operator';
}
