import type { MailFacts } from '../domain/incoming.ts';
import type { List } from '../domain/list.ts';
import type { Role } from '../domain/membership.ts';
import type { Verdict } from '../domain/verdict.ts';

/** All that a rule may know about a post. Gathered once, before any rule runs. */
export interface PostFacts {
  readonly mail: MailFacts;
  readonly list: List;
  /** Every address the list answers to, old names included, and its List-Id: to know our own mail again. */
  readonly ownNames: readonly string[];
  readonly nullSender: boolean;
  /** How sure we are of the author (email.md §4.3). */
  readonly identity: 'verified' | 'unverified' | 'failed';
  /** The author's role on this list; absent for somebody who is not a member. */
  readonly role?: Role;
  /** This Message-ID is in the archive or waits already. */
  readonly earlier?: { readonly sameBody: boolean };
  /** The whole mail says nothing but "let me in" or "let me out" (email.md §2.5). */
  readonly intent?: 'join' | 'leave';
  /** Came over LMTP or from a front MTA: a refusal would become its bounce to a perhaps forged sender. */
  readonly behindFrontMta: boolean;
}

export interface Finding {
  readonly verdict: Verdict;
  /** A clause that goes after "This post was held because …": shown to its sender and to moderators. */
  readonly why: string;
}

export interface Rule {
  readonly name: string;
  readonly summary: string;
  /** True: when it finds something, no later rule is asked. */
  readonly ends?: true;
  judge(facts: PostFacts): Finding | undefined;
}
