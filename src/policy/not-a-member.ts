import type { Finding, PostFacts, Rule } from './rule.ts';

export const notAMember: Rule = {
  name: 'not-a-member',
  summary: 'Lets those post whom the list setting `post` names; the others fare as `nonmember` says.',
  judge: (facts) => {
    switch (facts.list.settings.post) {
      case 'anyone':
        return undefined;
      case 'members':
        return facts.member ? undefined : turnAway(facts, `${author(facts)} is not a member of this list`);
      case 'owners':
        return judgeOwnersOnly(facts);
    }
  },
};

/** The From of an owner is the most worthwhile to forge: here it needs proof in every setting (email.md §4.3). */
function judgeOwnersOnly(facts: PostFacts): Finding | undefined {
  const mayPost = facts.member && facts.member.role !== 'member';
  if (!mayPost) return turnAway(facts, 'only the owners of this list may post');
  return facts.checks.identity.class === 'verified'
    ? undefined
    : { verdict: 'hold', why: `it could not be verified that this mail really comes from ${author(facts)}` };
}

function turnAway(facts: PostFacts, why: string): Finding {
  return { verdict: facts.list.settings.nonmember, why };
}

function author(facts: PostFacts): string {
  return facts.mail.author?.email ?? 'its author, whose From cannot be read as one address,';
}
