import type { Author } from '../domain/incoming.ts';
import { type List, listAddress } from '../domain/list.ts';
import { newField, putOnTop, removeFields, replaceField } from '../mail/edit-head.ts';
import { encodeText, formatMailbox } from '../mail/encode-header.ts';
import { findField, type MailHead } from '../mail/headers.ts';

export interface HeadEdit {
  readonly list: List;
  readonly author: Author;
  /** Who edited: the local part of a moderator's address. */
  readonly moderator: string;
  /** Absent: as it is. */
  readonly subject?: string;
}

/**
 * The header block of a post that a moderator has edited (email.md §4.6): it is no longer what its author signed, so it must not claim
 * to be theirs. The list is its From, which its own signature will match (§5.4); the author stays where answers go.
 */
export function editedHead(head: MailHead, { list, author, moderator, subject }: HeadEdit): MailHead {
  const ownReplyTo = findField(head, 'reply-to');
  const cleared = removeFields(head, ({ name }) => voided.has(name) || name.startsWith('arc-'));
  const from = { name: `${nameOf(author)} via ${list.title}`, email: listAddress(list) };
  const renamed = replaceField(cleared, newField('From', formatMailbox(from)));
  const titled =
    subject === undefined ? renamed : replaceField(renamed, newField('Subject', encodeText(subject)));
  return putOnTop(titled, [
    newField('X-Moderated-Edit', encodeText(moderator)),
    newField('X-Original-From', formatMailbox(author)),
    ...(ownReplyTo ? [] : [newField('Reply-To', formatMailbox(author))]),
  ]);
}

/** Signatures that the edit breaks, and what says of the author what is no longer so. */
const voided: ReadonlySet<string> = new Set([
  'dkim-signature',
  'domainkey-signature',
  'x-google-dkim-signature',
  'autocrypt',
  'sender',
  'x-original-from',
  'x-moderated-edit',
]);

/** Never an address: a From with two of them looks like a forgery. */
function nameOf({ name, email }: Author): string {
  const local = email.slice(0, email.lastIndexOf('@'));
  return name === '' || name.includes('@') ? local : name;
}
