import { z } from 'zod';
import type { Identity } from '../../domain/identity.ts';
import type { List } from '../../domain/list.ts';
import { listAddress } from '../../domain/list.ts';
import type { Reason } from '../../domain/verdict.ts';
import { readBody } from '../../store/bodies.ts';
import { type Held, type HeldDecision, listWaiting } from '../../store/held.ts';
import { loadList } from '../../store/lists.ts';
import { requireOperator, requireRoleOn } from '../authorise.ts';
import { findList, listInput } from '../find-list.ts';
import type { Context, Operation } from '../operation.ts';
import { loadHeld, requireModerator } from './close-held.ts';
import { claimedAuthor, describeIdentity, historyOf, type Story, storyOf } from './describe-held.ts';

/** A post that waits, as moderators see it. */
export interface WaitingPost {
  readonly id: number;
  /** The list's address; null: it is deleted. */
  readonly list: string | null;
  /** As the mail says; not to be believed without `identity`. */
  readonly from: string;
  /** The bare address; null where the From is not one single address. */
  readonly author: string | null;
  readonly subject: string;
  /** Whether its author is who they say: a word and a clause. */
  readonly identity: Pick<Identity, 'class' | 'why'>;
  readonly reasons: readonly Pick<Reason, 'rule' | 'why'>[];
  readonly spam: boolean;
  /** Who is looking into it; null: nobody. */
  readonly claim: Told | null;
  readonly heldAt: number;
  readonly expiresAt: number;
}

/** What somebody did with a held post. */
interface Told {
  /** describeActor, or the bare address of its author. */
  readonly by: string;
  readonly at: number;
  /** “Bob Finch has been looking into it since 10:02 (UTC)”, “approved by Bob Finch at 10:02 (UTC)”. */
  readonly words: string;
}

/** One of them whole. */
export interface ShownPost extends WaitingPost {
  /** “yes: DKIM of example.org matches the From” */
  readonly proof: string;
  /** What the list knows of the author. */
  readonly history: string;
  /** null while it waits. */
  readonly decision: (Told & { readonly kind: HeldDecision }) | null;
  readonly raw: Buffer;
}

const page = z.object({
  /** A list's address or local part; without it, all lists. */
  list: listInput.optional(),
  /** Those in the spam folder instead of the others. */
  spam: z.boolean().default(false),
  after: z.number().default(0),
  limit: z.number().int().min(1).max(1000).default(100),
});

export const listHeld: Operation<z.infer<typeof page>, readonly WaitingPost[]> = {
  name: 'list-held',
  kind: 'query',
  summary: 'Lists the posts that wait for a moderator.',
  input: page,
  authorise: (context, { list }) =>
    list === undefined ? requireOperator(context) : requireRoleOn(context, list, 'moderator'),
  run: async (context, request) => {
    const { after, limit, spam } = request;
    const listId = request.list === undefined ? undefined : (await findList(context, request.list)).id;
    const waiting = await listWaiting(context.tx, {
      ...(listId === undefined ? {} : { listId }),
      spam,
      after,
      limit,
    });
    const known = new Map<number, Known>();
    for (const id of new Set(waiting.map((held) => held.listId)))
      known.set(
        id,
        await knownOf(
          context,
          id,
          waiting.filter((held) => held.listId === id),
        ),
      );
    return waiting.map((held) => describeWaiting(held, known.get(held.listId) ?? {}));
  },
};

export const showHeld: Operation<{ id: number }, ShownPost> = {
  name: 'show-held',
  kind: 'query',
  summary: 'Shows one held post whole.',
  input: z.object({ id: z.number() }),
  authorise: requireModerator,
  run: async (context, { id }) => {
    const held = await loadHeld(context, id);
    const known = await knownOf(context, held.listId, [held]);
    const raw = await readBody(context.tx, held.bodyId);
    return {
      ...describeWaiting(held, known),
      proof: describeIdentity(held.checks),
      history: await historyOf(context, held),
      decision: describeDecision(held, known),
      raw: raw ?? Buffer.alloc(0),
    };
  },
};

/** Nothing of a list that is deleted. */
interface Known {
  readonly list?: List;
  readonly story?: Story;
}

async function knownOf(context: Context, listId: number, about: readonly Held[]): Promise<Known> {
  const list = await loadList(context.tx, listId);
  return list ? { list, story: await storyOf(context, list, about) } : {};
}

function describeWaiting(held: Held, { list, story }: Known): WaitingPost {
  const { id, subject, reasons, spam, heldAt, expiresAt } = held;
  return {
    id,
    list: list ? listAddress(list) : null,
    from: claimedAuthor(held),
    author: held.authorEmail || null,
    subject,
    identity: { class: held.checks.identity.class, why: held.checks.identity.why },
    reasons: reasons.map(({ rule, why }) => ({ rule, why })),
    spam,
    claim: describeClaim(held, story),
    heldAt,
    expiresAt,
  };
}

function describeClaim(held: Held, story: Story | undefined): Told | null {
  const { claimedBy: by, claimedAt: at } = held;
  const words = story?.claim(held);
  return words === undefined || by === null || at === null ? null : { by, at, words };
}

function describeDecision(held: Held, { story }: Known): ShownPost['decision'] {
  const { decision: kind, decidedBy: by, decidedAt: at } = held;
  if (kind === null || by === null || at === null) return null;
  return { kind, by, at, words: story?.decision(held) ?? kind };
}
