import type { Address } from './address.ts';
import type { Checks } from './checks.ts';
import type { Mailbox } from './mailbox.ts';

/** One mail as a door hands it over: envelope, bytes and what a cheap look at the header block told. */
export interface IncomingMail {
  /** Envelope sender in canonical form; '' is the null sender of bounces. */
  readonly envelopeSender: Address | '';
  readonly recipients: readonly Recipient[];
  /** The message exactly as received, CRLF line ends, without a Received field of ours. */
  readonly raw: Buffer;
  readonly facts: MailFacts;
  readonly peer: Peer;
}

/** The same after the checks of its sender and contents: what operations work with. */
export interface CheckedMail extends IncomingMail {
  readonly checks: Checks;
}

export interface Recipient {
  /** As the envelope wrote it. */
  readonly address: string;
  readonly mailbox: Mailbox;
}

export interface Peer {
  readonly protocol: 'smtp' | 'lmtp';
  /** The client's address; behind a trusted relay the one it told by XCLIENT or PROXY. */
  readonly ip: string;
  readonly helo: string;
  /** A front MTA of ours: no refusal may become its bounce to a forged sender. */
  readonly trusted: boolean;
  /** It told the sender's own address by XCLIENT: `ip` is that one, not the front MTA's. */
  readonly clientTold?: boolean;
  readonly tls: boolean;
  /** It announced addresses or header fields in UTF-8 (SMTPUTF8, RFC 6531). */
  readonly utf8?: boolean;
}

/** What the header block says, read once, strictly; rules see this and never the bytes. */
export interface MailFacts {
  readonly bytes: number;
  /** SHA-256 over the raw message, 32 bytes: names the stored body. */
  readonly sha256: Buffer;
  /** SHA-256 over what follows the header block, hex: tells a re-sent post from a reused Message-ID. */
  readonly bodySha256: string;
  /** Without angle brackets; made from the hash where the mail has none. */
  readonly messageId: string;
  /** The single strict From mailbox; absent when there are several, none, or one we refuse to understand. */
  readonly author?: Author;
  /** Where there is no author: the addresses that the From names, read as tolerantly as To. */
  readonly named?: readonly Address[];
  /** Subject, decoded; '' when absent. */
  readonly subject: string;
  /** The Date header in epoch milliseconds, when it can be read. */
  readonly sentAt?: number;
  /** Its latest Resent-Date, epoch milliseconds: somebody has sent it on as it is, perhaps its author once more (RFC 5322 §3.6.6). */
  readonly resentAt?: number;
  readonly inReplyTo: readonly string[];
  readonly references: readonly string[];
  /** Outlook's Thread-Index, its first 22 bytes as hex: the same for a whole conversation. */
  readonly threadIndex?: string;
  /** The header that shows that no person wrote this now, e.g. `Auto-Submitted: auto-replied` (email.md §2.6). */
  readonly automatic?: string;
  /** The header that forbids an automatic answer: the automatic sign, or one of a list's mail, e.g. `Precedence: list`. */
  readonly unanswerable?: string;
  /** It looks like a vacation notice: an automatic reply, by header or by subject. */
  readonly vacation: boolean;
  /** A delivery report: multipart/report, or from a mailer daemon. */
  readonly report: boolean;
  /** Identifiers inside List-Id fields, lower case. */
  readonly listIds: readonly string[];
  /** Addresses in List-Post, X-BeenThere and X-Loop, lower case. */
  readonly beenAt: readonly string[];
  /** `list`, `bulk`, `junk` …, lower case. */
  readonly precedence?: string;
  /** Received fields. */
  readonly hops: number;
  /** Mailboxes in To, Cc, Resent-To and Resent-Cc that can be read, canonical. */
  readonly addressed: readonly Address[];
  /** How many mailboxes To and Cc name in all. */
  readonly addressedCount: number;
}

export interface Author {
  readonly email: Address;
  /** Display name, decoded; '' when there is none. */
  readonly name: string;
}

/** What became of the mail for one recipient; the door makes one SMTP reply of all of them, LMTP answers each. */
export type RecipientResult =
  | { readonly kind: 'accepted'; readonly id: number; readonly note: string }
  | { readonly kind: 'held'; readonly id: number; readonly note: string }
  /** To one or a few people, whole; `id` is that of the mailing. */
  | { readonly kind: 'passed-on'; readonly id: number; readonly note: string }
  /** It asked for something that was done, or answered: nothing of it is kept under a number. */
  | { readonly kind: 'done'; readonly note: string }
  /** Nothing is done and nobody is told, but the mail is answered with 250: loops, forged bounces, automatic answers. */
  | { readonly kind: 'dropped'; readonly note: string }
  | {
      readonly kind: 'refused';
      readonly code: 550 | 552 | 554 | 450 | 451 | 452;
      readonly enhanced: string;
      readonly why: string;
    };
