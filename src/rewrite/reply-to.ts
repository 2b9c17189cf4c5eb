import type { Author } from '../domain/incoming.ts';
import { type List, listAddress } from '../domain/list.ts';
import { readMailboxes } from '../mail/author.ts';
import { formatMailbox } from '../mail/encode-header.ts';
import { findField, type MailHead } from '../mail/headers.ts';

export interface ReplyToQuestion {
  readonly list: List;
  /** As received. */
  readonly head: MailHead;
  /** Who wrote it, where one author can be told. */
  readonly author: Author | undefined;
  /** Another address stands in the From, so "Reply" would not reach the author by itself. */
  readonly fromRewritten: boolean;
  /** The author is no member: what goes to the list does not reach them. */
  readonly stranger?: boolean | undefined;
}

/**
 * What the one Reply-To says (email.md §5.3): `kept` leaves the author's own field, or its absence, alone; `none` takes it away. An
 * author's own stays beside the list's, unless `respect_author_reply_to` is off.
 */
export type ReplyTo =
  | { readonly kind: 'kept' }
  | { readonly kind: 'none' }
  | { readonly kind: 'set'; readonly value: string };

export function replyTo(question: ReplyToQuestion): ReplyTo {
  const { list, head, author, fromRewritten, stranger = false } = question;
  const { reply_to: mode, respect_author_reply_to: respected } = list.settings;
  const own = respected ? ownReplyTo(head) : undefined;
  const named = author && formatMailbox(author);
  switch (mode) {
    case 'keep':
      return { kind: 'kept' };
    case 'author':
      if (respected && findField(head, 'reply-to')) return { kind: 'kept' };
      return fromRewritten && named ? set(head, named) : dropped(head);
    case 'list':
      return set(head, together(listAddress(list), own ?? (fromRewritten && stranger ? named : undefined)));
    case 'both':
      return set(head, together(listAddress(list), own ?? named));
    default:
      return set(head, mode);
  }
}

function dropped(head: MailHead): ReplyTo {
  return findField(head, 'reply-to') ? { kind: 'none' } : { kind: 'kept' };
}

/** A field that says the same already keeps its bytes. */
function set(head: MailHead, value: string): ReplyTo {
  return findField(head, 'reply-to')?.value === value ? { kind: 'kept' } : { kind: 'set', value };
}

function together(list: string, other: string | undefined): string {
  if (other === undefined) return list;
  return readMailboxes(other).addresses.some((address) => address === list) ? other : `${list}, ${other}`;
}

/** As written, or its addresses alone where it holds what no field of ours carries: raw 8-bit bytes, a word longer than a line. */
function ownReplyTo(head: MailHead): string | undefined {
  const value = findField(head, 'reply-to')?.value ?? '';
  const addresses = readMailboxes(value).addresses;
  if (addresses.length === 0) return undefined;
  return /^[\t\x20-\x7e]+$/.test(value) && !/\S{500}/.test(value) ? value : addresses.join(', ');
}
