import { bearsMember, isDisowned } from './identity.ts';
import type { PostFacts } from './rule.ts';

/**
 * Whether a refused post is not worth a moderator's time even where it cannot be refused, because another recipient takes the mail: what
 * its domain disowns, unless it bears a member's address, and whoever was to be refused for good. Else a second recipient is the way around both.
 */
export function isMereNo(facts: PostFacts): boolean {
  return facts.senderRule?.action === 'reject' || (isDisowned(facts) && !bearsMember(facts));
}
