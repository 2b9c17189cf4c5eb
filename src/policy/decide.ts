import type { Decision, Reason, Verdict } from '../domain/verdict.ts';
import { attachment } from './attachment.ts';
import { automatic } from './automatic.ts';
import { bounce } from './bounce.ts';
import { digestReply } from './digest-reply.ts';
import { duplicate } from './duplicate.ts';
import { emergency } from './emergency.ts';
import { empty } from './empty.ts';
import { headerRule } from './header-rule.ts';
import { identity } from './identity.ts';
import { locked } from './locked.ts';
import { loop } from './loop.ts';
import { isAllowed } from './may-post.ts';
import { misdirected } from './misdirected.ts';
import { moderated } from './moderated.ts';
import { notAMember } from './not-a-member.ts';
import { notAddressed } from './not-addressed.ts';
import { otherList } from './other-list.ts';
import type { Finding, PostFacts, Rule } from './rule.ts';
import { senderRule } from './sender-rule.ts';
import { spam } from './spam.ts';
import { tooLarge } from './too-large.ts';
import { tooManyRecipients } from './too-many-recipients.ts';

/** Every rule, in the order in which they are asked and their reasons are shown (email.md §4.2). */
export const rules: readonly Rule[] = [
  loop,
  duplicate,
  bounce,
  automatic,
  otherList,
  senderRule,
  identity,
  emergency,
  misdirected,
  headerRule,
  notAMember,
  moderated,
  notAddressed,
  tooManyRecipients,
  tooLarge,
  attachment,
  spam,
  digestReply,
  empty,
  locked,
];

/**
 * Asks every rule and takes the strongest verdict: reject over discard over “come again” over hold over accept. A rule, or a finding,
 * that `ends` the judgement decides alone. All that was found is kept as reasons.
 */
export function decide(facts: PostFacts): Decision {
  return judgeBy(rules, facts);
}

/** Who said yes after the first judgement: a moderator lifts every hold; its author only that it was read as a command. */
export type Blessing = 'moderator' | 'author';

/**
 * The same with somebody's yes. The questions it answers are not asked again – `held` are the reasons it was held for –, a refusal
 * stands, and nobody is there any more to be asked to come again. No yes makes the same post go out twice.
 */
export function decideAgain(facts: PostFacts, blessing: Blessing, held: readonly Reason[] = []): Decision {
  if (facts.earlier?.sameBody) return judgeBy([duplicate], facts);
  const answered = answeredBy(blessing, held);
  const decision = judgeBy(
    rules.filter(({ name }) => !answered.has(name)),
    facts,
  );
  if (decision.verdict !== 'hold' && decision.verdict !== 'defer') return decision;
  return { ...decision, verdict: blessing === 'moderator' ? 'accept' : 'hold' };
}

/** What one rule makes of a post, for whoever wants to know why. */
export interface Hearing {
  readonly rule: string;
  readonly summary: string;
  readonly finding?: Finding;
  /** Why it does not count: an earlier rule decided alone, or a standing “allow” answers it. */
  readonly ignored?: 'decided-before' | 'allowed';
}

/** Every rule with its finding, those too that were not asked. */
export function hearAll(facts: PostFacts): readonly Hearing[] {
  let ended = false;
  return rules.map((rule) => {
    const finding = rule.judge(facts);
    const ignored = ended ? 'decided-before' : isLifted(rule, facts) ? 'allowed' : undefined;
    if (finding && !ignored && endsWith(rule, finding)) ended = true;
    return {
      rule: rule.name,
      summary: rule.summary,
      ...(finding && { finding }),
      ...(ignored && { ignored }),
    };
  });
}

const strength: readonly Verdict[] = ['accept', 'hold', 'defer', 'discard', 'reject'];

function judgeBy(asked: readonly Rule[], facts: PostFacts): Decision {
  const reasons: Reason[] = [];
  let verdict: Verdict = 'accept';
  for (const rule of asked) {
    if (isLifted(rule, facts)) continue;
    const finding = rule.judge(facts);
    if (!finding) continue;
    const { ends: _, ...said } = finding;
    reasons.push({ rule: rule.name, ...said });
    if (endsWith(rule, finding)) return { verdict: finding.verdict, reasons };
    if (strength.indexOf(finding.verdict) > strength.indexOf(verdict)) verdict = finding.verdict;
  }
  return { verdict, reasons };
}

function isLifted(rule: Rule, facts: PostFacts): boolean {
  const { liftedByAllow: lifted } = rule;
  return lifted !== undefined && isAllowed(facts) && (lifted === true || lifted(facts));
}

function endsWith(rule: Rule, finding: Finding): boolean {
  return rule.ends === true || finding.ends === true;
}

/** What somebody may have decided since: a ban that came after a hold stands. That they still say “hold” a moderator's yes answers anyway. */
const standing: ReadonlySet<string> = new Set([senderRule.name, headerRule.name]);

/** A moderator who lets a mail through answers what `sender allow` answers, too, and whatever it was held for. */
function answeredBy(blessing: Blessing, held: readonly Reason[]): ReadonlySet<string> {
  if (blessing === 'author') return new Set([misdirected.name]);
  const here = [
    loop,
    duplicate,
    bounce,
    automatic,
    misdirected,
    ...rules.filter((rule) => rule.liftedByAllow),
  ];
  const waitedFor = held.filter(
    ({ rule, verdict }) => (verdict === 'hold' || verdict === 'defer') && !standing.has(rule),
  );
  return new Set([...here.map(({ name }) => name), ...waitedFor.map(({ rule }) => rule)]);
}
