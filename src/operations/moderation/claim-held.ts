import { z } from 'zod';
import { describeActor } from '../../domain/actor.ts';
import { Refusal } from '../../domain/refusal.ts';
import { type Held, claimHeld as writeClaim } from '../../store/held.ts';
import type { Operation } from '../operation.ts';
import { loadWaiting, requireModerator } from './close-held.ts';
import { storyOf } from './describe-held.ts';

const input = z.object({
  id: z.number().int().positive(),
  /** True: nobody is looking into it any more. */
  release: z.boolean().default(false),
});

const hour = 3_600_000;
/** Whoever looked into it so long ago has forgotten it. */
const claimLasts = 4 * hour;

/** Says that somebody is looking into a held post, so that two do not write to the same person; it binds nobody. */
export const claimHeld: Operation<z.infer<typeof input>, { claimed: boolean }> = {
  name: 'claim-held',
  kind: 'command',
  summary: 'Tells the other moderators that you are looking into a held post.',
  input,
  authorise: requireModerator,
  run: async (context, { id, release }) => {
    const { held, list } = await loadWaiting(context, id);
    const by = release ? null : describeActor(context.actor);
    if (by !== null && isTaken(held, by, context.now)) {
      const claim = (await storyOf(context, list, [held])).claim(held);
      throw new Refusal(
        'conflict',
        `Held post ${id} is taken: ${claim}. Once it is released you can claim it.`,
      );
    }
    if (!(await writeClaim(context.tx, id, { by, at: context.now })))
      throw new Refusal('conflict', `Held post ${id} was decided by somebody else a moment ago.`);
    return { claimed: !release };
  },
};

function isTaken({ claimedBy, claimedAt }: Held, by: string, now: number): boolean {
  return claimedBy !== null && claimedBy !== by && claimedAt !== null && now - claimedAt < claimLasts;
}
