/**
 * The words of a text as both search engines store and look them up: compatibility forms, case and Latin, Greek and Cyrillic
 * accents folded; scripts written without spaces split into single characters, so that a part of such a text is a phrase of it.
 */
export function foldText(text: string): string {
  // Most mail is ASCII, and the rest of this costs ten times more.
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the test is for characters outside ASCII
  if (/^[\x00-\x7f]*$/.test(text)) return foldAscii(text);
  const folded = text
    .normalize('NFKD')
    .replace(/[\u0300-\u036f]/g, '')
    .normalize('NFC')
    .toLowerCase();
  return (mayBeSpaceless.test(folded) ? splitSpaceless(folded) : folded).replace(longWord, '$1');
}

function splitSpaceless(folded: string): string {
  return folded.replace(/\p{Co}/gu, ' ').replace(spaceless, ' $& ');
}

/** The blocks of those scripts, private use and all that takes two code units: most of the world's mail has none of them. */
const mayBeSpaceless = /[\u0e00-\u0eff\u1000-\u19ff\u2e80-\ua4cf\ua9e0-\uaaff\ud800-\uffff]/;

function foldAscii(text: string): string {
  const folded = text.toLowerCase();
  return hasLongWord(folded) ? folded.replace(longAsciiWord, '$1') : folded;
}

/** Hardly any text has one, and the pattern takes twenty times as long to find none. */
function hasLongWord(folded: string): boolean {
  let length = 0;
  for (let at = 0; at < folded.length && length <= 60; at++) {
    const code = folded.charCodeAt(at);
    const isPart = (code >= 97 && code <= 122) || (code >= 48 && code <= 57);
    length = isPart ? length + 1 : 0;
  }
  return length > 60;
}

/**
 * Of a longer word only its beginning counts, 60 characters: such words are base64 and the like. Both engines must see the same
 * cut. It is looked for where a word begins only: at each of its letters it took a quarter of all reading.
 */
const longWord = /(?<![\p{L}\p{N}\p{M}])([\p{L}\p{N}\p{M}]{60})[\p{L}\p{N}\p{M}]+/gu;
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
