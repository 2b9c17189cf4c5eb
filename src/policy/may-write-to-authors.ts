import type { PostFacts } from './rule.ts';

/**
 * Whether a member may write to authors through their aliases, where no moderator reads (email.md §5.4): nobody of whom a moderator, or a rule
 * about them or such mail, wants to read posts first or not at all, and no newcomer who still has to be read.
 */
export function mayWriteToAuthors({
  member,
  senderRule,
  headerRules,
}: Pick<PostFacts, 'member' | 'senderRule' | 'headerRules'>): boolean {
  if (!member || (senderRule && senderRule.action !== 'allow')) return false;
  if (headerRules.some(({ action }) => action !== 'accept')) return false;
  if (member.posting !== 'default') return member.posting === 'accept';
  return member.firstPostsLeft === 0 || senderRule !== undefined;
}
