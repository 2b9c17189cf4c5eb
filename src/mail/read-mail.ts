import type { MailFacts } from '../domain/incoming.ts';
import type { Reading } from '../domain/reading.ts';

/** All that the archive wants to know of a mail. */
export interface ReadMail {
  readonly facts: MailFacts;
  readonly reading: Reading;
}

/** What the pool and its threads say to each other. One buffer goes over, not copied: a clone for each mail costs as much as its parsing. */
export interface ReadRequest {
  /** The mails, one after the other. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly lengths: readonly number[];
}
export type ReadResponse =
  /** First of all: its modules are loaded. */
  { readonly kind: 'ready' } | { readonly kind: 'mails'; readonly mails: readonly ReadMail[] };
