import type { MailFacts } from '../domain/incoming.ts';
import type { Reading } from '../domain/reading.ts';

/** All that the archive wants to know of a mail. */
export interface ReadMail {
  readonly facts: MailFacts;
  readonly reading: Reading;
}

/** What the pool and its threads say to each other. */
export interface ReadRequest {
  readonly raws: readonly Uint8Array[];
}
export type ReadResponse =
  /** First of all: its modules are loaded. */
  { readonly kind: 'ready' } | { readonly kind: 'mails'; readonly mails: readonly ReadMail[] };
