import type { PostFacts } from './rule.ts';

/** Whether the list setting `post` names the author, or a moderator has named this very member. */
export function mayPost({ list, member }: PostFacts): boolean {
  switch (list.settings.post) {
    case 'anyone':
      return true;
    case 'members':
      return member !== undefined;
    case 'owners':
      return member !== undefined && (member.role !== 'member' || member.posting === 'accept');
  }
}

/** `sender allow`, or a header rule that accepts: answers what the list asks about strangers, and nothing else (email.md §4.2). */
export function isAllowed({ senderRule, headerRules }: PostFacts): boolean {
  return senderRule?.action === 'allow' || headerRules.some(({ action }) => action === 'accept');
}

/** What somebody can do who may not post here. */
export function howToJoin({ list }: Pick<PostFacts, 'list'>): string {
  const { name, domain, settings } = list;
  return settings.post === 'members' && settings.join !== 'closed'
    ? `To join, write to ${name}-join@${domain}`
    : `Its owners read ${name}-owner@${domain}`;
}
