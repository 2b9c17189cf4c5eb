import { isOfOperator } from '../domain/actor.ts';
import { isProved } from './identity.ts';
import type { Finding, PostFacts, Rule } from './rule.ts';

export const moderated: Rule = {
  name: 'moderated',
  summary:
    'Holds every post of a moderated list, the first posts of newcomers, and whom a moderator wants to read first.',
  liftedByAllow: (facts) => !waitsForOwner(facts),
  judge: (facts) => judgeMember(facts) ?? judgeList(facts),
};

/**
 * An owner has decided about the posts of somebody who looks after the list. That one could end it by a rule about many – their domain, a field –,
 * which any of them may make; about the very address only an owner can.
 */
function waitsForOwner({ member, senderRule, headerRules }: PostFacts): boolean {
  const isDecided = member?.posting === 'hold' || member?.posting === 'reject';
  if (!isDecided || member.role === 'member') return false;
  const rules = senderRule?.action === 'allow' ? [senderRule] : [];
  const isMeant = rules.some(({ kind, createdBy }) => kind === 'address' || isOfOperator(createdBy));
  return !isMeant && !headerRules.some((rule) => rule.action === 'accept' && isOfOperator(rule.createdBy));
}

function judgeMember({ member, mail, list }: PostFacts): Finding | undefined {
  const author = mail.author?.email ?? '';
  if (member?.posting === 'reject') {
    return {
      verdict: 'reject',
      why: `a moderator has decided that this list takes no posts of ${author}`,
      advice: `Its owners read ${list.name}-owner@${list.domain}`,
    };
  }
  return member?.posting === 'hold'
    ? { verdict: 'hold', why: `posts of ${author} are read by a moderator first` }
    : undefined;
}

function judgeList(facts: PostFacts): Finding | undefined {
  const { member, list } = facts;
  if (member?.posting === 'accept' && isSure(facts)) return undefined;
  if (list.settings.moderated) {
    return { verdict: 'hold', why: 'every post to this list is read by a moderator first' };
  }
  if (!member || member.firstPostsLeft === 0 || member.posting === 'accept') return undefined;
  const first = list.settings.hold_first_posts;
  return {
    verdict: 'hold',
    why: `the first ${first === 1 ? 'post' : `${first} posts`} of a new member ${first === 1 ? 'is' : 'are'} read by a moderator`,
  };
}

/** Where nobody has to prove anything, anybody could write as the one member who need not wait. */
function isSure(facts: PostFacts): boolean {
  return isProved(facts) || facts.spoofProtection !== 'off';
}
