import { z } from 'zod';
import { findHeld, type Held } from '../../store/held.ts';
import type { StoredToken } from '../../store/tokens.ts';
import { oneLine } from '../moderation/describe-held.ts';
import type { Context } from '../operation.ts';

/** What an author is asked about: one post that waits, or waited. */

export function asksAboutHeld({ kind }: Pick<StoredToken, 'kind'>): boolean {
  return kind === 'release' || kind === 'withdraw';
}

/** Undefined once it is decided and no longer kept. */
export function heldBehind(context: Context, token: StoredToken): Promise<Held | undefined> {
  const { heldId } = z.object({ heldId: z.number() }).parse(token.payload);
  return findHeld(context.tx, heldId);
}

export function nameOfHeld(held: Pick<Held, 'subject'>): string {
  return oneLine(held.subject, 100) || '(no subject)';
}

/** What became of it, as a sentence for its author: of a post that was dropped without a word no more than that nobody got it. */
export function fateOf(held: Pick<Held, 'decision'> | undefined): string {
  switch (held?.decision) {
    case 'approved':
    case 'released':
      return 'It was posted.';
    case 'rejected':
    case 'discarded':
      return 'It was not posted.';
    case 'expired':
      return 'It was not posted, because no moderator had decided in time.';
    case 'withdrawn':
      return 'It was taken back; nobody got it.';
    default:
      return 'It was decided about long ago.';
  }
}
