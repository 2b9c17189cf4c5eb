import fc from 'fast-check';
import { expect, test } from 'vitest';
import { foldText, wordsOf } from '../../src/domain/search-words.ts';

test.each([
  ['case', 'Nest NEST', ['nest', 'nest']],
  ['Latin accents, composed and not', 'Élan E\u0301lan', ['elan', 'elan']],
  ['ligatures and wide forms', 'ﬁnch ＡＢＣ', ['finch', 'abc']],
  ['Greek accents', 'Φωλιές', ['φωλιες']],
  ['addresses and hosts fall into their parts', 'alice@example.com', ['alice', 'example', 'com']],
  ['Han and Kana one by one', '鳥の巣', ['鳥', 'の', '巣']],
  ['Hangul stays whole', '둥지 새', ['둥지', '새']],
  ['the vowel signs of Hindi stay', 'किताब', ['किताब']],
  ['a private-use character is a space', 'a\ue000list7', ['a', 'list7']],
  ['of a word the first 60 characters', `${'b6'.repeat(32)} end`, ['b6'.repeat(30), 'end']],
  ['outside ASCII too', 'ö'.repeat(61), ['o'.repeat(60)]],
  ['nothing', ' … !', []],
])('%s', (_, text, words) => {
  expect(wordsOf(foldText(text))).toEqual(words);
});

test('each character of a script without spaces is a word, each of private use a space', () => {
  const spaceless =
    /^[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]$/u;
  for (let code = 0; code < 0x110000; code++) {
    const character = String.fromCodePoint(code);
    if (spaceless.test(character)) expect(foldText(`a${character}b`)).toMatch(/^a \S/);
    if (/\p{Co}/u.test(character)) expect(foldText(character)).toBe(' ');
  }
});

test('folding twice changes nothing more', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (text) => {
      const words = wordsOf(foldText(text));
      expect(wordsOf(foldText(words.join(' ')))).toEqual(words);
    }),
  );
});
