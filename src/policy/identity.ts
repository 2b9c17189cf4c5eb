import { domainPart } from '../domain/address.ts';
import type { Identity } from '../domain/identity.ts';
import { isAllowed, mayPost } from './may-post.ts';
import type { Finding, PostFacts, Rule } from './rule.ts';

/**
 * The table of email.md §4.3. Proof is asked for because a From is a claim; a member whose provider proves nothing is asked by mail
 * instead of being turned away, and nobody else is, for that mail would go to whomever the forger named.
 */
export const identity: Rule = {
  name: 'identity',
  summary: 'Wants proof that the author is who the From says, as far as `spoof_protection` asks for it.',
  judge: (facts) => {
    const wanted = proofWanted(facts);
    if (wanted === 'off' || isProved(facts)) return undefined;
    if (isDisowned(facts)) return refuse(facts);
    if (isBelieved(facts) && !mayBeDisowned(facts.checks.identity)) return undefined;
    if (facts.proofPending) {
      return { verdict: 'defer', why: `${facts.checks.identity.why}; a later try may tell more` };
    }
    if (wanted === 'strict' || !bearsMember(facts)) return refuse(facts);
    return hold(facts);
  },
};

/** DNS has kept back what would make it a forgery that its domain wants refused, and a forger may have seen to that. */
export function mayBeDisowned({ temporary, policy }: Identity): boolean {
  return temporary && (policy === 'reject' || policy === 'unknown');
}

/** Whether its From has the address of a member, be it one among several or written so that nobody can be sure. */
export function bearsMember({ member, namesMember }: PostFacts): boolean {
  return member !== undefined || namesMember === true;
}

/** Its domain's owner wants it refused: whoever wrote it, it is nobody's post and nobody's request. */
export function isDisowned(facts: PostFacts): boolean {
  const { class: known, policy } = facts.checks.identity;
  return known === 'failed' && policy === 'reject' && proofWanted(facts) !== 'off';
}

/** Held only for want of proof: its author, asked at that address, may let this one mail go its way (T12). */
export function mayBeReleased(facts: PostFacts): boolean {
  return (
    facts.member !== undefined &&
    facts.mail.author !== undefined &&
    !isProved(facts) &&
    !isDisowned(facts) &&
    proofWanted(facts) === 'standard'
  );
}

export function isProved({ checks, mail }: Pick<PostFacts, 'checks' | 'mail'>): boolean {
  return checks.identity.class === 'verified' && mail.author !== undefined;
}

/** It is proved that an owner or moderator of the list wrote it. */
export function looksAfterList(facts: Pick<PostFacts, 'member' | 'checks' | 'mail'>): boolean {
  return facts.member !== undefined && facts.member.role !== 'member' && isProved(facts);
}

/** Who speaks for a list is the most worthwhile to forge: that takes proof in every setting. */
export function proofWanted(facts: PostFacts): PostFacts['spoofProtection'] {
  return facts.spoofProtection === 'off' && announces(facts) ? 'standard' : facts.spoofProtection;
}

function announces(facts: PostFacts): boolean {
  return facts.list.settings.post === 'owners' && (mayPost(facts) || isAllowed(facts));
}

function isBelieved(facts: PostFacts): boolean {
  return facts.member?.believed === true && !announces(facts);
}

/** Behind a front MTA a refusal would become its bounce to a forged sender: a member's post waits, the door drops the rest. */
function refuse(facts: PostFacts): Finding {
  if (facts.behindFrontMta && bearsMember(facts)) return hold(facts);
  return { verdict: 'reject', why: describe(facts), advice: adviceFor(facts) };
}

/** For a moderator's eyes; no refusal tells a stranger that one of many addresses is a member's. */
function hold(facts: PostFacts): Finding {
  const why = describe(facts);
  return { verdict: 'hold', why: facts.namesMember ? `${why}, and an address in it is a member's` : why };
}

function describe({ mail, checks }: PostFacts): string {
  return mail.author
    ? `it is not certain that ${mail.author.email} wrote it: ${checks.identity.why}`
    : 'its From is not one readable address';
}

/** How a stranger joins, the rule `not-a-member` says. */
function adviceFor({ mail: { author } }: PostFacts): string {
  return author
    ? `Send it through the mail server of ${domainPart(author.email)}`
    : 'Write one address into the From';
}
