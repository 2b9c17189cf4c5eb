import { sql } from 'kysely';
import type { SearchField, SearchTerm } from '../domain/search-query.ts';
import { chunks } from './chunks.ts';
import { insertRows } from './insert-rows.ts';
import type { PostWords, WordIndex, WordSearch } from './search-index.ts';

/**
 * SQLite: an FTS5 table whose rowid is the search key, so that `order by rowid desc` is the newest first without a sort. Keys are cast
 * because the driver binds large numbers as floats, which FTS5 does not take for a rowid.
 */
export const fts5Index: WordIndex = {
  async add(tx, posts) {
    for (const chunk of chunks(posts)) {
      await insertRows(
        tx,
        intoWords,
        chunk.map((p) => [p.key, p.subject, p.author, p.own, p.quoted, p.filenames, marksOf(p)]),
      );
    }
  },

  async remove(tx, keys) {
    for (const chunk of chunks(keys)) {
      const rowids = chunk.map((key) => sql`cast(${key} as integer)`);
      await sql`delete from post_words where rowid in (${sql.join(rowids)})`.execute(tx);
    }
  },

  async find(db, search) {
    if (search.listIds?.length === 0) return [];
    const { rows } = await sql<{ rowid: number }>`
      select rowid from post_words
      where post_words match ${matchOf(search)} and rowid >= cast(${search.from ?? 0} as integer) and rowid < cast(${search.before ?? Number.MAX_SAFE_INTEGER} as integer)
      order by rowid desc limit ${search.limit}`.execute(db);
    return rows.map((row) => row.rowid);
  },
};

const intoWords = {
  into: 'post_words (rowid, subject, author, body, quoted, filenames, marks)',
  row: '(cast(? as integer), ?, ?, ?, ?, ?, ?)',
};

/**
 * Facts of a post that must narrow a search as fast as a word does. They begin with a private-use character, which no folded text
 * has: nobody can type them.
 */
const mark = { post: '\ue000post', attachment: '\ue000attachment', list: (id: number) => `\ue000list${id}` };

function marksOf({ listId, attachment }: PostWords): string {
  return [mark.post, mark.list(listId), ...(attachment ? [mark.attachment] : [])].join(' ');
}

const columns: Readonly<Record<SearchField, string>> = {
  any: '',
  author: 'author:',
  subject: 'subject:',
  body: '{body quoted filenames}:',
  own: 'body:',
};

/** Only quoted strings of folded words and operators of our own: nothing of the query's text is FTS5 syntax. */
function matchOf({ terms, attachment, listIds }: WordSearch): string {
  const wanted = terms.filter((term) => !term.exclude).map(phraseOf);
  const unwanted = terms.filter((term) => term.exclude).map(phraseOf);
  if (listIds) wanted.push(`(${listIds.map((id) => quote(mark.list(id))).join(' OR ')})`);
  if (attachment === true) wanted.push(quote(mark.attachment));
  if (attachment === false) unwanted.push(quote(mark.attachment));
  // NOT needs something to take from.
  if (wanted.length === 0) wanted.push(quote(mark.post));
  const found = `(${wanted.join(' AND ')})`;
  return unwanted.length === 0 ? found : `${found} NOT (${unwanted.join(' OR ')})`;
}

function phraseOf(term: SearchTerm): string {
  return `${columns[term.field]}${quote(term.words.join(' '))}`;
}

function quote(text: string): string {
  return `"${text}"`;
}
