/** What becomes of a post, and why. */
export type Verdict =
  | 'accept'
  | 'hold'
  | 'reject'
  | 'discard'
  | 'divert'
  | 'intercept'
  | 'already-there'
  | 'defer';

/** One rule's finding: a sentence that can be shown to the sender and to a moderator. */
export interface Reason {
  readonly rule: string;
  readonly verdict: Verdict;
  readonly why: string;
  /** A sentence without its full stop: what the sender can do about it. */
  readonly advice?: string;
}

export interface Decision {
  readonly verdict: Verdict;
  /** Every rule that fired, in the order of decide.ts. */
  readonly reasons: readonly Reason[];
}
