import { z } from 'zod';
import { describeActor } from '../../domain/actor.ts';
import { Refusal } from '../../domain/refusal.ts';
import { claimHeld as writeClaim } from '../../store/held.ts';
import type { Operation } from '../operation.ts';
import { loadWaiting, requireModerator } from './close-held.ts';

const input = z.object({
  id: z.number().int().positive(),
  /** True: nobody is looking into it any more. */
  release: z.boolean().default(false),
});

/** Says that somebody is looking into a held post, so that two do not write to the same person; it binds nobody. */
export const claimHeld: Operation<z.infer<typeof input>, { claimed: boolean }> = {
  name: 'claim-held',
  kind: 'command',
  summary: 'Tells the other moderators that you are looking into a held post.',
  input,
  authorise: requireModerator,
  run: async (context, { id, release }) => {
    await loadWaiting(context, id);
    const by = release ? null : describeActor(context.actor);
    if (!(await writeClaim(context.tx, id, { by, at: context.now })))
      throw new Refusal('conflict', `Held post ${id} was decided by somebody else a moment ago.`);
    return { claimed: !release };
  },
};
