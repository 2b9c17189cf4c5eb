import type { Checks } from '../../domain/checks.ts';
import type { MailFacts } from '../../domain/incoming.ts';

/** A mail that goes out to a list, whichever way it got its yes. */
export interface AcceptedMail {
  readonly raw: Buffer;
  readonly facts: MailFacts;
  /** Value of our Received field. */
  readonly trace: string;
  /** What was found out about it when it came. */
  readonly checks: Checks;
  /** A moderator changed it: it is no longer what its author wrote. */
  readonly edited?: true;
}
