import type { MailFacts } from '../../domain/incoming.ts';
import { Refusal } from '../../domain/refusal.ts';
import { renderHead } from '../../mail/edit-head.ts';
import { readHead } from '../../mail/headers.ts';
import { readFacts } from '../../mail/read-facts.ts';
import { editableText, replaceText } from '../../mail/replace-text.ts';
import { editedHead } from '../../rewrite/moderated-edit.ts';
import type { AcceptedMail } from '../posting/accepted-mail.ts';

export interface PostEdit {
  readonly subject?: string;
  readonly text?: string;
  /** Local part of whoever edits. */
  readonly moderator: string;
}

/** The post as a moderator wants it to go out; it stays its author's in the archive. Throws Refusal where it cannot be edited. */
export function editPost(mail: AcceptedMail, edit: PostEdit, hostname: string): AcceptedMail {
  const { author } = mail.facts;
  if (!author) throw new Refusal('invalid', 'This post cannot be edited: it has no single author.');
  const raw = edit.text === undefined ? mail.raw : withText(mail.raw, edit.text);
  const head = readHead(raw);
  const { moderator, subject } = edit;
  const named = editedHead(head, {
    moderator,
    ...(subject !== undefined && { subject }),
  });
  const edited = Buffer.concat([renderHead(named), raw.subarray(head.end)]);
  const facts: MailFacts = { ...readFacts(edited, readHead(edited), hostname), author };
  return { ...mail, raw: edited, facts: { ...facts, messageId: mail.facts.messageId }, edited: true };
}

function withText(raw: Buffer, text: string): Buffer {
  const edited = replaceText(raw, text);
  if (edited) return edited;
  const found = editableText(raw);
  const why = found.kind === 'not-editable' ? found.why : 'a line of the new one would end it early';
  throw new Refusal('invalid', `The text of this post cannot be edited: ${why}.`);
}
