import type { List } from '../domain/list.ts';
import type { Site } from '../domain/site.ts';
import { findFields, firstValue, type HeaderField, type MailHead } from '../mail/headers.ts';
import { readDkimSignature } from '../mail/signature-fields.ts';
import { addOnTop, type Draft, type NewField, putField, rewriteFields, takeAway } from './draft.ts';
import { whyDisbelieved, whyRemoved } from './header-table.ts';
import { listHeaders, sharedLeaveHeaders } from './list-headers.ts';
import { editMark } from './moderated-edit.ts';
import { quote } from './quote.ts';
import { type ReplyToQuestion, replyTo } from './reply-to.ts';
import { tagSubject } from './subject-tag.ts';

export interface Dress {
  readonly list: List;
  readonly site: Site;
  /** Of the post: its number, and Message-ID-Hash, which is its permalink. */
  readonly number: number;
  readonly hash: string;
  /** Value of our Received field (RFC 5321 §4.4). */
  readonly trace: string;
  /** The copy goes to several recipients at once. */
  readonly forEverybody: boolean;
}

/** Without what no copy carries on (email.md §5.1). `edited`: a moderator changed it here, and its head says so. */
export function undress(
  draft: Draft,
  {
    site,
    edited = false,
  }: { readonly site: Pick<Site, 'hostname' | 'trustedAuthservIds'>; readonly edited?: boolean | undefined },
): Draft {
  const ids = [site.hostname, ...site.trustedAuthservIds];
  const why = (field: HeaderField) =>
    (field.name === editMark && !edited ? 'no moderator here has changed it' : undefined) ??
    whyRemoved(field.name) ??
    whyDisbelieved(field, ids) ??
    (isStray(field) ? 'it is no field' : undefined);
  return withoutBlanks(takeAway(draft, why));
}

/** A line in the header block that is no field: some programs find the end of the block there, others refuse the mail. */
function isStray({ name, raw }: HeaderField): boolean {
  // Several lines are the rest of a block too long to be read.
  return name === '' && !/\n[^ \t]/.test(raw);
}

/** `Subject : Nests` is obsolete (RFC 5322 §4.5) and not read by everybody. It stays where an author has signed the very bytes. */
function withoutBlanks(draft: Draft): Draft {
  const isPlain = ({ name, raw }: HeaderField) => name === '' || raw[name.length] === ':';
  if (draft.head.fields.every(isPlain)) return draft;
  const signed = new Set(findFields(draft.head, 'dkim-signature').flatMap(bytesCovered));
  const plain = (field: HeaderField) => {
    if (isPlain(field) || signed.has(field.name)) return undefined;
    const { name, raw } = field;
    return { ...field, raw: raw.slice(0, name.length) + raw.slice(raw.indexOf(':')) };
  };
  return rewriteFields(draft, plain, 'no blank stands before its colon');
}

/** Names of what a signature covers as it is, byte for byte (RFC 6376 §3.4.1). */
function bytesCovered(field: HeaderField): readonly string[] {
  const signature = readDkimSignature(field);
  return signature?.canonical.head === 'simple' ? signature.signed : [];
}

/** The list's tag, its Reply-To and its fields on top (email.md §5.1–5.3). `received`: the header block as it came. */
export function dress(draft: Draft, post: Dress, received: MailHead): Draft {
  const { list, site, hash, trace } = post;
  const added: NewField[] = [
    ...(post.forEverybody ? sharedLeaveHeaders(list, site) : []),
    ...listHeaders(list, site, { hash, head: received }),
    ...foreignListId(received),
    ['Received', trace, 'a trace of this server'],
  ];
  const tagged = tag(draft, post, firstValue(received, 'subject'));
  return addOnTop(withoutOwnMark(tagged, added), added);
}

/** Whether or not the author still stands in the From. */
export function answerTo(
  draft: Draft,
  list: List,
  post: Omit<ReplyToQuestion, 'list' | 'head'> & { readonly received: MailHead },
): Draft {
  const { received, ...question } = post;
  const answer = replyTo({ list, head: received, ...question });
  const why = `reply_to=${list.settings.reply_to}`;
  switch (answer.kind) {
    case 'kept':
      return draft;
    case 'none':
      return takeAway(draft, ({ name }) => (name === 'reply-to' ? why : undefined));
    case 'set':
      return putField(draft, ['Reply-To', answer.value, why]);
  }
}

function tag(draft: Draft, { list, number }: Dress, subject: string): Draft {
  const template = list.settings.subject_tag;
  const tagged = template.trim() === '' ? undefined : tagSubject(subject, { template, number });
  return tagged === undefined ? draft : putField(draft, ['Subject', tagged, 'the list’s tag']);
}

/** Where a mail has been stays on it, for the others to know it again; each place once. */
export function withoutOwnMark(draft: Draft, added: readonly NewField[]): Draft {
  const marks = added.filter(([name]) => name === 'X-BeenThere').map(([, value]) => value);
  const isOurs = ({ name, value }: HeaderField) =>
    name === 'x-beenthere' && marks.includes(value.toLowerCase());
  return takeAway(draft, (field) => (isOurs(field) ? 'it is there once' : undefined));
}

/** RFC 2919 §2 allows one List-Id, ours; where a post came from another list that list's id is kept beside it. */
function foreignListId(head: MailHead): NewField[] {
  const foreign = quote(firstValue(head, 'list-id'));
  return foreign ? [['X-Original-List-Id', foreign, 'the list that it came from']] : [];
}
