/**
 * The one way an operation says no: a stable code for programs and one sentence for the person who asked.
 * Doors translate the code (exit status, HTTP status, SMTP reply); anything else that is thrown is a bug.
 */
export type RefusalCode =
  | 'invalid' // the request itself makes no sense: wrong value, impossible address
  | 'not-found' // what it names does not exist (or may not be known to the one who asks)
  | 'exists' // what it would make is there already
  | 'not-allowed' // the actor lacks the right
  | 'closed' // the list takes no posts and no joins
  | 'expired' // the token or the held item is past its time
  | 'limit' // too much, too often
  | 'conflict' // true a moment ago, not any more: somebody else was first
  | 'busy' // the store cannot take it just now: try again
  | 'full'; // the disk is full: somebody has to make room first

export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly code: RefusalCode;

  /** `sentence`: what was wrong, where, and what to do; safe to show to the other side. */
  constructor(code: RefusalCode, sentence: string) {
    super(sentence);
    this.code = code;
  }
}
