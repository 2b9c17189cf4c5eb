import type { AskedPolicy, Authentication } from './authentication.ts';

/**
 * How sure we are that the author is who the From says (email.md §4.3): `verified` is proved; `failed` is contradicted by the domain's
 * own owner; `unverified` is everything between.
 */
export type IdentityClass = 'verified' | 'unverified' | 'failed';

export interface Identity {
  readonly class: IdentityClass;
  /** One clause for people, e.g. `DKIM of example.org matches the From`, `example.org publishes DMARC and the mail fails it`. */
  readonly why: string;
  /** What the owner of the From's domain wants done with mail that fails. */
  readonly policy: AskedPolicy;
  /** DNS did not answer: a later try may know more, so the sender is asked to come back (451). */
  readonly temporary: boolean;
  /** Absent where nothing was checked. */
  readonly authentication?: Authentication;
}
