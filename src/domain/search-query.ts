import { foldText, wordsOf } from './search-words.ts';

/** A search as its author meant it; everything must hold at once. */
export interface SearchQuery {
  readonly terms: readonly SearchTerm[];
  /** As written after `list:`; any of them. */
  readonly lists: readonly string[];
  /** Epoch milliseconds: at this moment or later, and before that one. */
  readonly after?: number;
  readonly before?: number;
  readonly attachment?: boolean;
  /** Sentences about what could not be understood and was searched as plain words. */
  readonly unclear: readonly string[];
}

export interface SearchTerm {
  readonly field: SearchField;
  /** Folded, at least one, next to each other in this order. */
  readonly words: readonly string[];
  readonly exclude: boolean;
}

/** `body` is text, quotes and names of attachments; `own` the text without quotes; `any` all there is. */
export type SearchField = 'any' | 'author' | 'subject' | 'body' | 'own';

/** What of a query is read: characters, terms, words of one phrase. */
const limits = { text: 1000, terms: 32, words: 32 };

const fields: Readonly<Record<string, SearchField>> = {
  from: 'author',
  f: 'author',
  subject: 'subject',
  s: 'subject',
  body: 'body',
  b: 'body',
  nq: 'own',
};

/**
 * Reads `from: subject:(s:) body:(b:) nq: before: after: list: has:attachment "a phrase" -without`; words side by side must all
 * be there. Any text is a query: what is no operator is words. Never throws; linear.
 */
export function parseSearch(text: string): SearchQuery {
  const query: Draft = { terms: [], lists: [], unclear: [] };
  for (const piece of pieces(text.slice(0, limits.text))) addPiece(query, piece);
  if (text.length > limits.text) query.unclear.push(`Only the first ${limits.text} characters were read.`);
  if (query.left) query.unclear.push(`Only the first ${limits.terms} words and phrases were looked for.`);
  const { left: _, ...read } = query;
  return read;
}

interface Draft {
  terms: SearchTerm[];
  lists: string[];
  after?: number;
  before?: number;
  attachment?: boolean;
  /** There were more terms than are looked for. */
  left?: boolean;
  unclear: string[];
}

interface Piece {
  readonly exclude: boolean;
  /** Lower case; '' when there is none. */
  readonly operator: string;
  readonly value: string;
}

/** `-op:"value with spaces"`, each part optional; a quote that never ends runs to the end of the text. */
function* pieces(text: string): Generator<Piece> {
  const pattern = /(-?)(?:([A-Za-z]+):)?(?:["“”]([^"“”]*)(?:["“”]|$)|([^\s"“”]+))/g;
  for (const [, minus, operator, phrase, word] of text.matchAll(pattern)) {
    yield {
      exclude: minus === '-',
      operator: operator?.toLowerCase() ?? '',
      value: phrase ?? word ?? '',
    };
  }
}

function addPiece(query: Draft, piece: Piece): void {
  const field = Object.hasOwn(fields, piece.operator) ? fields[piece.operator] : undefined;
  if (piece.operator === '' && endsAsOperator.test(piece.value))
    query.unclear.push(
      `${piece.value} wants its word right behind it, without a space; it was searched as a word.`,
    );
  if (piece.operator === '' || field) addTerm(query, field ?? 'any', piece);
  // `http://…`, `12:30`, `Foo::bar`: punctuation, not an operator.
  else if (!narrow(query, piece)) {
    if (Object.hasOwn(elsewhere, piece.operator))
      query.unclear.push(`${piece.operator}: ${elsewhere[piece.operator]}; it was searched as words.`);
    addTerm(query, 'any', { ...piece, value: `${piece.operator} ${piece.value}` });
  }
}

/** Operators of other programs, which would find nothing here and not say why. */
const none = 'is no operator here';
const elsewhere: Readonly<Record<string, string>> = {
  to: none,
  cc: none,
  filename: none,
  thread: none,
  tag: none,
  is: none,
  in: `${none}: list: is`,
  author: `${none}: from: is`,
  since: `${none}: after: is`,
  until: `${none}: before: is`,
  date: `${none}: after: and before: are`,
};

const endsAsOperator = /^(?:from|subject|body|list|has|before|after):$/i;

/** The operators that are not about words; false when it is none, or makes no sense. */
function narrow(query: Draft, piece: Piece): boolean {
  const value = piece.value.trim();
  switch (piece.operator) {
    case 'list':
      if (piece.exclude) query.unclear.push('-list: is no operator: name the lists to search with list:.');
      if (piece.exclude || value === '') return false;
      query.lists.push(value.toLowerCase());
      return true;
    case 'has':
      return narrowAttachment(query, { ...piece, value });
    case 'before':
    case 'after':
      return narrowTime(query, piece.operator, value);
    default:
      return false;
  }
}

function narrowAttachment(query: Draft, { exclude, value }: Piece): boolean {
  if (!/^attachments?$/i.test(value)) {
    query.unclear.push(`has: takes only attachment, not "${value}"; it was searched as words.`);
    return false;
  }
  query.attachment = !exclude;
  return true;
}

/** `after:` begins with that day, month or year; `before:` ends where it begins. */
function narrowTime(query: Draft, operator: 'before' | 'after', value: string): boolean {
  const moment = startOf(value);
  if (moment === undefined) {
    query.unclear.push(
      `${operator}: takes a day, month or year such as 2024-05-31, not "${value}"; it was searched as words.`,
    );
    return false;
  }
  if (operator === 'before') query.before = Math.min(moment, query.before ?? moment);
  else query.after = Math.max(moment, query.after ?? moment);
  return true;
}

/** The first moment, in UTC, of `2024`, `2024-05` or `2024-05-31` (also with slashes). */
function startOf(value: string): number | undefined {
  const parts = /^(\d{4})(?:[-/](\d{1,2})(?:[-/](\d{1,2}))?)?$/.exec(value);
  if (!parts) return undefined;
  const [year, month, day] = [Number(parts[1]), Number(parts[2] ?? 1) - 1, Number(parts[3] ?? 1)];
  const moment = new Date(Date.UTC(year, month, day));
  // Date.UTC turns 31 April into 1 May.
  return moment.getUTCMonth() === month && moment.getUTCDate() === day ? moment.getTime() : undefined;
}

function addTerm(query: Draft, field: SearchField, { value, exclude }: Piece): void {
  const words = wordsOf(foldText(value), limits.words);
  if (words.length === 0) return;
  if (query.terms.length < limits.terms) query.terms.push({ field, words, exclude });
  else query.left = true;
}
