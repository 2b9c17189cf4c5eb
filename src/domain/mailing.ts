import type { AskedPolicy, Authentication } from './authentication.ts';

/**
 * A mail on its way to one or many. `post`: fans out to a list's members, each copy personal unless shared. `forward`: a mail
 * passed on to a few named people. `notice`: composed by us, sent as stored.
 */
export const mailingKinds = ['post', 'forward', 'notice'] as const;
export type MailingKind = (typeof mailingKinds)[number];

/** `urgent` is what somebody waits for: confirmations, answers. */
export type Priority = 'urgent' | 'normal' | 'bulk';

/** `verp`: `birds-bounces+TOKEN@`, so that a bounce names its delivery. `null`: `<>`, so that nothing ever comes back. */
export type ReturnPath = 'verp' | 'null';

/** What a copy needs later and no other table knows. */
export interface MailingFacts {
  /** Value of our Received field. */
  readonly trace?: string;
  /** A post's number, Message-ID-Hash and author's address. */
  readonly number?: number;
  readonly hash?: string;
  readonly author?: string;
  /** What was found out about its author when it came; absent where nobody looked. */
  readonly authentication?: Authentication;
  /** It is proved that its author is who the From says (email.md §4.3). */
  readonly proved?: boolean;
  /** What the owner of the author's domain asks for; absent where nobody asked. */
  readonly policy?: AskedPolicy;
  /** Names the address `birds-from+TOKEN@` that stands for the author; absent where none is needed whatever happens. */
  readonly alias?: number;
  /** Its author is no member, so that answers to the list alone would not reach them; said only where that may matter. */
  readonly stranger?: boolean;
  /** Its From is rewritten whatever the author's domain asks for: somebody's server refused it as it was. */
  readonly munge?: boolean;
  /** A moderator changed it, and its header says so. */
  readonly edited?: boolean;
  /** Which of our texts a notice is, where its failure tells more than that an address fails. */
  readonly notice?: string;
  /** The address of ours that a forward came through. */
  readonly via?: string;
}

export interface Mailing {
  readonly id: number;
  readonly kind: MailingKind;
  readonly listId: number | null;
  readonly bodyId: number;
  readonly returnPath: ReturnPath;
  /** Epoch milliseconds, like the next. */
  readonly createdAt: number;
  readonly giveUpAt: number;
  readonly facts: MailingFacts;
  /** How many deliveries it has so far; `growing` while members are still being added. */
  readonly deliveries: number;
  readonly growing: boolean;
}

/**
 * `queued` is due, `deferred` waits for its time, `claimed` is in the hands of a worker under a lease; the others are final.
 * `cancelled`: an operator's doing, or the member left before it was sent.
 */
export type DeliveryState = 'queued' | 'deferred' | 'claimed' | 'sent' | 'failed' | 'cancelled';
