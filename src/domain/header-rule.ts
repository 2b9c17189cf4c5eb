export const headerActions = ['accept', 'hold', 'reject', 'discard'] as const;
export type HeaderAction = (typeof headerActions)[number];

/** What an owner wants done with mail whose header field matches: `Subject /\bunsubscribe\b/i`, `X-Mailer /MassSender/`. */
export interface HeaderRule {
  readonly id: number;
  /** null: the whole site. */
  readonly listId: number | null;
  /** Field name, lower case. */
  readonly field: string;
  /** RE2 syntax, without slashes; matches anywhere in the decoded value, case-insensitively. */
  readonly pattern: string;
  readonly action: HeaderAction;
  readonly createdBy: string;
  readonly createdAt: number;
}
