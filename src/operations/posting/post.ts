import type { CheckedMail, RecipientResult } from '../../domain/incoming.ts';
import { type List, listAddress } from '../../domain/list.ts';
import type { ListRef, MailboxRefusal } from '../../domain/mailbox.ts';
import { closedFor, noLongerThere } from '../../domain/resolve-mailbox.ts';
import type { Decision, Reason } from '../../domain/verdict.ts';
import { decide } from '../../policy/decide.ts';
import { isProved, mayBeReleased } from '../../policy/identity.ts';
import type { PostFacts } from '../../policy/rule.ts';
import { loadList } from '../../store/lists.ts';
import { updateMembership } from '../../store/memberships.ts';
import type { EarlierCopy } from '../../store/posts.ts';
import { takeQuota } from '../../store/quotas.ts';
import { receivedValue } from '../incoming/received.ts';
import { recordBounce } from '../incoming/record-bounce.ts';
import type { Context } from '../operation.ts';
import { askAuthor } from './ask-author.ts';
import { isProofPending } from './await-proof.ts';
import { copiesOf } from './copies.ts';
import { type GatheredFacts, gatherFacts, type MailText } from './gather-facts.ts';
import { holdMail } from './hold-mail.ts';
import { interceptCommand } from './misdirected.ts';
import { askToComeAgain, explain, insteadOfRefusal, refusePost } from './refuse-post.ts';
import { sendToList } from './send-to-list.ts';
import { tellHeld } from './tell-sender.ts';

export interface JudgedPost extends GatheredFacts {
  readonly list: List;
  readonly ref: ListRef;
  readonly earlier: EarlierCopy | undefined;
  readonly decision: Decision;
}

/**
 * Gathers what the rules need (three reads for most posts) and asks them; writes nothing but the counts of limits. A refusal: since RCPT,
 * which may be minutes ago, the list was closed or deleted.
 */
export async function judgePost(
  context: Context,
  { mail, text, ref }: { readonly mail: CheckedMail; readonly text: MailText; readonly ref: ListRef },
): Promise<JudgedPost | MailboxRefusal> {
  const list = await loadList(context.tx, ref.id);
  if (!list) return noLongerThere();
  if (list.closedAt !== null) return closedFor(context.site, list);
  const found = await factsOnArrival(context, list, {
    mail,
    text,
    proofPending: await isProofPending(context, mail),
  });
  return { list, ref, ...found, decision: await limitRate(context, found.facts, decide(found.facts)) };
}

/** What the rules ask about a mail that just came in. Reads only. */
export async function factsOnArrival(
  context: Context,
  list: List,
  {
    mail,
    text,
    proofPending,
  }: { readonly mail: CheckedMail; readonly text: MailText; readonly proofPending: boolean },
): Promise<GatheredFacts & { readonly earlier: EarlierCopy | undefined }> {
  const copies = await copiesOf(context, list, { mail: mail.facts, checks: mail.checks });
  // A post sent again is known by its text, even where others share its Message-ID.
  const same = copies.filter((copy) => copy.bodyHash === mail.facts.bodySha256);
  const earlier = same.find(({ sameAuthor }) => sameAuthor) ?? same[0] ?? copies[0];
  const gathered = await gatherFacts(context, {
    list,
    raw: mail.raw,
    text,
    mail: mail.facts,
    checks: mail.checks,
    nullSender: mail.envelopeSender === '',
    behindFrontMta: mail.peer.trusted,
    proofPending,
    earlier,
  });
  return { ...gathered, earlier };
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
      if (post.grownUp !== undefined)
        await updateMembership(context.tx, post.grownUp, { trustedAt: context.now });
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
      return sameAsBefore(post.earlier);
    case 'divert':
      return recordBounce(context, mail, post.ref, undefined);
    case 'intercept':
      return interceptCommand(context, mail, post.list, post.facts.intent ?? 'leave');
    case 'discard':
      return { kind: 'dropped', note: explain(decision.reasons) };
    case 'reject':
      return refuse(context, mail, post);
    case 'defer':
      return askToComeAgain(decision);
  }
}

/** Its sender did not hear the first answer, which this one repeats. */
function sameAsBefore(earlier: EarlierCopy | undefined): RecipientResult {
  const id = earlier?.id ?? 0;
  return earlier?.where === 'held'
    ? { kind: 'held', id, note: `held for a moderator as ${id}, here already` }
    : { kind: 'accepted', id, note: `accepted as ${id}, here already` };
}

/** A refusal that becomes a hold, because another recipient takes the mail, counts like any: or a stranger could fill the queue. */
export async function holdInstead(context: Context, post: JudgedPost): Promise<JudgedPost> {
  const held: Decision = { ...post.decision, verdict: 'hold' };
  return { ...post, decision: await limitRate(context, post.facts, held) };
}

async function limitRate(context: Context, facts: PostFacts, decision: Decision): Promise<Decision> {
  if (decision.verdict !== 'accept' && decision.verdict !== 'hold') return decision;
  const { postsPerSender, postsPerList } = context.site.limits;
  const { tx, now } = context;
  const sender = facts.mail.author?.email ?? '';
  // Whoever writes in somebody’s name uses up nothing of theirs; and what is held, nothing of what the list may send.
  const posts = isProved(facts) ? 'posts-of' : 'unproved-posts-of';
  const list = decision.verdict === 'accept' ? 'posts-to' : 'held-for';
  if (postsPerSender && !(await takeQuota(tx, `${posts}:${sender}`, { rate: postsPerSender, now }))) {
    return defer(decision, `${sender} has posted ${postsPerSender.count} times lately`);
  }
  if (postsPerList && !(await takeQuota(tx, `${list}:${facts.list.id}`, { rate: postsPerList, now }))) {
    return defer(decision, `${listAddress(facts.list)} has had ${postsPerList.count} posts lately`);
  }
  return decision;
}

function defer({ reasons }: Decision, why: string): Decision {
  return { verdict: 'defer', reasons: [...reasons, { rule: 'rate', verdict: 'defer', why }] };
}

async function holdPost(context: Context, mail: CheckedMail, post: JudgedPost): Promise<RecipientResult> {
  const { list, facts, decision } = post;
  const { reasons } = decision;
  const trace = receivedValue(context, mail, listAddress(list));
  const { id, expiresAt } = await holdMail(context, { ...mail, trace }, list, reasons);
  const held = { list, heldId: id, reasons, expiresAt };
  // Spam is answered by nobody: whoever sent it would learn what passes, and whose address it bears had nothing to do with it.
  const isSpam = reasons.some(({ rule }) => rule === 'spam');
  if (!isSpam && isProved(facts)) await tellHeld(context, mail, held);
  else if (!isSpam && waitsForProof(facts, reasons)) await askAuthor(context, mail, held);
  return { kind: 'held', id, note: `held for a moderator as ${id}: ${explain(reasons)}` };
}

function waitsForProof(facts: PostFacts, reasons: readonly Reason[]): boolean {
  return (
    mayBeReleased(facts) &&
    reasons.some(({ rule }) => rule === 'identity') &&
    reasons.every(({ verdict }) => verdict !== 'reject' && verdict !== 'discard')
  );
}

async function refuse(context: Context, mail: CheckedMail, post: JudgedPost): Promise<RecipientResult> {
  switch (insteadOfRefusal(post.facts)) {
    case 'hold':
      return holdPost(context, mail, post);
    case 'discard':
      return { kind: 'dropped', note: `refused: ${explain(post.decision.reasons)}` };
    case undefined:
      return refusePost(post.list, post.decision);
  }
}
