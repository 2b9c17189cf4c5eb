/** The captured mails as the pages read them; what keeps them gives this shape. */
export interface Outbox {
  /** Newest first: at most `limit` that are older than the mail `before`. */
  list(limit: number, before?: string): Promise<readonly CapturedMail[]>;
  read(id: string): Promise<OpenedMail | undefined>;
}

export interface CapturedMail {
  /** Letters, digits, `-`, `_` and `.`: part of a path. */
  readonly id: string;
  /** Envelope sender; '' is the null sender. */
  readonly from: string;
  /** Envelope recipients. */
  readonly to: readonly string[];
  /** Decoded. */
  readonly subject: string;
  /** Epoch milliseconds. */
  readonly at: number;
}

export interface OpenedMail extends CapturedMail {
  /** The header block as it went out. */
  readonly head: string;
  /** What the mail says, as plain text. */
  readonly text: string;
  readonly raw: Uint8Array;
}
