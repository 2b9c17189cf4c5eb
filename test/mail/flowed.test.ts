import { expect, test } from 'vitest';
import { unflow } from '../../src/mail/flowed.ts';

test.each([
  ['fixed lines stay', 'a\nb', false, 'a\nb'],
  ['a soft line goes on', 'one \ntwo', false, 'one two'],
  ['for languages without spaces the space goes', 'とり \nのす', true, 'とりのす'],
  ['quotes flow within their depth', '> one \n> two\n>> three', false, '> one two\n>> three'],
  ['and not out of it', '> one \ntwo', false, '> one \ntwo'],
  ['the signature separator flows nowhere', 'end \n-- \nAlice', false, 'end \n-- \nAlice'],
  ['stuffed lines are unstuffed', ' From here\n >not quoted', false, 'From here\n>not quoted'],
])('%s', (_, text, delSp, expected) => {
  expect(unflow(text, delSp)).toBe(expected);
});
