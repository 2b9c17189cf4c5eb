import type { Decision, Reason, Verdict } from '../domain/verdict.ts';
import { attachment } from './attachment.ts';
import { automatic } from './automatic.ts';
import { bounce } from './bounce.ts';
import { digestReply } from './digest-reply.ts';
import { duplicate } from './duplicate.ts';
import { emergency } from './emergency.ts';
import { empty } from './empty.ts';
import { headerRule } from './header-rule.ts';
import { locked } from './locked.ts';
import { loop } from './loop.ts';
import { misdirected } from './misdirected.ts';
import { moderated } from './moderated.ts';
import { notAMember } from './not-a-member.ts';
import type { PostFacts, Rule } from './rule.ts';
import { senderRule } from './sender-rule.ts';
import { tooLarge } from './too-large.ts';

/** Every rule, in the order in which they are asked and their reasons are shown (email.md §4.2). */
export const rules: readonly Rule[] = [
  loop,
  duplicate,
  bounce,
  automatic,
  senderRule,
  emergency,
  misdirected,
  headerRule,
  notAMember,
  moderated,
  tooLarge,
  attachment,
  digestReply,
  empty,
  locked,
];

/**
 * Asks every rule and takes the strongest verdict: reject over discard over hold over accept. A rule, or a finding, that
 * `ends` the judgement decides alone. All that was found is kept as reasons.
 */
export function decide(facts: PostFacts): Decision {
  return judgeBy(rules, facts);
}

/** Who said yes after the first judgement: a moderator lifts every hold; an author only that it was read as a command. */
export type Blessing = 'moderator' | 'author';

/** The same with somebody's yes: the questions it answers are not asked again, and a refusal stands. */
export function decideAgain(facts: PostFacts, blessing: Blessing): Decision {
  const decision = judgeBy(
    rules.filter((rule) => !answered[blessing].has(rule)),
    facts,
  );
  return blessing === 'moderator' && decision.verdict === 'hold'
    ? { ...decision, verdict: 'accept' }
    : decision;
}

const answered: Readonly<Record<Blessing, ReadonlySet<Rule>>> = {
  moderator: new Set([loop, duplicate, bounce, automatic, misdirected, notAMember]),
  author: new Set([misdirected]),
};

const strength: readonly Verdict[] = ['accept', 'hold', 'discard', 'reject'];

function judgeBy(asked: readonly Rule[], facts: PostFacts): Decision {
  const reasons: Reason[] = [];
  let verdict: Verdict = 'accept';
  for (const rule of asked) {
    const finding = rule.judge(facts);
    if (!finding) continue;
    reasons.push({ rule: rule.name, verdict: finding.verdict, why: finding.why });
    if (rule.ends || finding.ends) return { verdict: finding.verdict, reasons };
    if (strength.indexOf(finding.verdict) > strength.indexOf(verdict)) verdict = finding.verdict;
  }
  return { verdict, reasons };
}
