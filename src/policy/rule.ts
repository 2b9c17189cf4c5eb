import type { Checks } from '../domain/checks.ts';
import type { HeaderRule } from '../domain/header-rule.ts';
import type { MailFacts } from '../domain/incoming.ts';
import type { List } from '../domain/list.ts';
import type { Posting, Role } from '../domain/membership.ts';
import type { SenderRule } from '../domain/sender-rule.ts';
import type { Verdict } from '../domain/verdict.ts';

/** All that a rule may know about a post. Gathered once, before any rule runs. */
export interface PostFacts {
  readonly mail: MailFacts;
  readonly list: List;
  /**
   * Every address the list answers to, old names included, and its List-Id: to know our own mail again. Empty where the mail has been on
   * no list and names the list as it is called now.
   */
  readonly ownNames: readonly string[];
  readonly nullSender: boolean;
  readonly checks: Checks;
  /** DNS could not tell yet who wrote it, and its sender has not been asked for long to come again. */
  readonly proofPending?: true;
  /** `off` where the site checks nobody (trial mode); else the list's own setting. */
  readonly spoofProtection: 'off' | 'standard' | 'strict';
  /** What the author is to this list; absent for somebody who is not a member. */
  readonly member?: MemberFacts;
  /** The From is not one readable author, and an address in it is a member's: perhaps a member wrote it, with an odd program. */
  readonly namesMember?: true;
  /** The standing decision that fits the author best, of those that are about them (spared.ts). */
  readonly senderRule?: SenderRule;
  /** Those that match, of the list and the site, and are about the author. */
  readonly headerRules: readonly HeaderRule[];
  /** It answers into a thread that a moderator has locked. */
  readonly threadLocked: boolean;
  /** Neither words nor attachments. */
  readonly empty: boolean;
  /** A whole digest stands in its text, quoted or not. */
  readonly quotesDigest: boolean;
  /** This Message-ID is in the archive or waits already. */
  readonly earlier?: { readonly sameBody: boolean; readonly sameAuthor: boolean };
  /** The whole mail says nothing but "let me in" or "let me out" (email.md §2.5). */
  readonly intent?: 'join' | 'leave';
  /** It answers a post of its own author as quickly, or as often, as only a program does. */
  readonly answersItself?: true;
  /** Came over LMTP or from a front MTA: a refusal would become its bounce to a perhaps forged sender. */
  readonly behindFrontMta: boolean;
}

export interface MemberFacts {
  readonly role: Role;
  /** What a moderator decided about this member's posts. */
  readonly posting: Posting;
  /** How many more posts of this newcomer are held (`hold_first_posts`). */
  readonly firstPostsLeft: number;
  /** A moderator believes this address without proof: a risk that the roster shows. */
  readonly believed: boolean;
}

export interface Finding {
  readonly verdict: Verdict;
  /** A clause that goes after "This post was held because …": shown to its sender and to moderators. */
  readonly why: string;
  /** A sentence without its full stop: what the sender of a refused post can do. */
  readonly advice?: string;
  /** This finding alone decides, and no later rule is asked: a ban. */
  readonly ends?: true;
}

export interface Rule {
  readonly name: string;
  readonly summary: string;
  /** True: when it finds something, no later rule is asked. */
  readonly ends?: true;
  /** A standing “allow” answers it: `sender allow`, or a header rule that accepts (email.md §4.2); of some only where this says so. */
  readonly liftedByAllow?: true | ((facts: PostFacts) => boolean);
  judge(facts: PostFacts): Finding | undefined;
}
