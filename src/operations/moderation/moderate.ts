import { z } from 'zod';
import { moderationActs } from '../../domain/moderation.ts';
import { Refusal } from '../../domain/refusal.ts';
import type { StoredToken } from '../../store/tokens.ts';
import type { Context, Operation } from '../operation.ts';
import { lookUpToken } from '../tokens.ts';
import { claimHeld } from './claim-held.ts';
import { loadHeld } from './close-held.ts';
import { approveHeld, discardHeld, notTold, rejectHeld } from './decide-held.ts';
import { oneLine } from './describe-held.ts';
import { moderatorBehind } from './moderators.ts';

const input = z.object({
  token: z.string().max(100),
  /** One of those that the token was sent for. */
  heldId: z.number().int().positive(),
  act: z.enum([...moderationActs, 'claim', 'release']),
  reason: z.string().max(2000).default(''),
  /** What a moderator made of the post; with `approve` and `allow`. */
  subject: z.string().max(500).optional(),
  text: z.string().max(100_000).optional(),
});
type ModerateInput = z.infer<typeof input>;

export interface Moderated {
  /** What came of it, for the moderator. */
  readonly sentence: string;
  /** There is more to say than that what was wanted is done. */
  readonly notable: boolean;
}

/**
 * Does with a held post what somebody decided who holds a token from a moderator's mail, as that moderator. The token stays good, until
 * its posts are decided about: looking and claiming come before deciding, and one mail may speak of many posts.
 */
export const moderate: Operation<ModerateInput, Moderated> = {
  name: 'moderate',
  kind: 'command',
  summary: 'Decides about a held post by the token of a mail to a moderator.',
  input,
  authorise: () => {},
  run: async (context, request) => {
    const token = await moderationToken(context, request.token);
    if (!token?.heldIds.includes(request.heldId))
      throw new Refusal('not-found', 'This link is not for that post.');
    const { subject } = await loadHeld(context, request.heldId);
    const done = await carryOut(context, token.stored, request);
    return { ...done, sentence: `“${oneLine(subject, 60)}”: ${done.sentence}` };
  },
  // What it performs has its own row.
  audit: () => undefined,
};

/** The token of a mail to a moderator, and the posts it speaks of in their order there; undefined for any other, and once its time is over. */
export async function moderationToken(
  context: Context,
  text: string,
): Promise<{ readonly stored: StoredToken; readonly heldIds: readonly number[] } | undefined> {
  const stored = await lookUpToken(context, text);
  if (stored?.kind !== 'moderate' || stored.expiresAt <= context.now) return undefined;
  return { stored, heldIds: z.object({ held: z.array(z.number()) }).parse(stored.payload).held };
}

async function carryOut(context: Context, token: StoredToken, request: ModerateInput): Promise<Moderated> {
  const as = await moderatorBehind(context, token);
  const { heldId: id, act, reason, subject, text } = request;
  switch (act) {
    case 'approve':
    case 'allow': {
      const posted = await context.perform(approveHeld, as, { id, allow: act === 'allow', subject, text });
      return said(`it went out as post ${posted.number}.`, posted.sender);
    }
    case 'reject': {
      const { told } = await context.perform(rejectHeld, as, { id, reason });
      return told
        ? said('it was rejected, and its author was told.')
        : { sentence: `it was rejected. ${notTold}`, notable: true };
    }
    case 'discard':
    case 'ban': {
      const dropped = await context.perform(discardHeld, as, { id, ban: act === 'ban' });
      return said('it was dropped without a word.', dropped.sender);
    }
    case 'claim':
    case 'release':
      await context.perform(claimHeld, as, { id, release: act === 'release' });
      return said(
        act === 'claim' ? 'the others see that you are looking into it.' : 'nobody is looking into it now.',
      );
  }
}

function said(sentence: string, sender?: string): Moderated {
  return {
    sentence: sender === undefined ? sentence : `${sentence} ${sender}`,
    notable: sender !== undefined,
  };
}
