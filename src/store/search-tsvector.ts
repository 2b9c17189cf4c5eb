import { type RawBuilder, type SqlBool, sql } from 'kysely';
import type { SearchField, SearchTerm } from '../domain/search-query.ts';
import { wordsOf } from '../domain/search-words.ts';
import { chunks } from './chunks.ts';
import type { PostWords, WordIndex, WordSearch } from './search-index.ts';
import type { SearchKey } from './search-key.ts';
import type { Db } from './store.ts';

/**
 * PostgreSQL: a tsvector that we write ourselves, word by word, because the server's own parser keeps addresses and host names
 * whole and a stemmer of one language loses the words of another. Weights are the fields: A subject, B author, C own text,
 * D quotes and names of attachments.
 */
export const tsvectorIndex: WordIndex = {
  async add(tx, posts) {
    for (const chunk of chunks(posts)) {
      const rows = chunk.map(
        (p) => sql`(cast(${p.key} as bigint), cast(${p.listId} as bigint), cast(${vectorOf(p)} as tsvector))`,
      );
      await sql`insert into post_words (search_key, list_id, words) values ${sql.join(rows)}`.execute(tx);
    }
  },

  async remove(tx, keys) {
    for (const chunk of chunks(keys)) {
      await sql`delete from post_words where search_key in (${sql.join(chunk)})`.execute(tx);
    }
  },

  async find(db, search) {
    const newest = await findNewest(db, search);
    return newest.length >= search.limit ? newest : findAll(db, search);
  },
};

/**
 * The planner cannot know how rare a word is, and the wrong plan takes a second: so the plan is ours. What is common is found among
 * the newest posts, in order; what is not found there is rare enough for the index of words and a sort.
 */
const newestRead = 1000;

async function findNewest(db: Db, search: WordSearch): Promise<SearchKey[]> {
  const { rows } = await sql<{ search_key: number }>`
    select search_key from (
      select search_key, words from post_words where ${placed(search)} order by search_key desc limit ${newestRead}
    ) as newest
    where ${worded(search)} order by search_key desc limit ${search.limit}`.execute(db);
  return rows.map((row) => row.search_key);
}

async function findAll(db: Db, search: WordSearch): Promise<SearchKey[]> {
  const { rows } = await sql<{ search_key: number }>`
    with found as materialized (select search_key from post_words where ${placed(search)} and ${worded(search)})
    select search_key from found order by search_key desc limit ${search.limit}`.execute(db);
  return rows.map((row) => row.search_key);
}

/** No folded word begins like this, so nobody can type it. */
const attachmentMark = '\ue000attachment';
/** Positions end at 16383 and a lexeme has at most 256 (PostgreSQL's manual, 12.11); text beyond is found by words, not by phrases. */
const lastPosition = 16383;
const positionsKept = 255;
/** A tsvector ends at 1 MiB: of a longer text the beginning is found; in bytes, with room for what PostgreSQL adds. */
const vectorBytes = 500_000;

const weights = { subject: 'A', author: 'B', own: 'C', quoted: 'D', filenames: 'D' } as const;

function vectorOf(post: PostWords): string {
  const places = new Map<string, string[]>();
  let at = 0;
  let bytes = 0;
  for (const [field, weight] of Object.entries(weights)) {
    for (const word of wordsOf(post[field as keyof typeof weights])) {
      if (bytes > vectorBytes) break;
      const known = places.get(word) ?? [];
      bytes += known.length === 0 ? Buffer.byteLength(word) + 8 : 2;
      at++;
      if (known.length < positionsKept) known.push(`${Math.min(at, lastPosition)}${weight}`);
      places.set(word, known);
    }
    // A phrase does not run from one field into the next.
    at++;
  }
  const lexemes = [...places].map(([word, positions]) => `'${word}':${positions.join(',')}`);
  if (post.attachment) lexemes.push(`'${attachmentMark}'`);
  return lexemes.join(' ');
}

const fieldWeights: Readonly<Record<SearchField, string>> = {
  any: '',
  author: ':B',
  subject: ':A',
  body: ':CD',
  own: ':C',
};

/** Where and when. */
function placed({ from = 0, before = Number.MAX_SAFE_INTEGER, listIds }: WordSearch): RawBuilder<SqlBool> {
  const time = sql<SqlBool>`search_key >= ${from} and search_key < ${before}`;
  // An array, not a list of parameters: as many lists as there are.
  const lists = listIds && sql`list_id = any(cast(${`{${listIds.join(',')}}`} as bigint[]))`;
  return lists ? sql`${time} and ${lists}` : time;
}

function worded(search: WordSearch): RawBuilder<SqlBool> {
  const wanted = queryOf(search);
  return wanted === '' ? sql`true` : sql`words @@ cast(${wanted} as tsquery)`;
}

/** Folded words hold only letters, digits and marks: nothing of the query's text is tsquery syntax. */
function queryOf({ terms, attachment }: WordSearch): string {
  const parts = terms.map((term) => (term.exclude ? `!(${phraseOf(term)})` : `(${phraseOf(term)})`));
  if (attachment !== undefined) parts.push(`${attachment ? '' : '!'}'${attachmentMark}'`);
  return parts.join(' & ');
}

function phraseOf({ field, words }: SearchTerm): string {
  return words.map((word) => `'${word}'${fieldWeights[field]}`).join(' <-> ');
}
