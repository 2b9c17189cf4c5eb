import type { Author } from '../domain/incoming.ts';
import { type List, listAddress } from '../domain/list.ts';
import { formatMailbox } from '../mail/encode-header.ts';
import { viaName } from './display-name.ts';
import { type Draft, putField, takeAway } from './draft.ts';

export interface Rewriting {
  readonly list: List;
  readonly author: Author;
  /** `birds-from+TOKEN@lists.example.org`; undefined where the author has none: the list's address stands in. */
  readonly alias: string | undefined;
  /** A clause. */
  readonly why: string;
}

/** The address that stands in the From instead of the author's, by their name (email.md §5.4). */
export function standIn({ list, author, alias }: Omit<Rewriting, 'why'>): string {
  const email = (list.settings.dmarc_from === 'alias' && alias) || listAddress(list);
  return formatMailbox({ name: viaName(author, list.title), email });
}

/** Another address in the From, the true one beside it; without what would speak for the author as the sender. */
export function rewriteFrom(draft: Draft, rewriting: Rewriting): Draft {
  const { author, why } = rewriting;
  const without = takeAway(draft, ({ name }) => voided.get(name));
  const rewritten = putField(without, ['From', standIn(rewriting), why]);
  return putField(rewritten, ['X-Original-From', formatMailbox(author), 'the true author']);
}

const voided: ReadonlyMap<string, string> = new Map([
  ['sender', 'the list is the sender now'],
  ['autocrypt', 'its key is for the address that stood in the From'],
]);
