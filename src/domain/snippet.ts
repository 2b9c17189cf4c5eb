import { foldText, wordsOf } from './search-words.ts';

/** How much of a text is searched for a place to show, and how long a snippet is; in characters. */
const searched = 20_000;
const length = 160;

/**
 * A line of the text around the first place where one of the words stands, or its beginning. `words` are folded. Quoted lines are
 * shown only when no other line has one.
 */
export function snippetOf(text: string, words: readonly string[]): string {
  const readable = text.slice(0, searched);
  const own = readable.replace(/^>.*$/gm, '');
  const find = finder(words);
  for (const candidate of [own, readable]) {
    const at = find(candidate);
    if (at >= 0) return cut(candidate, at);
  }
  return cut(own.trim() === '' ? readable : own, 0);
}

/** Where the first of the words begins in a text; -1 when none is there. */
function finder(words: readonly string[]): (text: string) => number {
  if (words.length === 0) return () => -1;
  // Folded words hold letters, digits and marks only: nothing to escape.
  const plain = new RegExp(`(?<![\\p{L}\\p{N}\\p{M}])(?:${words.join('|')})(?![\\p{L}\\p{N}\\p{M}])`, 'iu');
  const wanted = new Set(words);
  return (text) => {
    const found = text.search(plain);
    return found >= 0 || isAscii(text) ? found : firstFolded(text, wanted);
  };
}

/** The slow way, for accents and for scripts that put no space between words. */
function firstFolded(text: string, wanted: ReadonlySet<string>): number {
  for (const match of text.matchAll(/[\p{L}\p{N}\p{M}]+/gu)) {
    if (!isAscii(match[0]) && wordsOf(foldText(match[0])).some((word) => wanted.has(word)))
      return match.index;
  }
  return -1;
}

function isAscii(text: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the test is for characters outside ASCII
  return /^[\x00-\x7f]*$/.test(text);
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
