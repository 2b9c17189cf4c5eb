import type { Identity } from './identity.ts';

/** What is found out about a mail before the rules run: it may take DNS, another program or a thread, so never inside a transaction. */
export interface Checks {
  readonly identity: Identity;
  /** Attachments with what makes them dangerous; empty for a mail of plain text. */
  readonly attachments: readonly AttachmentFact[];
  /** Why nobody could look for attachments, a clause. Absent: it was done. */
  readonly unread?: string;
  /** Absent where no spam filter is configured, or it did not answer in time. */
  readonly spam?: SpamReport;
}

export interface AttachmentFact {
  /** '' when the mail gives none. */
  readonly filename: string;
  /** `application/pdf`, lower case. */
  readonly type: string;
  readonly bytes: number;
  /** Why nobody should open it, a clause: `report.zip holds a program, setup.exe`. Absent, and `closed` too: harmless as far as can be told. */
  readonly danger?: string;
  /** Why nobody could look into it, a clause: `a.7z is a 7z archive, which nobody can look into`. */
  readonly closed?: string;
}

/** rspamd's answer (POST /checkv2). */
export interface SpamReport {
  readonly action: 'accept' | 'mark' | 'later' | 'reject';
  readonly score: number;
  /** Names of what it found, heaviest first, at most ten. */
  readonly symbols: readonly string[];
}

/** Nobody looked: trial mode, and mail that was never under question, such as an imported archive. */
export const unchecked: Checks = {
  identity: {
    class: 'unverified',
    why: 'this server does not check senders',
    policy: 'none',
    temporary: false,
  },
  attachments: [],
};

/** Its author pressed a button in a mail that only they have: better proof than any header. What was found on the way stays known. */
export function provedByToken(checks: Checks): Checks {
  const { policy, authentication } = checks.identity;
  return {
    ...checks,
    identity: {
      class: 'verified',
      why: 'its author confirmed it',
      policy,
      temporary: false,
      ...(authentication && { authentication }),
    },
  };
}
