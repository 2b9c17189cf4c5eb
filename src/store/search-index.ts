import type { SearchTerm } from '../domain/search-query.ts';
import type { SearchKey } from './search-key.ts';
import type { Db } from './store.ts';

/** The words of one post, folded (domain/search-words.ts). */
export interface PostWords {
  readonly key: SearchKey;
  readonly listId: number;
  readonly subject: string;
  /** Name and address. */
  readonly author: string;
  /** What the author wrote, and what was quoted. */
  readonly own: string;
  readonly quoted: string;
  readonly filenames: string;
  /** It carries what people call an attachment. */
  readonly attachment: boolean;
}

/** What is looked for; an engine answers with the keys of matching posts, newest first. */
export interface WordSearch {
  readonly terms: readonly SearchTerm[];
  readonly attachment?: boolean;
  /** Undefined: in all lists. */
  readonly listIds?: readonly number[];
  /** From this key on, and before that one. */
  readonly from?: SearchKey;
  readonly before?: SearchKey;
  readonly limit: number;
}

/** One engine's index of words. */
export interface WordIndex {
  add(tx: Db, posts: readonly PostWords[]): Promise<void>;
  remove(tx: Db, keys: readonly SearchKey[]): Promise<void>;
  find(db: Db, search: WordSearch): Promise<SearchKey[]>;
}
