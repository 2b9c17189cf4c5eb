import { expect, test } from 'vitest';
import { baseSubject } from '../../src/domain/base-subject.ts';

const cases: readonly (readonly [name: string, subject: string, base: string, isReply: boolean])[] = [
  ['a plain subject', 'Nests in May', 'nests in may', false],
  ['an answer', 'Re: Nests', 'nests', true],
  ['an answer to an answer', 'Re: RE: re: Nests', 'nests', true],
  ['a German one', 'AW: Nester', 'nester', true],
  ['a Swedish one', 'SV: Bon', 'bon', true],
  ['a Russian one', 'Ответ: Гнёзда', 'гнёзда', true],
  ['a Chinese one with a wide colon', '回复：鸟巢', '鸟巢', true],
  ['a Greek one', 'ΑΠ: Φωλιές', 'φωλιές', true],
  ['a counter in brackets', 'Re[2]: Nests', 'nests', true],
  ['a counter with a caret', 'Re^3: Nests', 'nests', true],
  ['a counter in round brackets', 'AW(4): Nests', 'nests', true],
  ['a tag before the marker', '[Birds] Re: Nests', 'nests', true],
  ['a tag after the marker', 'Re: [Birds] Nests', 'nests', true],
  ['nothing but a tag', '[Birds]', '[birds]', false],
  ['an answer to nothing but a tag', 'Re: [Birds]', '[birds]', true],
  ['a forwarded subject begins something new', 'Fwd: Nests', 'fwd: nests', false],
  ['a word that only begins like a marker', 'Release: tomorrow', 'release: tomorrow', false],
  ['no colon, no marker', 'Re Nests', 're nests', false],
  ['folding and runs of white space', 'Re:\t Nests \n of  May ', 'nests of may', true],
  ['an empty one', '', '', false],
  ['only a marker', 'Re:', '', true],
];

test.each(cases)('%s', (_, subject, base, isReply) => {
  expect(baseSubject(subject)).toEqual({ base, isReply });
});

test('a hostile subject costs no more than a long one', () => {
  const begun = performance.now();
  baseSubject('re:'.repeat(100_000));
  baseSubject(`${'['.repeat(100_000)}`);
  baseSubject(`re${' '.repeat(100_000)}x`);
  expect(performance.now() - begun).toBeLessThan(200);
});
