import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeHeader } from '../../src/mail/decode-header.ts';
import { newField } from '../../src/mail/edit-head.ts';
import { encodeText } from '../../src/mail/encode-header.ts';
import { tagSubject } from '../../src/rewrite/subject-tag.ts';

const birds = { template: '[Birds]', number: 7 };
const numbered = { template: '[Birds #%d]', number: 7 };
const latin1 = (text: string) => Buffer.from(text).toString('latin1');

describe('a subject with a tag', () => {
  test.each<[string, string, string | undefined]>([
    ['gets it in front', 'Nests', '[Birds] Nests'],
    ['gets it behind the reply marker', 'Re: Nests', 'Re: [Birds] Nests'],
    ['has one marker of several left', 'AW: Re[2]: RE: Nests', 'Re: [Birds] Nests'],
    ['has markers of other languages', 'Antwort: Nests', 'Re: [Birds] Nests'],
    ['has a wide colon', latin1('回复：Nests'), 'Re: [Birds] Nests'],
    [
      'has a marker inside an encoded word',
      encodeText('Ответ: Гнёзда'),
      `Re: [Birds] ${encodeText('Гнёзда')}`,
    ],
    ['keeps a forward marker, which ends the markers', 'Re: Fwd: Re: Nests', 'Re: [Birds] Fwd: Re: Nests'],
    ['keeps the tag of another list', 'Re: [Fish] Nests', 'Re: [Birds] [Fish] Nests'],
    ['has the tag already', '[Birds] Nests', undefined],
    ['has it behind its marker', 'Re: [Birds] Nests', undefined],
    ['has it behind many markers', 'AW: Re: [Birds] Nests', undefined],
    ['has it in front of the marker, as Mailman writes', '[Birds] Re: Nests', undefined],
    ['has it, encoded', encodeText('[Birds] Nester på øya'), undefined],
    ['has it and nothing else', '[Birds]', undefined],
    ['has only its beginning', '[Birds]ish nests', '[Birds] [Birds]ish nests'],
    ['is empty', '', '[Birds]'],
    ['is a marker and nothing else', 'Re:', 'Re: [Birds]'],
    [
      'keeps the words of its author as they are encoded',
      '=?iso-8859-1?Q?N=E4ster?=',
      '[Birds] =?iso-8859-1?Q?N=E4ster?=',
    ],
    [
      'keeps those of several character sets',
      'Re: =?koi8-r?B?59De?= =?utf-8?Q?=C3=A9t=C3=A9?=',
      'Re: [Birds] =?koi8-r?B?59De?= =?utf-8?Q?=C3=A9t=C3=A9?=',
    ],
    ['keeps a character set that nobody knows', '=?x-elvish?Q?nests?=', '[Birds] =?x-elvish?Q?nests?='],
    [
      'has raw bytes, which go out encoded',
      latin1('Nester på øya'),
      `[Birds] ${encodeText('Nester på øya')}`,
    ],
    ['has what turns the direction of writing', latin1('Nests \u202egpj.exe'), '[Birds] Nests gpj.exe'],
  ])('%s: %s', (_, subject, tagged) => {
    expect(tagSubject(subject, birds)).toBe(tagged);
  });
});

describe('a numbered tag', () => {
  test.each<[string, string, string | undefined]>([
    ['has the number of the post', 'Nests', '[Birds #7] Nests'],
    ['replaces the number of what is answered', 'Re: [Birds #3] Nests', 'Re: [Birds #7] Nests'],
    ['replaces the one in front of a marker', '[Birds #3] Re: Nests', 'Re: [Birds #7] Nests'],
    ['replaces several', 'Re: [Birds #3] Re: [Birds #2] Nests', 'Re: [Birds #7] Nests'],
    ['is left alone where it is right', 'Re: [Birds #7] Nests', undefined],
    ['is not taken from what only looks like one', '[Birds #x] Nests', '[Birds #7] [Birds #x] Nests'],
  ])('%s: %s', (_, subject, tagged) => {
    expect(tagSubject(subject, numbered)).toBe(tagged);
  });
});

test.each<[string, string, string]>([
  ['in another script', 'Жук: ', `Nests`],
  ['of marks that mean something to a pattern', '(B.*)+$ |', 'Nests'],
  ['with a hyphen', '[Birds-Talk]', 'Nests'],
  ['with a slash', '[Birds/Talk #%d]', 'Nests'],
  ['with a number behind two blanks', '[Birds  #%d]', 'Nests'],
])('a tag %s is put there once', (_, template, subject) => {
  const tag = { template, number: 1 };
  const once = tagSubject(subject, tag) ?? '';
  expect(decodeHeader(once)).toBe(`${template.trim().replace(/ +/g, ' ').replace('%d', '1')} ${subject}`);
  expect(tagSubject(once, tag)).toBeUndefined();
});

test('a subject is tagged up to 8,000 octets, however it is made', () => {
  const made = ['x', 'Re: ', 'a b ', '=?utf-8?Q?a?= ', '[Birds #1] ', latin1('ø')];
  for (const piece of made) {
    const subject = piece.repeat(8000 / piece.length).padEnd(8000, 'x');
    expect(tagSubject(subject, numbered)).toBeDefined();
    expect(tagSubject(`${subject}x`, numbered)).toBeUndefined();
  }
});

test('whatever the subject is, the result is a field, says the same, and is not tagged again', () => {
  const subject = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 300 }),
    fc.string().map(encodeText),
    fc.string().map((text) => `Re: ${text}`),
  );
  const marks = [...'-/\\[](){}.*+?^$|#&~=<>,;\'"_@!` aZ9éЖ', '%d', '  '];
  const template = fc
    .string({ unit: fc.constantFrom(...marks), minLength: 1, maxLength: 20 })
    .map((inside) => `[${inside}]`);
  fc.assert(
    fc.property(subject.map(latin1), fc.oneof(fc.constant('[Birds]'), template), (value, written) => {
      const tag = { template: written, number: 7 };
      const tagged = tagSubject(value.replace(/[\r\n]/g, ''), tag);
      if (tagged === undefined) return;
      const field = newField('Subject', tagged);
      expect(tagSubject(field.value, tag)).toBeUndefined();
    }),
  );
});
