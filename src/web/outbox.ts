/** The captured mails of trial mode and demo, as what keeps them gives them. */
export interface Outbox {
  /** Newest first: at most `limit`, older than the mail `before` where one is given. */
  list(limit: number, before?: string): Promise<readonly CapturedMail[]>;
  /** Undefined when there is no such mail (any more). */
  read(id: string): Promise<OpenedMail | undefined>;
}

export interface CapturedMail {
  /** Part of a path: letters, digits and `-`. */
  readonly id: string;
  /** Epoch milliseconds. */
  readonly at: number;
  /** '' is the null sender. */
  readonly returnPath: string;
  readonly recipients: readonly string[];
  /** Decoded, and '' where there is none; so is the subject. */
  readonly from: string;
  readonly subject: string;
}

export type OpenedMail = CapturedMail & { readonly raw: Buffer };
