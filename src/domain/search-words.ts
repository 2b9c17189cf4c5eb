/**
 * The words of a text as both search engines store and look them up: compatibility forms, case and Latin, Greek and Cyrillic
 * accents folded; scripts written without spaces split into single characters, so that a part of such a text is a phrase of it.
 */
export function foldText(text: string): string {
  // Most mail is ASCII, and the rest of this costs ten times more.
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the test is for characters outside ASCII
  if (/^[\x00-\x7f]*$/.test(text)) return text.toLowerCase().replace(longAsciiWord, '$1');
  return text
    .normalize('NFKD')
    .replace(/[\u0300-\u036f]/g, '')
    .normalize('NFC')
    .toLowerCase()
    .replace(/\p{Co}/gu, ' ')
    .replace(spaceless, ' $& ')
    .replace(longWord, '$1');
}

/** Of a longer word only its beginning counts, 60 characters: such words are base64 and the like. Both engines must see the same cut. */
const longWord = /([\p{L}\p{N}\p{M}]{60})[\p{L}\p{N}\p{M}]+/gu;
const longAsciiWord = /([a-z0-9]{60})[a-z0-9]+/g;

/** Han, Kana, Thai, Lao, Khmer and Burmese, a character with its vowel signs at a time. */
const spaceless =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]\p{M}*/gu;

/** The words of an already folded text, in order; at most `most`. */
export function wordsOf(folded: string, most = Number.POSITIVE_INFINITY): string[] {
  const words: string[] = [];
  for (const [found] of folded.matchAll(/[\p{L}\p{N}\p{M}]+/gu)) {
    if (words.length >= most) break;
    words.push(found);
  }
  return words;
}
