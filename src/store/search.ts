import type { SearchQuery } from '../domain/search-query.ts';
import { chunks } from './chunks.ts';
import { inflateText } from './post-text.ts';
import { fts5Index } from './search-fts5.ts';
import type { WordIndex } from './search-index.ts';
import { firstKeyOf, type SearchKey } from './search-key.ts';
import { tsvectorIndex } from './search-tsvector.ts';
import type { Capabilities, Db } from './store.ts';

export interface PostSearch {
  readonly query: SearchQuery;
  /** The lists to search, which is where rights are kept: undefined for all there are. `query.lists` is not looked at. */
  readonly listIds?: readonly number[];
  /** The `key` of the last hit of the page before. */
  readonly before?: SearchKey;
  readonly limit: number;
}

export interface SearchHit {
  readonly key: SearchKey;
  readonly postId: number;
  readonly listId: number;
  readonly number: number;
  readonly hash: string;
  readonly subject: string;
  readonly authorEmail: string;
  readonly authorName: string;
  readonly sentAt: number;
  readonly receivedAt: number;
  /** All it says; for a snippet. */
  readonly text: string;
}

/** Posts that match, newest first. */
export async function searchPosts(
  db: Db,
  fullText: Capabilities['fullText'],
  search: PostSearch,
): Promise<SearchHit[]> {
  const { query, listIds, limit } = search;
  const ends = [search.before, query.before === undefined ? undefined : firstKeyOf(query.before)];
  const keys = await wordIndex(fullText).find(db, {
    terms: query.terms,
    limit,
    before: Math.min(...ends.map((end) => end ?? Number.MAX_SAFE_INTEGER)),
    ...(query.attachment !== undefined && { attachment: query.attachment }),
    ...(listIds && { listIds }),
    ...(query.after !== undefined && { from: firstKeyOf(query.after) }),
  });
  const hits: SearchHit[] = [];
  for (const chunk of chunks(keys)) hits.push(...(await hitsOf(db, chunk)));
  return hits.sort((a, b) => b.key - a.key);
}

export function wordIndex(fullText: Capabilities['fullText']): WordIndex {
  return fullText === 'fts5' ? fts5Index : tsvectorIndex;
}

async function hitsOf(db: Db, keys: readonly SearchKey[]): Promise<SearchHit[]> {
  const rows = await db
    .selectFrom('post_texts')
    .innerJoin('posts', 'posts.id', 'post_texts.post_id')
    .select([
      'post_texts.search_key as key',
      'posts.id as postId',
      'posts.list_id as listId',
      'posts.number',
      'posts.hash',
      'posts.subject',
      'posts.author_email as authorEmail',
      'posts.author_name as authorName',
      'posts.sent_at as sentAt',
      'posts.received_at as receivedAt',
      'post_texts.text',
    ])
    .where('post_texts.search_key', 'in', keys)
    .execute();
  return rows.map((row) => ({ ...row, text: inflateText(row.text) }));
}
