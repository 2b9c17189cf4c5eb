import { z } from 'zod';
import { Refusal } from '../domain/refusal.ts';
import type { Reason } from '../domain/verdict.ts';
import { readBody } from '../store/bodies.ts';
import { findHeld, type Held, listWaiting } from '../store/held.ts';
import { requireOperator } from './authorise.ts';
import { findList, listInput } from './find-list.ts';
import type { Context, Operation } from './operation.ts';
import { nameList } from './require-list.ts';

/** A post that waits, as moderators see it. */
export interface WaitingPost {
  readonly id: number;
  /** The list's address. */
  readonly list: string;
  readonly from: string;
  readonly subject: string;
  readonly reasons: readonly Pick<Reason, 'rule' | 'why'>[];
  readonly heldAt: number;
  readonly expiresAt: number;
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
  authorise: requireOperator,
  run: async (context, request) => {
    const { after, limit, spam } = request;
    const listId = request.list === undefined ? undefined : (await findList(context, request.list)).id;
    const waiting = await listWaiting(context.tx, {
      ...(listId === undefined ? {} : { listId }),
      spam,
      after,
      limit,
    });
    return Promise.all(waiting.map((held) => describeHeld(context, held)));
  },
};

export const showHeld: Operation<
  { id: number },
  WaitingPost & { readonly decision: string | null; readonly raw: Buffer }
> = {
  name: 'show-held',
  kind: 'query',
  summary: 'Shows one held post whole.',
  input: z.object({ id: z.number() }),
  authorise: requireOperator,
  run: async (context, { id }) => {
    const held = await loadHeld(context, id);
    const raw = await readBody(context.tx, held.bodyId);
    return {
      ...(await describeHeld(context, held)),
      decision: describeDecision(held),
      raw: raw ?? Buffer.alloc(0),
    };
  },
};

/** The held item, or a refusal that names it. */
export async function loadHeld(context: Context, id: number): Promise<Held> {
  const held = await findHeld(context.tx, id);
  if (!held) throw new Refusal('not-found', `There is no held post ${id}. “held ls” shows those that wait.`);
  return held;
}

/** “approved by operator:cli on …”, or null while it waits. */
export function describeDecision(held: Held): string | null {
  if (held.decidedAt === null) return null;
  return `${held.decision} by ${held.decidedBy} on ${new Date(held.decidedAt).toISOString()}`;
}

async function describeHeld(context: Context, held: Held): Promise<WaitingPost> {
  const list = await nameList(context, held.listId);
  return {
    id: held.id,
    list,
    from: held.authorName
      ? `${held.authorName} <${held.authorEmail}>`
      : held.authorEmail || held.envelopeSender,
    subject: held.subject,
    reasons: held.reasons.map(({ rule, why }) => ({ rule, why })),
    heldAt: held.heldAt,
    expiresAt: held.expiresAt,
  };
}
