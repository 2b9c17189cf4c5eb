import type { AskedPolicy, Authentication } from '../domain/authentication.ts';

/** What is known of whoever wrote a mail. */
export interface SenderFacts {
  /** Absent where nobody looked. */
  readonly authentication?: Authentication | undefined;
  /** When their mail goes out, epoch milliseconds. */
  readonly at: number;
  /** They are who the From says (email.md §4.3): by the checks, or because they said so themselves when we asked. */
  readonly proved: boolean;
  /** What the owner of their domain asks for. */
  readonly policy: AskedPolicy;
  /** Why the From is rewritten whatever else is so, a clause: a moderator changed the text, somebody's server refused it. */
  readonly forced?: string | undefined;
  /** A moderator changed what they wrote. */
  readonly edited?: boolean | undefined;
  /** Domains whose mail we sign with a key of theirs. */
  readonly ownDomains: readonly string[];
}
