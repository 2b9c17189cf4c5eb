import { type List, listAddress } from '../domain/list.ts';
import { renderHead } from '../mail/edit-head.ts';
import { formatMailbox } from '../mail/encode-header.ts';
import { findField, readHead } from '../mail/headers.ts';
import { plainName } from './display-name.ts';
import { type Draft, type NewField, putField, takeAway } from './draft.ts';

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
}

/**
 * A post as an anonymous list sends and keeps it (email.md §5.10): only fields that say nothing of the author stay, and the list is its
 * From. What the text says, and a signature of S/MIME or PGP inside it, stays.
 */
export function anonymousPost(post: AnonymousPost): {
  readonly raw: Buffer;
  readonly changes: Draft['changes'];
} {
  const { raw, list } = post;
  const head = readHead(raw);
  const bare = takeAway({ head, changes: [] }, ({ name }) =>
    isHarmless(name) ? undefined : 'it may say who wrote the post',
  );
  const draft = fieldsOf(post, list).reduce(putField, bare);
  return {
    raw: Buffer.concat([renderHead(draft.head), raw.subarray(head.end)]),
    changes: draft.changes,
  };
}

const harmless: ReadonlySet<string> = new Set([
  'from',
  'to',
  'subject',
  'date',
  'message-id',
  'in-reply-to',
  'references',
  'mime-version',
  'importance',
  'auto-submitted',
  'x-moderated-edit',
  // The marks of lists, by which a circle ends.
  'x-beenthere',
]);

function isHarmless(name: string): boolean {
  return harmless.has(name) || name.startsWith('content-');
}

function fieldsOf(post: AnonymousPost, list: List): NewField[] {
  const why = 'an anonymous list is its own author';
  const ids = (names: readonly string[]) => names.map((id) => `<${post.idFor(id)}>`).join(' ');
  const head = readHead(post.raw);
  const answers = (name: string, value: readonly string[]): NewField[] =>
    findField(head, name.toLowerCase()) ? [[name, ids(value), why]] : [];
  const address = listAddress(list);
  return [
    ['From', formatMailbox({ name: plainName(list.title), email: address }), why],
    ['To', address, why],
    ['Date', post.date, why],
    ['Message-ID', `<${post.idFor(post.messageId)}>`, why],
    ...answers('In-Reply-To', post.inReplyTo),
    ...answers('References', post.references),
  ];
}
