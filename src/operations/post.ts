import type { CheckedMail, RecipientResult } from '../domain/incoming.ts';
import { type List, listAddress } from '../domain/list.ts';
import type { ListRef } from '../domain/mailbox.ts';
import type { Standing } from '../domain/membership.ts';
import type { Decision, Reason } from '../domain/verdict.ts';
import { readIntent } from '../mail/intents.ts';
import { decide } from '../policy/decide.ts';
import type { MemberFacts, PostFacts } from '../policy/rule.ts';
import { addressesOfList } from '../store/list-names.ts';
import { loadList } from '../store/lists.ts';
import { type EarlierCopy, findEarlierCopies } from '../store/posts.ts';
import { takeQuota } from '../store/quotas.ts';
import { standingOf } from '../store/standing.ts';
import { holdMail } from './hold-mail.ts';
import { interceptCommand } from './misdirected.ts';
import type { Context } from './operation.ts';
import { receivedValue } from './received.ts';
import { recordBounce } from './record-bounce.ts';
import { sendToList } from './send-to-list.ts';
import { tellHeld } from './tell-sender.ts';

export interface JudgedPost {
  readonly list: List;
  readonly ref: ListRef;
  readonly facts: PostFacts;
  readonly earlier: EarlierCopy | undefined;
  readonly decision: Decision;
}

/** Gathers what the rules need (three reads) and asks them; writes nothing but the counts of the rate limits. */
export async function judgePost(context: Context, mail: CheckedMail, ref: ListRef): Promise<JudgedPost> {
  const list = await loadList(context.tx, ref.id);
  if (!list) throw new Error(`list ${ref.id} vanished between RCPT and DATA`);
  const copies = await findEarlierCopies(context.tx, list.id, mail.facts.messageId);
  // A post sent again is known by its text, even where others share its Message-ID.
  const earlier = copies.find((copy) => copy.bodyHash === mail.facts.bodySha256) ?? copies[0];
  const facts = await gatherFacts(context, mail, list, earlier);
  return { list, ref, facts, earlier, decision: await limitRate(context, facts, decide(facts)) };
}

/** Does what was decided and says what the door may tell. */
export async function settlePost(
  context: Context,
  mail: CheckedMail,
  post: JudgedPost,
): Promise<RecipientResult> {
  const { decision } = post;
  switch (decision.verdict) {
    case 'accept': {
      const { id } = await sendToList(
        context,
        { ...mail, trace: receivedValue(context, mail, listAddress(post.list)) },
        post.list,
      );
      return { kind: 'accepted', id, note: `accepted as ${id}` };
    }
    case 'hold':
      return holdPost(context, mail, post);
    case 'already-there':
      return {
        kind: 'accepted',
        id: post.earlier?.id ?? 0,
        note: `accepted as ${post.earlier?.id ?? 0}, here already`,
      };
    case 'divert':
      return recordBounce(context, mail, post.ref, undefined);
    case 'intercept':
      return interceptCommand(context, mail, post.list, post.facts.intent ?? 'leave');
    case 'discard':
      return { kind: 'dropped', note: explain(decision.reasons) };
    case 'reject':
      return refuse(context, mail, post);
    case 'defer':
      return {
        kind: 'refused',
        code: 450,
        enhanced: '4.7.1',
        why: `${explain(decision.reasons)}. Try again later`,
      };
  }
}

async function gatherFacts(
  context: Context,
  mail: CheckedMail,
  list: List,
  earlier: EarlierCopy | undefined,
): Promise<PostFacts> {
  const { facts } = mail;
  const standing = facts.author && (await standingOf(context.tx, list.id, facts.author.email));
  const wasOnAList = facts.listIds.length > 0 || facts.beenAt.length > 0;
  const intent = readIntent(mail.raw, facts, list);
  return {
    mail: facts,
    list,
    ownNames: wasOnAList ? [list.listId, ...(await addressesOfList(context.tx, list.id))] : [],
    nullSender: mail.envelopeSender === '',
    checks: mail.checks,
    spoofProtection: context.site.senderChecks === 'none' ? 'off' : list.settings.spoof_protection,
    ...(standing ? { member: memberFacts(standing) } : {}),
    headerRules: [],
    threadLocked: false,
    empty: false,
    quotesDigest: false,
    ...(earlier ? { earlier: { sameBody: earlier.bodyHash === facts.bodySha256 } } : {}),
    ...(intent ? { intent } : {}),
    behindFrontMta: mail.peer.trusted,
  };
}

export function memberFacts({ role, membership }: Standing): MemberFacts {
  return {
    role,
    posting: membership.posting,
    firstPostsLeft: 0,
    believed: membership.believedAt !== null,
  };
}

async function limitRate(context: Context, facts: PostFacts, decision: Decision): Promise<Decision> {
  if (decision.verdict !== 'accept' && decision.verdict !== 'hold') return decision;
  const { postsPerSender, postsPerList } = context.site.limits;
  const { tx, now } = context;
  const sender = facts.mail.author?.email ?? '';
  if (postsPerSender && !(await takeQuota(tx, `posts-of:${sender}`, { rate: postsPerSender, now }))) {
    return defer(decision, `${sender} has posted ${postsPerSender.count} times lately`);
  }
  if (postsPerList && !(await takeQuota(tx, `posts-to:${facts.list.id}`, { rate: postsPerList, now }))) {
    return defer(decision, `${listAddress(facts.list)} has had ${postsPerList.count} posts lately`);
  }
  return decision;
}

function defer({ reasons }: Decision, why: string): Decision {
  return { verdict: 'defer', reasons: [...reasons, { rule: 'rate', verdict: 'defer', why }] };
}

async function holdPost(context: Context, mail: CheckedMail, post: JudgedPost): Promise<RecipientResult> {
  const { list, decision } = post;
  const trace = receivedValue(context, mail, listAddress(list));
  const { id, expiresAt } = await holdMail(context, { ...mail, trace }, list, decision.reasons);
  if (post.facts.member)
    await tellHeld(context, mail, { list, heldId: id, reasons: decision.reasons, expiresAt });
  return { kind: 'held', id, note: `held for a moderator as ${id}: ${explain(decision.reasons)}` };
}

/** Behind a front MTA our refusal would become its bounce, to a perhaps forged sender: a member's post waits, the rest is dropped. */
async function refuse(context: Context, mail: CheckedMail, post: JudgedPost): Promise<RecipientResult> {
  const { reasons } = post.decision;
  if (mail.peer.trusted) {
    return post.facts.member
      ? holdPost(context, mail, post)
      : { kind: 'dropped', note: `refused: ${explain(reasons)}` };
  }
  const why = `Not posted to ${listAddress(post.list)}: ${explain(reasons)}`;
  if (reasons.some((reason) => reason.rule === 'too-large'))
    return { kind: 'refused', code: 552, enhanced: '5.3.4', why };
  const howToJoin =
    reasons.some((reason) => reason.rule === 'not-a-member') && post.list.settings.post === 'members';
  const hint = howToJoin ? `. To join, write to ${post.list.name}-join@${post.list.domain}` : '';
  return { kind: 'refused', code: 550, enhanced: '5.7.1', why: why + hint };
}

function explain(reasons: readonly Reason[]): string {
  return reasons.map((reason) => reason.why).join('; ');
}
