import { isProved } from './identity.ts';
import { howToJoin, mayPost } from './may-post.ts';
import type { Finding, PostFacts, Rule } from './rule.ts';

export const notAMember: Rule = {
  name: 'not-a-member',
  summary: 'Lets those post whom the list setting `post` names; the others fare as `nonmember` says.',
  liftedByAllow: true,
  judge: (facts) => (mayPost(facts) ? undefined : turnAway(facts)),
};

/** Only who is proved is worth a moderator's time: with a forged or spam-marked mail of each stranger they would drown (email.md §4.2). */
function turnAway(facts: PostFacts): Finding {
  const { nonmember } = facts.list.settings;
  const why = describe(facts);
  if (nonmember === 'discard') return { verdict: 'discard', why };
  if (nonmember === 'hold' && isWorthReading(facts)) return { verdict: 'hold', why };
  return { verdict: 'reject', why, advice: howToJoin(facts) };
}

function isWorthReading(facts: PostFacts): boolean {
  const { spam } = facts.checks;
  if (spam && spam.action !== 'accept') return false;
  // What a member may have written with an odd program, or could not be proved, is for the rule `identity` to say.
  return (
    isProved(facts) ||
    facts.spoofProtection === 'off' ||
    facts.proofPending === true ||
    facts.namesMember === true
  );
}

function describe({ list, mail }: PostFacts): string {
  if (list.settings.post === 'owners') return 'only the owners of this list may post';
  return mail.author
    ? `${mail.author.email} is not a member of this list`
    : 'it names no one author who is a member of this list';
}
