import type { Checks } from '../../domain/checks.ts';
import type { MailFacts } from '../../domain/incoming.ts';
import { type List, listAddress } from '../../domain/list.ts';
import type { MembershipId, Standing } from '../../domain/membership.ts';
import { answersItself, isPatch, watched } from '../../domain/self-answer.ts';
import { referenceChain } from '../../domain/thread-rules.ts';
import { holdsDigest } from '../../mail/digest-text.ts';
import { readIntent, wordsOfCommand } from '../../mail/intents.ts';
import { readableText } from '../../mail/readable-text.ts';
import type { MemberFacts, PostFacts } from '../../policy/rule.ts';
import { addressesOfList } from '../../store/list-names.ts';
import { countPostsOf, type EarlierCopy, postsSince } from '../../store/posts.ts';
import { isAnyMember, standingOf } from '../../store/standing.ts';
import { isLockedAmong } from '../../store/thread-locks.ts';
import type { Context } from '../operation.ts';
import { standingFacts } from '../rules/standing-rules.ts';

/** A mail before the rules of one list: on its way in, or from the store after somebody's yes. */
export interface PostToJudge {
  readonly list: List;
  readonly raw: Buffer;
  readonly text: MailText;
  readonly mail: MailFacts;
  readonly checks: Checks;
  readonly nullSender: boolean;
  readonly behindFrontMta: boolean;
  readonly proofPending: boolean;
  /** What the list has under its Message-ID, other than this very mail. */
  readonly earlier?: EarlierCopy | undefined;
}

/** What the rules ask about the text of a mail, whichever list it is for. */
export interface MailText {
  readonly blank: boolean;
  readonly quotesDigest: boolean;
  /** For `readIntent`. */
  readonly command: string | undefined;
}

/** Once for a mail, which may go to many lists. */
export function readText(raw: Buffer): MailText {
  const text = readableText(raw);
  return {
    blank: text.trim() === '',
    quotesDigest: holdsDigest(text),
    command: wordsOfCommand(text),
  };
}

export interface GatheredFacts {
  readonly facts: PostFacts;
  /** A newcomer of whom enough posts have gone out: they need not be counted again. */
  readonly grownUp?: MembershipId;
}

/** All that the rules ask; reads only, and in most cases nothing but the author's standing. */
export async function gatherFacts(context: Context, post: PostToJudge): Promise<GatheredFacts> {
  const { list, mail, text, checks, earlier } = post;
  const intent = readIntent(text.command, mail, list);
  const { member, grownUp } = await findMember(context, list, mail.author?.email);
  return {
    facts: {
      mail,
      list,
      ownNames: await namesToKnow(context, list, mail),
      nullSender: post.nullSender,
      checks,
      spoofProtection: context.site.senderChecks === 'none' ? 'off' : list.settings.spoof_protection,
      ...(post.proofPending && mail.author ? { proofPending: true } : {}),
      ...(member && { member }),
      ...((await namesMember(context, list, mail)) ? { namesMember: true } : {}),
      ...(await standingFacts(context, { ...post, ...(member && { member }) })),
      ...((await isSelfAnswer(context, list, mail)) ? { answersItself: true } : {}),
      threadLocked: await answersLocked(context, list, mail),
      empty: text.blank && checks.attachments.length === 0 && checks.unread === undefined,
      quotesDigest: text.quotesDigest,
      ...(earlier && {
        earlier: { sameBody: earlier.bodyHash === mail.bodySha256, sameAuthor: earlier.sameAuthor },
      }),
      ...(intent ? { intent } : {}),
      behindFrontMta: post.behindFrontMta,
    },
    ...(grownUp !== undefined && { grownUp }),
  };
}

/** Nearly every post names the list as it is called now and comes from no list: then nobody asks for the other names. */
async function namesToKnow({ tx }: Context, list: List, mail: MailFacts): Promise<readonly string[]> {
  const address: string = listAddress(list);
  const wasOnAList = mail.listIds.length > 0 || mail.beenAt.length > 0;
  const isAddressed = !list.settings.require_addressed || mail.addressed.some((each) => each === address);
  return wasOnAList || !isAddressed ? [list.listId, ...(await addressesOfList(tx, list.id))] : [];
}

async function answersLocked({ tx }: Context, list: List, mail: MailFacts): Promise<boolean> {
  const answered = referenceChain(mail);
  return answered.length > 0 && (await isLockedAmong(tx, list.id, answered));
}

async function isSelfAnswer({ tx, now }: Context, list: List, mail: MailFacts): Promise<boolean> {
  const chain = referenceChain(mail);
  if (!mail.author || chain.length === 0 || isPatch(mail.subject)) return false;
  const own = { listId: list.id, authorEmail: mail.author.email, since: now - watched };
  return answersItself(chain, await postsSince(tx, own), now);
}

async function namesMember({ tx }: Context, list: List, { author, named = [] }: MailFacts): Promise<boolean> {
  return !author && named.length > 0 && (await isAnyMember(tx, list.id, named));
}

/** What the rules ask about the membership of an author. */
export async function findMember(
  context: Context,
  list: List,
  email: string | undefined,
): Promise<{ readonly member?: MemberFacts; readonly grownUp?: MembershipId }> {
  const standing = email === undefined ? undefined : await standingOf(context.tx, list.id, email);
  if (!standing || email === undefined) return {};
  const { role, membership } = standing;
  const wanted = isNewcomer(standing) ? list.settings.hold_first_posts : 0;
  const firstPostsLeft = wanted && wanted - (await countPostsOf(context.tx, list.id, email, wanted));
  return {
    member: {
      role,
      posting: membership.posting,
      firstPostsLeft,
      believed: membership.believedAt !== null,
    },
    ...(wanted > 0 && firstPostsLeft === 0 ? { grownUp: membership.id } : {}),
  };
}

function isNewcomer({ role, membership }: Standing): boolean {
  return membership.trustedAt === null && role === 'member';
}
