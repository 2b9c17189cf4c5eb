/** What a person sees of a mail, taken out of its MIME structure in a worker thread. */
export type Reading =
  | {
      readonly kind: 'read';
      /** Deflated UTF-8; cut at `longestText` characters. */
      readonly text: Uint8Array;
      /** Folded words (search-words.ts) of what the author wrote, and of what was quoted. */
      readonly own: string;
      readonly quoted: string;
      readonly attachments: readonly Attachment[];
      /** The whole raw message deflated, where that saves a tenth. */
      readonly deflated?: Uint8Array;
    }
  /** Too much or too broken for its reader: the post is kept and shown as raw mail. `why` is for the log. */
  | { readonly kind: 'unreadable'; readonly why: string };

export interface Attachment {
  /** IMAP's part number (RFC 3501 §6.4.5): `2`, `1.2`. */
  readonly part: string;
  /** '' when it has none. */
  readonly filename: string;
  /** Lower case, without parameters. */
  readonly contentType: string;
  /** Decoded. */
  readonly bytes: number;
  /** Part of the text, such as an image in HTML or a signature; not what people call an attachment. */
  readonly embedded: boolean;
}

/** Of a longer text, the beginning is shown and searched; in characters. */
export const longestText = 256 * 1024;
