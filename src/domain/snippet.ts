import { foldText, wordsOf } from './search-words.ts';

/** How much of a text is searched for a place to show, and how long a snippet is; in characters. */
const searched = 20_000;
const length = 160;

/**
 * A line of the text around the first place where one of the words stands, or its beginning. `words` are folded. Quoted lines
 * are shown only when no other line has one.
 */
export function snippetOf(text: string, words: readonly string[]): string {
  const wanted = new Set(words);
  const readable = text.slice(0, searched);
  const own = readable.replace(/^>.*$/gm, '');
  const [source, at] =
    [own, readable]
      .map((candidate) => [candidate, firstMatch(candidate, wanted)] as const)
      .find(([, i]) => i >= 0) ?? ([own.trim() === '' ? readable : own, 0] as const);
  return cut(source, at);
}

/** Where the first wanted word begins; -1 when none is there. */
function firstMatch(text: string, wanted: ReadonlySet<string>): number {
  if (wanted.size === 0) return -1;
  for (const match of text.matchAll(/[\p{L}\p{N}\p{M}]+/gu)) {
    const folded = foldText(match[0]);
    if (wanted.has(folded) || wordsOf(folded).some((word) => wanted.has(word))) return match.index;
  }
  return -1;
}

function cut(text: string, at: number): string {
  const from = at < length / 2 ? 0 : startOfWord(text, at - length / 2);
  const flat = text
    .slice(from, from + 4 * length)
    .replace(/\s+/g, ' ')
    .trim();
  const chars = [...flat];
  const shown =
    chars.length <= length
      ? flat
      : `${chars
          .slice(0, length)
          .join('')
          .replace(/\s\S*$/, '')}…`;
  return from > 0 ? `…${shown}` : shown;
}

function startOfWord(text: string, at: number): number {
  const space = text.slice(at, at + 40).search(/\s/);
  return space < 0 ? at : at + space + 1;
}
