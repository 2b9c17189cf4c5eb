import { z } from 'zod';
import type { AttachmentFact, SpamReport } from '../../domain/checks.ts';
import type { HeaderRule } from '../../domain/header-rule.ts';
import type { Identity } from '../../domain/identity.ts';
import type { CheckedMail } from '../../domain/incoming.ts';
import { type List, listAddress } from '../../domain/list.ts';
import { closedFor } from '../../domain/resolve-mailbox.ts';
import type { SenderRule } from '../../domain/sender-rule.ts';
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
import { askToComeAgain, insteadOfRefusal, refusePost } from './refuse-post.ts';

const input = z.object({ list: listInput, mail: z.custom<CheckedMail>() });

/** What would become of a mail that came to a list now, and why. Rate limits are not asked. */
export interface ExplainedPost {
  readonly list: string;
  readonly verdict: Verdict;
  /** What its sender's mail server would be told, where it is refused; else null. */
  readonly reply: string | null;
  /** The one author, or null where the From cannot be read as one. */
  readonly author: string | null;
  readonly identity: Omit<Identity, 'authentication'>;
  /** Who finds out whether a From is true: this server, the one in front, or nobody. */
  readonly senderChecks: Site['senderChecks'];
  /** As the list has it, and what it comes to for this mail. */
  readonly spoofProtection: { readonly setting: SpoofProtection; readonly inForce: SpoofProtection };
  /** null: the author is none of this list. */
  readonly member: MemberFacts | null;
  readonly rules: readonly ExplainedRule[];
  /** Standing decisions that fit: `sender ls`, `header ls`. */
  readonly senderRule: ExplainedStanding | null;
  readonly headerRules: readonly (ExplainedStanding & { readonly field: string })[];
  readonly attachments: readonly ExplainedFile[];
  /** null: no rspamd is configured, or it did not answer in time. */
  readonly rspamd: SpamReport | null;
}

export interface ExplainedStanding {
  /** The list's address; null: the whole site. */
  readonly list: string | null;
  readonly pattern: string;
  readonly action: string;
}

/** `danger` and `closed`: both null where it is harmless as far as can be told. */
export type ExplainedFile = Omit<AttachmentFact, 'danger' | 'closed'> & {
  readonly danger: string | null;
  readonly closed: string | null;
};

type SpoofProtection = PostFacts['spoofProtection'];

/** In the order in which they are asked; `verdict` and `why` are null where it finds nothing. */
export interface ExplainedRule extends Pick<Hearing, 'rule' | 'summary'> {
  readonly verdict: Verdict | null;
  readonly why: string | null;
  /** Why a finding does not count; null: it does. */
  readonly ignored: NonNullable<Hearing['ignored']> | null;
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
  const instead = decision.verdict === 'reject' ? insteadOfRefusal(facts) : undefined;
  return {
    list: listAddress(list),
    verdict: instead ?? decision.verdict,
    reply: instead ? null : replyTo(facts, decision),
    author: mail.author?.email ?? null,
    identity,
    senderChecks,
    spoofProtection: { setting: list.settings.spoof_protection, inForce: proofWanted(facts) },
    member: member ?? null,
    rules: hearAll(facts).map(describeRule),
    senderRule: senderRule ? describeStanding(list, senderRule) : null,
    headerRules: headerRules.map((rule) => ({ field: rule.field, ...describeStanding(list, rule) })),
    attachments: checks.attachments.map(({ danger = null, closed = null, ...file }) => ({
      ...file,
      danger,
      closed,
    })),
    rspamd: checks.spam ?? null,
  };
}

function describeRule({ rule, summary, finding, ignored }: Hearing): ExplainedRule {
  return {
    rule,
    summary,
    verdict: finding?.verdict ?? null,
    why: finding?.why ?? null,
    ignored: ignored ?? null,
  };
}

function describeStanding(
  list: List,
  { pattern, action, listId }: Pick<SenderRule | HeaderRule, 'pattern' | 'action' | 'listId'>,
): ExplainedStanding {
  return { list: listId === null ? null : listAddress(list), pattern, action };
}

function replyTo({ list }: PostFacts, decision: Decision): string | null {
  if (decision.verdict !== 'reject' && decision.verdict !== 'defer') return null;
  const { code, enhanced, why } =
    decision.verdict === 'reject' ? refusePost(list, decision) : askToComeAgain(decision);
  return `${code} ${enhanced} ${why}`;
}
