import { z } from 'zod';
import { decideHeld } from '../../store/held.ts';
import type { StoredToken } from '../../store/tokens.ts';
import type { Context } from '../operation.ts';

/** Its author takes a held post back. */
export async function withdrawHeld(context: Context, token: StoredToken): Promise<string> {
  const { heldId } = z.object({ heldId: z.number() }).parse(token.payload);
  const withdrawn = await decideHeld(context.tx, heldId, {
    kind: 'withdrawn',
    by: token.email,
    at: context.now,
  });
  return withdrawn
    ? 'Your post was taken back; nobody will get it.'
    : 'Too late: a moderator has decided about this post already.';
}
