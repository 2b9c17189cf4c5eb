import { newField, putOnTop, removeFields, replaceField } from '../mail/edit-head.ts';
import { encodeText } from '../mail/encode-header.ts';
import type { MailHead } from '../mail/headers.ts';

/** Says by whom a post was edited: of a post that nobody here has edited, whoever wrote it would blame a moderator with it. */
export const editMark = 'x-moderated-edit';

export interface HeadEdit {
  /** Who edited: the local part of a moderator's address. */
  readonly moderator: string;
  /** Absent: as it is. */
  readonly subject?: string;
}

/**
 * The header block of a post that a moderator has edited (email.md §4.6): it is no longer what its author signed. The archive has it under
 * its author's name; on its way out another address stands in the From, as our own signature wants it (§5.4).
 */
export function editedHead(head: MailHead, { moderator, subject }: HeadEdit): MailHead {
  const cleared = removeFields(head, ({ name }) => voided.has(name) || name.startsWith('arc-'));
  const titled =
    subject === undefined ? cleared : replaceField(cleared, newField('Subject', encodeText(subject)));
  return putOnTop(titled, [newField('X-Moderated-Edit', encodeText(moderator))]);
}

/** Signatures that the edit breaks, and what says of the author what is no longer so. */
const voided: ReadonlySet<string> = new Set([
  'dkim-signature',
  'domainkey-signature',
  'x-google-dkim-signature',
  'autocrypt',
  'sender',
  'x-original-from',
  editMark,
]);
