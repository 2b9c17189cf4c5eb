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

test('folding twice changes nothing more', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (text) => {
      const words = wordsOf(foldText(text));
      expect(wordsOf(foldText(words.join(' ')))).toEqual(words);
    }),
  );
});
