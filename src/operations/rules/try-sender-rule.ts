import { z } from 'zod';
import { parseAddress } from '../../domain/address.ts';
import {
  fittingPatterns,
  foremostRule,
  type SenderAction,
  type SenderRule,
  senderActions,
} from '../../domain/sender-rule.ts';
import { newestPosts, type Post } from '../../store/archive.ts';
import { findStandingRules } from '../../store/standing-rules.ts';
import type { Context, Operation } from '../operation.ts';
import { findPlace, placeInput, type RulePlace, requirePlace } from './rule-place.ts';
import { senderPatternInput } from './sender-pattern.ts';
import { fitting } from './standing-rules.ts';
import { postsTried, type TriedPost, tellPosts } from './tried-posts.ts';

const input = z.object({
  list: placeInput,
  pattern: senderPatternInput,
  action: z.enum(senderActions),
});

export interface SenderRuleTried extends RulePlace {
  readonly pattern: string;
  readonly action: SenderAction;
  /** How many posts were looked at. */
  readonly of: number;
  /** Those it would have been about, newest first. */
  readonly posts: readonly TriedPost[];
}

/** A rule that another one outranks would have meant nothing: so each author's other rules are asked, too. */
export const trySenderRule: Operation<z.infer<typeof input>, SenderRuleTried> = {
  name: 'try-sender-rule',
  kind: 'query',
  summary: 'Says which of the last 200 posts a decision about a sender would have been about.',
  input,
  authorise: (context, { list }) => requirePlace(context, list),
  run: async (context, { list: named, pattern: whom, action }) => {
    const place = await findPlace(context, named);
    const tried: SenderRule = { ...whom, id: 0, listId: place.listId, action, createdBy: '', createdAt: 0 };
    const posts = await newestPosts(context.tx, { listId: place.listId ?? undefined, limit: postsTried });
    const meant = new Map<string, boolean>();
    for (const { listId, authorEmail } of posts) {
      const key = `${listId} ${authorEmail}`;
      if (!meant.has(key)) meant.set(key, await isMeant(context, tried, { listId, authorEmail }));
    }
    return {
      ...place,
      pattern: whom.pattern,
      action,
      of: posts.length,
      posts: await tellPosts(
        context,
        posts.filter(({ listId, authorEmail }) => meant.get(`${listId} ${authorEmail}`)),
      ),
    };
  },
};

/** Whether the rule would be the one that counts for that author on that list. */
async function isMeant(
  { tx }: Context,
  tried: SenderRule,
  { listId, authorEmail }: Pick<Post, 'listId' | 'authorEmail'>,
): Promise<boolean> {
  const author = parseAddress(authorEmail);
  if (!author) return false;
  const patterns = fittingPatterns(author);
  const isAboutAuthor = tried.kind === 'pattern' || patterns.includes(tried.pattern);
  if (!isAboutAuthor || fitting([tried], author).length === 0) return false;
  const { senders } = await findStandingRules(tx, listId, patterns);
  // It would replace what was decided about the same pattern.
  const others = senders.filter((rule) => rule.pattern !== tried.pattern || rule.listId !== tried.listId);
  return foremostRule([tried, ...fitting(others, author)]) === tried;
}
