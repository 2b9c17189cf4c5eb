import { z } from 'zod';
import { describeActor } from '../domain/actor.ts';
import { listAddress } from '../domain/list.ts';
import { Refusal } from '../domain/refusal.ts';
import { decideHeld, type Held, listExpired } from '../store/held.ts';
import { loadList } from '../store/lists.ts';
import { requireOperator } from './authorise.ts';
import { judgeAgain } from './judge-again.ts';
import { describeDecision, loadHeld } from './list-held.ts';
import type { Context, Operation } from './operation.ts';
import { requireList } from './require-list.ts';
import { sendToList } from './send-to-list.ts';
import { tellRejected } from './tell-sender.ts';

const byId = z.object({ id: z.number().int().positive() });

/** A moderator's yes: the rules are asked again without what the yes answers, then it goes the way of every post. */
export const approveHeld: Operation<{ id: number }, { postId: number; number: number }> = {
  name: 'approve-held',
  kind: 'command',
  summary: 'Posts a held mail.',
  input: byId,
  authorise: requireOperator,
  run: async (context, { id }) => {
    const held = await loadWaiting(context, id);
    const list = await requireList(context, held.listId);
    if (list.closedAt !== null) {
      throw new Refusal('closed', `${listAddress(list)} is closed: reopen it first, or reject the post.`);
    }
    const judged = await judgeAgain(context, { ...held, list }, 'moderator');
    if (!judged) throw new Refusal('not-found', `The mail of held post ${id} is no longer kept.`);
    if (judged.decision.verdict !== 'accept') {
      const why = judged.decision.reasons.map((reason) => reason.why).join('; ');
      throw new Refusal(
        'conflict',
        `Held post ${id} cannot go out: ${why}. Change the list setting, or reject it.`,
      );
    }
    const post = await sendToList(context, judged.mail, list);
    await close(context, held, 'approved', post.id);
    return { postId: post.id, number: post.number };
  },
};

/** A moderator's no, with a reason for the author where their address is proved. */
export const rejectHeld: Operation<{ id: number; reason: string }, { told: boolean }> = {
  name: 'reject-held',
  kind: 'command',
  summary: 'Refuses a held mail and tells its author why, if the author is a member.',
  input: byId.extend({ reason: z.string().max(2000).default('') }),
  authorise: requireOperator,
  run: async (context, { id, reason }) => {
    const held = await loadWaiting(context, id);
    const list = await requireList(context, held.listId);
    await close(context, held, 'rejected');
    return {
      told: await tellRejected(
        context,
        list,
        held,
        reason || 'A moderator decided that it does not fit here.',
      ),
    };
  },
};

export const discardHeld: Operation<{ id: number }, { discarded: true }> = {
  name: 'discard-held',
  kind: 'command',
  summary: 'Drops a held mail without a word to anybody.',
  input: byId,
  authorise: requireOperator,
  run: async (context, { id }) => {
    await close(context, await loadWaiting(context, id), 'discarded');
    return { discarded: true };
  },
};

/** Nobody decided in time: the author, where proved, hears so. One step of at most `limit` items; a timer calls it until it is done. */
export const expireHeld: Operation<{ limit: number }, { expired: number }> = {
  name: 'expire-held',
  kind: 'command',
  summary: 'Rejects held mail that nobody decided about in time.',
  input: z.object({ limit: z.number().int().positive().default(50) }),
  authorise: requireOperator,
  run: async (context, { limit }) => {
    const due = await listExpired(context.tx, context.now, limit);
    for (const held of due) {
      await close(context, held, 'expired');
      const list = await loadList(context.tx, held.listId);
      if (list) await tellRejected(context, list, held, 'No moderator found the time to read it.');
    }
    return { expired: due.length };
  },
  audit: (_, { expired }) => (expired > 0 ? { expired } : undefined),
};

async function loadWaiting(context: Context, id: number): Promise<Held> {
  const held = await loadHeld(context, id);
  if (held.decidedAt !== null)
    throw new Refusal('conflict', `Held post ${id} was already ${describeDecision(held)}.`);
  return held;
}

async function close(
  context: Context,
  held: Held,
  kind: 'approved' | 'rejected' | 'discarded' | 'expired',
  postId?: number,
): Promise<void> {
  const by = describeActor(context.actor);
  const first = await decideHeld(context.tx, held.id, {
    kind,
    by,
    at: context.now,
    ...(postId === undefined ? {} : { postId }),
  });
  if (!first)
    throw new Refusal('conflict', `Held post ${held.id} was decided by somebody else a moment ago.`);
}
