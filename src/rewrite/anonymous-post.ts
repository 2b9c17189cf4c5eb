import { type List, listAddress } from '../domain/list.ts';
import { renderHead } from '../mail/edit-head.ts';
import { formatMailbox } from '../mail/encode-header.ts';
import { findField, type HeaderField, readHead } from '../mail/headers.ts';
import { separateText } from '../mail/separate-text.ts';
import { plainName } from './display-name.ts';
import { type Draft, putField, takeAway } from './draft.ts';

export interface AnonymousPost {
  readonly raw: Buffer;
  readonly list: List;
  /** Value of the Date, in UTC: where the author lives is nobody's business. */
  readonly date: string;
  /** What stands for a Message-ID, both without angle brackets. */
  idFor(messageId: string): string;
  /** Without angle brackets. */
  readonly messageId: string;
  readonly references: readonly string[];
  readonly inReplyTo: readonly string[];
  /** Mail domains of this site. */
  readonly ownDomains: readonly string[];
}

/**
 * A post as an anonymous list sends and keeps it (email.md §5.10): only fields that say nothing of the author stay, and the list is its
 * From. What the text says, and a signature of S/MIME or PGP inside it, stays.
 */
export function anonymousPost(post: AnonymousPost): {
  readonly raw: Buffer;
  readonly changes: Draft['changes'];
} {
  const { list } = post;
  const raw = separateText(post.raw);
  const head = readHead(raw);
  const bare = takeAway({ head, changes: [] }, (field) =>
    isHarmless(field, post.ownDomains) ? undefined : whyGone,
  );
  const draft = fieldsOf(post, list).reduce(putOrTakeAway, bare);
  return {
    raw: Buffer.concat([renderHead(draft.head), raw.subarray(head.end)]),
    changes: draft.changes,
  };
}

const whyGone = 'it may say who wrote the post';

/** Those that are not written anew. A Content-ID and its like name the author's machine or what they wrote it with. */
const harmless: ReadonlySet<string> = new Set([
  'from',
  'to',
  'subject',
  'date',
  'message-id',
  'in-reply-to',
  'references',
  'mime-version',
  'content-type',
  'content-transfer-encoding',
  'content-disposition',
  'importance',
  'auto-submitted',
  'x-moderated-edit',
]);

function isHarmless({ name, value }: HeaderField, ownDomains: readonly string[]): boolean {
  if (harmless.has(name)) return true;
  // The marks of our lists, by which a circle ends; those of others say where the author reads.
  const [, domain] = name === 'x-beenthere' ? (/^[^@\s]+@([^@\s]+)$/.exec(value) ?? []) : [];
  return domain !== undefined && ownDomains.includes(domain.toLowerCase());
}

/** A field with its value, or without one: it is not there. */
type FieldWish = readonly [name: string, value: string | undefined, why: string];

function putOrTakeAway(draft: Draft, [name, value, why]: FieldWish): Draft {
  if (value !== undefined) return putField(draft, [name, value, why]);
  return takeAway(draft, (field) => (field.name === name.toLowerCase() ? why : undefined));
}

function fieldsOf(post: AnonymousPost, list: List): FieldWish[] {
  const why = 'an anonymous list is its own author';
  const ids = (names: readonly string[]) =>
    names.length > 0 ? names.map((id) => `<${post.idFor(id)}>`).join(' ') : undefined;
  const head = readHead(post.raw);
  const address = listAddress(list);
  return [
    ['From', formatMailbox({ name: plainName(list.title), email: address }), why],
    ['To', address, why],
    ['Date', post.date, why],
    ['Message-ID', `<${post.idFor(post.messageId)}>`, why],
    ['In-Reply-To', findField(head, 'in-reply-to') && ids(post.inReplyTo), why],
    ['References', findField(head, 'references') && ids(post.references), why],
    // Of these the words themselves: anything may stand in a comment.
    ['MIME-Version', findField(head, 'mime-version') && '1.0', whyGone],
    ['Importance', wordOf(findField(head, 'importance'), /^(low|normal|high)\b/i), whyGone],
    [
      'Auto-Submitted',
      wordOf(findField(head, 'auto-submitted'), /^(no|auto-(generated|replied|notified))\b/i),
      whyGone,
    ],
  ];
}

/** Undefined where it does not begin with one of those that there are. */
function wordOf(field: HeaderField | undefined, known: RegExp): string | undefined {
  return known.exec(field?.value ?? '')?.[0];
}
