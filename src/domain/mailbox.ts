/** What one of our addresses means (email.md §1). Found at RCPT by resolve-mailbox.ts; unknown addresses never get this far. */
export type Mailbox = ListMailbox | ServiceMailbox;

export type ListMailbox =
  | { readonly kind: 'post'; readonly list: ListRef }
  | { readonly kind: 'request'; readonly list: ListRef }
  | { readonly kind: 'join'; readonly list: ListRef }
  | { readonly kind: 'leave'; readonly list: ListRef; readonly token?: string }
  | { readonly kind: 'mode'; readonly list: ListRef; readonly mode: 'each' | 'digest-mime' | 'none' }
  | { readonly kind: 'confirm'; readonly list: ListRef; readonly token: string }
  | { readonly kind: 'moderate'; readonly list: ListRef; readonly token: string }
  | { readonly kind: 'author-alias'; readonly list: ListRef; readonly token: string }
  | { readonly kind: 'owner'; readonly list: ListRef }
  | { readonly kind: 'bounces'; readonly list: ListRef; readonly token?: string };

export type ServiceMailbox =
  | { readonly kind: 'commands'; readonly domain: string } // listserv@, majordomo@, sympa@ …
  | { readonly kind: 'operators'; readonly local: string; readonly domain: string } // postmaster@, abuse@ …
  | { readonly kind: 'mailer-daemon'; readonly domain: string }
  | { readonly kind: 'noreply'; readonly domain: string };

/**
 * The list a mailbox belongs to, as far as routing needs it. `name` and `domain` are the current ones, `asked` the name that
 * was written, which a renamed list keeps answering to. Tokens are normalised (token.ts).
 */
export interface ListRef {
  readonly id: number;
  readonly name: string;
  readonly domain: string;
  readonly asked: string;
}

/** Why an address is refused at RCPT: the reply's code, enhanced code (RFC 3463) and sentence. */
export interface MailboxRefusal {
  readonly kind: 'refused';
  readonly code: 550;
  readonly enhanced: '5.1.1' | '5.1.3' | '5.1.6' | '5.7.1';
  readonly why: string;
}
