import { z } from 'zod';
import { pageAiling } from '../../store/ailing.ts';
import { type HeldBack, heldBackNow, mostCounted } from '../../store/breaker-news.ts';
import { membersAmong } from '../../store/roster.ts';
import { findList } from '../find-list.ts';
import type { Context, Operation } from '../operation.ts';
import { type AilingDetails, describeAiling } from './ailing-details.ts';
import { ofListInput, requireAbout } from './require-about.ts';

const input = z.object({
  /** Without it those of the whole site. */
  list: ofListInput,
  after: z.string().max(254).default(''),
  limit: z.int().min(1).max(1000).default(100),
});

export interface AilingPage {
  readonly addresses: readonly AilingDetails[];
  /** For the next page; absent on the last one. */
  readonly next?: string;
  /** Posts that a destination refuses for what they are: no member pays for it. Only where no list is named, with the first page. */
  readonly refusedPosts: readonly RefusedPost[];
}

export interface RefusedPost extends Omit<HeldBack, 'until'> {
  /** ISO 8601, UTC: until then it is held back there. */
  readonly heldUntil: string;
  /** More wait than were counted. */
  readonly andMore: boolean;
}

export const listAiling: Operation<z.infer<typeof input>, AilingPage> = {
  name: 'list-ailing',
  kind: 'query',
  summary: 'Names addresses whose mail fails, with their points and what happens next.',
  input,
  authorise: requireAbout,
  run: async (context, { list: named, after, limit }) => {
    const listId = named === undefined ? undefined : (await findList(context, named)).id;
    const ailing = await pageAiling(context.tx, { after, limit, listId });
    const emails = ailing.map(({ email }) => email);
    const removable = await membersAmong(context.tx, emails, 'member');
    const last = ailing.length === limit ? ailing.at(-1) : undefined;
    return {
      addresses: ailing.map((each) => describeAiling(each, removable.has(each.email))),
      ...(last && { next: last.email }),
      refusedPosts: listId === undefined && after === '' ? await refusedNow(context) : [],
    };
  },
};

async function refusedNow({ tx, now }: Context): Promise<AilingPage['refusedPosts']> {
  const held = await heldBackNow(tx, now);
  return held.map(({ until, ...each }) => ({
    ...each,
    heldUntil: new Date(until).toISOString(),
    andMore: each.waiting === mostCounted,
  }));
}
