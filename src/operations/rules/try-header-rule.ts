import { z } from 'zod';
import { type HeaderAction, headerActions } from '../../domain/header-rule.ts';
import { readHead } from '../../mail/headers.ts';
import { newestPosts, type Post } from '../../store/archive.ts';
import { readBody } from '../../store/bodies.ts';
import type { Operation } from '../operation.ts';
import { expressionInput, fieldInput } from './header-pattern.ts';
import { findPlace, placeInput, type RulePlace, requirePlace } from './rule-place.ts';
import { matching } from './standing-rules.ts';
import { postsTried, type TriedPost, tellPosts } from './tried-posts.ts';

const input = z.object({
  list: placeInput,
  field: fieldInput,
  pattern: expressionInput,
  action: z.enum(headerActions),
});

export interface HeaderRuleTried extends RulePlace {
  readonly field: string;
  readonly pattern: string;
  readonly action: HeaderAction;
  /** How many posts were looked at. */
  readonly of: number;
  /** Those it would have been about, newest first, whatever other rules say. */
  readonly posts: readonly TriedPost[];
}

/** Reads the posts whole, one after the other: for a person who waits, not for a mail. */
export const tryHeaderRule: Operation<z.infer<typeof input>, HeaderRuleTried> = {
  name: 'try-header-rule',
  kind: 'query',
  summary: 'Says which of the last 200 posts a decision about a header field would have been about.',
  input,
  authorise: (context, { list }) => requirePlace(context, list),
  run: async (context, { list: named, field, pattern, action }) => {
    const place = await findPlace(context, named);
    const rule = { field, pattern };
    const posts = await newestPosts(context.tx, { listId: place.listId ?? undefined, limit: postsTried });
    const meant: Post[] = [];
    for (const post of posts) {
      const raw = await readBody(context.tx, post.bodyId);
      if (raw && matching([rule], readHead(raw)).length > 0) meant.push(post);
    }
    return { ...place, ...rule, action, of: posts.length, posts: await tellPosts(context, meant) };
  },
};
