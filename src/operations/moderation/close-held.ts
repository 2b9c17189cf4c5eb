import { describeActor } from '../../domain/actor.ts';
import type { List } from '../../domain/list.ts';
import { Refusal } from '../../domain/refusal.ts';
import { decideHeld, findHeld, type Held, type HeldDecision } from '../../store/held.ts';
import { quotaEnds, takeQuota } from '../../store/quotas.ts';
import { requireRole } from '../authorise.ts';
import type { Context } from '../operation.ts';
import { requireList } from '../require-list.ts';
import { storyOf } from './describe-held.ts';

const minute = 60_000;
const hour = 60 * minute;
/** A moderator who decides about one post decides about the next: the others hear of both at once. */
const tellAfter = 10 * minute;

/** The held item, or a refusal that names it. */
export async function loadHeld(context: Context, id: number): Promise<Held> {
  const held = await findHeld(context.tx, id);
  if (!held) throw new Refusal('not-found', `There is no held post ${id}. “held ls” shows those that wait.`);
  return held;
}

/** Deciding is for the operator, and for the moderators and owners of its list. */
export async function requireModerator(context: Context, { id }: { readonly id: number }): Promise<void> {
  const { kind } = context.actor;
  if (kind === 'operator' || kind === 'system') return;
  await requireRole(context, (await loadHeld(context, id)).listId, 'moderator');
}

/** A held item that nobody has decided about, with its list; else a refusal that says who has. */
export async function loadWaiting(context: Context, id: number): Promise<{ held: Held; list: List }> {
  const held = await loadHeld(context, id);
  const list = await requireList(context, held.listId);
  const decided = (await storyOf(context, list, [held])).decision(held);
  if (decided !== undefined) throw new Refusal('conflict', `Held post ${id} was already ${decided}.`);
  return { held, list };
}

/** Writes the decision; the first one wins. `by`: whose it is, where not the actor's. */
export async function closeHeld(
  context: Context,
  { held, list }: { readonly held: Held; readonly list: List },
  how: { readonly kind: HeldDecision; readonly by?: string; readonly postId?: number },
): Promise<void> {
  const tellAt = how.kind === 'expired' ? undefined : await timeToTell(context, list, held);
  const first = await decideHeld(context.tx, held.id, {
    ...how,
    by: how.by ?? describeActor(context.actor),
    at: context.now,
    ...(tellAt !== undefined && { tellAt }),
  });
  if (!first)
    throw new Refusal('conflict', `Held post ${held.id} was decided by somebody else a moment ago.`);
}

/** Those who were asked about it are told by whom it was decided, at most once an hour. */
async function timeToTell({ tx, now }: Context, list: List, held: Held): Promise<number | undefined> {
  if (held.noticedAt === null || !list.settings.tell_decisions) return undefined;
  const bucket = `decisions-told:${list.id}`;
  const free = await takeQuota(tx, bucket, { rate: { count: 1, ms: hour }, now });
  return free ? now + tellAfter : quotaEnds(tx, bucket);
}
