import type { Author } from '../domain/incoming.ts';
import type { List } from '../domain/list.ts';
import { formatMailbox } from '../mail/encode-header.ts';
import { viaName } from './display-name.ts';
import { type Draft, putField, takeAway } from './draft.ts';

export interface Rewriting {
  readonly list: List;
  readonly author: Author;
  /** The address of ours that stands in the From: `birds-from+TOKEN@lists.example.org`. */
  readonly address: string;
  /** A clause. */
  readonly why: string;
}

/** Another address in the From by the author's name, the true one beside it (email.md §5.4); without what speaks for the author as the sender. */
export function rewriteFrom(draft: Draft, rewriting: Rewriting): Draft {
  const { list, author, address, why } = rewriting;
  const from = formatMailbox({ name: viaName(author, list.title), email: address });
  const without = takeAway(draft, ({ name }) => voided.get(name));
  const rewritten = putField(without, ['From', from, why]);
  return putField(rewritten, ['X-Original-From', formatMailbox(author), 'the true author']);
}

const voided: ReadonlyMap<string, string> = new Map([
  ['sender', 'the list is the sender now'],
  ['autocrypt', 'its key is for the address that stood in the From'],
]);
