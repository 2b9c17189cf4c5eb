import { z } from 'zod';
import type { AttachmentFact, SpamReport } from '../../domain/checks.ts';
import type { Identity } from '../../domain/identity.ts';
import type { CheckedMail } from '../../domain/incoming.ts';
import { listAddress } from '../../domain/list.ts';
import { closedFor } from '../../domain/resolve-mailbox.ts';
import type { Site } from '../../domain/site.ts';
import type { Decision, Verdict } from '../../domain/verdict.ts';
import { decide, type Hearing, hearAll } from '../../policy/decide.ts';
import { proofWanted } from '../../policy/identity.ts';
import type { MemberFacts, PostFacts } from '../../policy/rule.ts';
import { requireRoleOn } from '../authorise.ts';
import { findList, listInput } from '../find-list.ts';
import type { Operation } from '../operation.ts';
import { readText } from './gather-facts.ts';
import { factsOnArrival } from './post.ts';
import { askToComeAgain, refusePost } from './refuse-post.ts';

const input = z.object({ list: listInput, mail: z.custom<CheckedMail>() });

/** What would become of a mail that came to a list now, and why. Rate limits are not asked. */
export interface ExplainedPost {
  readonly list: string;
  readonly verdict: Verdict;
  /** What its sender's mail server would be told, where it is refused. */
  readonly reply?: string;
  /** The one author, or null where the From cannot be read as one. */
  readonly author: string | null;
  readonly identity: Omit<Identity, 'authentication'>;
  /** Who finds out whether a From is true: this server, the one in front, or nobody. */
  readonly senderChecks: Site['senderChecks'];
  /** As the list has it, and what it comes to for this mail. */
  readonly spoofProtection: { readonly setting: SpoofProtection; readonly inForce: SpoofProtection };
  readonly member?: MemberFacts;
  readonly rules: readonly ExplainedRule[];
  /** Standing decisions that fit: `sender ls`, `header ls`. */
  readonly senderRule?: { readonly pattern: string; readonly action: string; readonly site: boolean };
  readonly headerRules: readonly {
    readonly field: string;
    readonly pattern: string;
    readonly action: string;
    readonly site: boolean;
  }[];
  readonly attachments: readonly AttachmentFact[];
  readonly spam?: SpamReport;
}

type SpoofProtection = PostFacts['spoofProtection'];

/** In the order in which they are asked. `ignored` tells why a finding does not count. */
export interface ExplainedRule extends Pick<Hearing, 'rule' | 'summary' | 'ignored'> {
  readonly verdict?: Verdict;
  readonly why?: string;
}

export const explainPost: Operation<z.infer<typeof input>, ExplainedPost> = {
  name: 'explain-post',
  kind: 'query',
  summary: 'Tells what would become of a mail to a list, and why.',
  input,
  authorise: (context, { list }) => requireRoleOn(context, list, 'moderator'),
  run: async (context, { list: named, mail }) => {
    const list = await findList(context, named);
    const { facts } = await factsOnArrival(context, list, {
      mail,
      text: readText(mail.raw),
      proofPending: mail.checks.identity.temporary,
    });
    const explained = describe(facts, decide(facts), context.site.senderChecks);
    if (list.closedAt === null) return explained;
    // Refused before anybody saw the mail; what the rules say tells what would become of it on the list opened again.
    const { code, enhanced, why } = closedFor(context.site, list);
    return { ...explained, verdict: 'reject', reply: `${code} ${enhanced} ${why}` };
  },
};

function describe(facts: PostFacts, decision: Decision, senderChecks: Site['senderChecks']): ExplainedPost {
  const { list, mail, checks, member, senderRule, headerRules } = facts;
  const { authentication: _, ...identity } = checks.identity;
  const reply = replyTo(facts, decision);
  return {
    list: listAddress(list),
    verdict: decision.verdict,
    ...(reply === undefined ? {} : { reply }),
    author: mail.author?.email ?? null,
    identity,
    senderChecks,
    spoofProtection: { setting: list.settings.spoof_protection, inForce: proofWanted(facts) },
    ...(member && { member }),
    rules: hearAll(facts).map(describeRule),
    ...(senderRule && { senderRule: describeStanding(senderRule) }),
    headerRules: headerRules.map((rule) => ({ field: rule.field, ...describeStanding(rule) })),
    attachments: checks.attachments,
    ...(checks.spam && { spam: checks.spam }),
  };
}

function describeRule({ rule, summary, finding, ignored }: Hearing): ExplainedRule {
  return {
    rule,
    summary,
    ...(finding && { verdict: finding.verdict, why: finding.why }),
    ...(ignored && { ignored }),
  };
}

function describeStanding<A extends string>({
  pattern,
  action,
  listId,
}: {
  readonly pattern: string;
  readonly action: A;
  readonly listId: number | null;
}) {
  return { pattern, action, site: listId === null };
}

function replyTo({ list }: PostFacts, decision: Decision): string | undefined {
  if (decision.verdict !== 'reject' && decision.verdict !== 'defer') return undefined;
  const { code, enhanced, why } =
    decision.verdict === 'reject' ? refusePost(list, decision) : askToComeAgain(decision);
  return `${code} ${enhanced} ${why}`;
}
