import { z } from 'zod';
import type { Identity } from '../../domain/identity.ts';
import type { List } from '../../domain/list.ts';
import { listAddress } from '../../domain/list.ts';
import type { Reason } from '../../domain/verdict.ts';
import { readBody } from '../../store/bodies.ts';
import { type Held, listWaiting } from '../../store/held.ts';
import { loadList } from '../../store/lists.ts';
import { requireOperator, requireRoleOn } from '../authorise.ts';
import { findList, listInput } from '../find-list.ts';
import type { Context, Operation } from '../operation.ts';
import { loadHeld, requireModerator } from './close-held.ts';
import { claimedAuthor, describeIdentity, historyOf, type Story, storyOf } from './describe-held.ts';

/** A post that waits, as moderators see it. */
export interface WaitingPost {
  readonly id: number;
  /** The list's address. */
  readonly list: string;
  readonly from: string;
  readonly subject: string;
  /** Whether its author is who they say: a word and a clause. */
  readonly identity: Pick<Identity, 'class' | 'why'>;
  readonly reasons: readonly Pick<Reason, 'rule' | 'why'>[];
  readonly spam: boolean;
  /** “Bob Finch has been looking into it since 10:02”. */
  readonly claim?: string;
  readonly heldAt: number;
  readonly expiresAt: number;
}

/** One of them whole. */
export interface ShownPost extends WaitingPost {
  /** “yes: DKIM of example.org matches the From” */
  readonly author: string;
  /** What the list knows of the author. */
  readonly history: string;
  /** “approved by Bob Finch at 10:02”, or null while it waits. */
  readonly decision: string | null;
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
    const told = new Map<number, Told>();
    for (const id of new Set(waiting.map((held) => held.listId)))
      told.set(
        id,
        await tellOf(
          context,
          id,
          waiting.filter((held) => held.listId === id),
        ),
      );
    return waiting.map((held) => describeWaiting(held, told.get(held.listId) ?? {}));
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
    const told = await tellOf(context, held.listId, [held]);
    const raw = await readBody(context.tx, held.bodyId);
    return {
      ...describeWaiting(held, told),
      author: describeIdentity(held.checks),
      history: await historyOf(context, held),
      decision: told.story?.decision(held) ?? held.decision,
      raw: raw ?? Buffer.alloc(0),
    };
  },
};

/** Nothing of a list that is deleted. */
interface Told {
  readonly list?: List;
  readonly story?: Story;
}

async function tellOf(context: Context, listId: number, about: readonly Held[]): Promise<Told> {
  const list = await loadList(context.tx, listId);
  return list ? { list, story: await storyOf(context, list, about) } : {};
}

function describeWaiting(held: Held, { list, story }: Told): WaitingPost {
  const claim = story?.claim(held);
  const { id, subject, reasons, spam, heldAt, expiresAt } = held;
  return {
    id,
    list: nameOf(list, held.listId),
    from: claimedAuthor(held),
    subject,
    identity: { class: held.checks.identity.class, why: held.checks.identity.why },
    reasons: reasons.map(({ rule, why }) => ({ rule, why })),
    spam,
    ...(claim !== undefined && { claim }),
    heldAt,
    expiresAt,
  };
}

function nameOf(list: List | undefined, id: number): string {
  return list ? listAddress(list) : `(deleted list ${id})`;
}
