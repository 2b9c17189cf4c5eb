import type { Held } from '../../store/held.ts';
import type { StoredToken } from '../../store/tokens.ts';
import { closeHeld } from '../moderation/close-held.ts';
import { formatDay } from '../notices.ts';
import type { Context } from '../operation.ts';
import { requireList } from '../require-list.ts';
import { fateOf, heldBehind } from './held-question.ts';

/** Its author takes a held post back. */
export async function withdrawHeld(context: Context, token: StoredToken): Promise<string> {
  const held = await heldBehind(context, token);
  if (held?.decidedAt !== null) return `Too late. ${fateOf(held)}`;
  await withdraw(context, held, token.email);
  return 'Your post was taken back; nobody will get it.';
}

/** Its author leaves it where it is, and may still think better of it. */
export async function keepHeld(context: Context, token: StoredToken): Promise<string> {
  const held = await heldBehind(context, token);
  return held?.decidedAt === null
    ? `Your post still waits for a moderator. You can take it back with the same link until ${formatDay(token.expiresAt)}.`
    : `Nothing was changed. ${fateOf(held)}`;
}

/** Nobody gets a post that waits; its moderators hear of it. `author`: whose word that is. */
export async function withdraw(context: Context, held: Held, author: string): Promise<void> {
  const list = await requireList(context, held.listId);
  await closeHeld(context, { held, list }, { kind: 'withdrawn', by: author });
}
