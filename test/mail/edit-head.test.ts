import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { newField, putOnTop, removeFields, renderHead, replaceField } from '../../src/mail/edit-head.ts';
import { readHead } from '../../src/mail/headers.ts';

const raw = Buffer.from(
  'Received: one\r\nReceived: two\r\n\tfolded  oddly \r\nFrom:alice@example.com\r\nSUBJECT: =?utf-8?q?=C3=B6?=\r\nX-8: \xe9\xff\r\nList-Id: <other.example>\r\n\r\nbody \xe9\r\n',
  'latin1',
);
const head = readHead(raw);
const text = (edited: Pick<typeof head, 'fields'>) => renderHead(edited).toString('latin1');

describe('a head edited', () => {
  it('is the same bytes when nothing is asked', () => {
    expect(Buffer.concat([renderHead(removeFields(head, new Set())), raw.subarray(head.end)])).toEqual(raw);
  });

  it('loses the fields named, and nothing else changes by a bit', () => {
    const edited = removeFields(head, new Set(['list-id', 'received']));
    expect(text(edited)).toBe('From:alice@example.com\r\nSUBJECT: =?utf-8?q?=C3=B6?=\r\nX-8: \xe9\xff\r\n');
  });

  it('loses the fields a test takes', () => {
    const edited = removeFields(head, (field) => field.value.startsWith('two'));
    expect(text(edited)).toBe(text(head).replace('Received: two\r\n\tfolded  oddly \r\n', ''));
  });

  it('has the new field where the first of its name stood, and no other of that name', () => {
    const edited = replaceField(head, newField('Received', 'three'));
    expect(edited.fields.map((field) => field.name)).toEqual([
      'received',
      'from',
      'subject',
      'x-8',
      'list-id',
    ]);
    expect(text(edited)).toMatch(/^Received: three\r\nFrom:/);
  });

  it('has a field on top that was not there to replace', () => {
    expect(text(replaceField(head, newField('Reply-To', 'a@b.example')))).toBe(
      `Reply-To: a@b.example\r\n${text(head)}`,
    );
  });

  it('has new fields on top in the order given', () => {
    const edited = putOnTop(head, [newField('A', '1'), newField('B', '2')]);
    expect(text(edited)).toBe(`A: 1\r\nB: 2\r\n${text(head)}`);
  });
});

describe('newField', () => {
  it.each([
    ['CR', 'a\rb'],
    ['LF', 'a\nBcc: everybody@example.com'],
    ['a folded line of somebody else', 'a\r\n b'],
    ['NUL', 'a\0b'],
    ['a character outside ASCII', 'caf\xe9'],
    ['one beside an address', 'caf\xe9 <a@b.example>'],
    ['one in a domain', 'a@caf\xe9.example'],
    ['one that turns the line in an address', 'a\u202eb@b.example'],
    ['a word longer than a line may be', 'x'.repeat(1000)],
  ])('refuses a value with %s', (_, value) => {
    expect(() => newField('Subject', value)).toThrow(RangeError);
  });

  it('writes an address outside ASCII in UTF-8 (RFC 6532)', () => {
    const field = newField('Reply-To', 'Birds <jøran@b.example>, øy@b.example');
    expect(Buffer.from(field.raw, 'latin1').toString()).toBe(
      'Reply-To: Birds <jøran@b.example>, øy@b.example\r\n',
    );
    expect(Buffer.from(field.value, 'latin1').toString()).toBe('Birds <jøran@b.example>, øy@b.example');
  });

  it.each(['', 'Sub ject', 'Subject:', 'S\xfcbject', 'A\r\nB'])('refuses the name %j', (name) => {
    expect(() => newField(name, 'x')).toThrow(RangeError);
  });

  it('folds at 76 characters, and never inside angle brackets or quoted strings', () => {
    const uri = `<https://lists.example.org/u/${'q'.repeat(40)} ${'r'.repeat(30)}>`;
    const field = newField(
      'List-Unsubscribe',
      `"a long name ${'n'.repeat(60)} in quotes" ${uri}, <mailto:a@b.example>`,
    );
    expect(field.raw.split('\r\n ')).toEqual([
      `List-Unsubscribe: "a long name ${'n'.repeat(60)} in quotes"`,
      `${uri},`,
      '<mailto:a@b.example>\r\n',
    ]);
  });

  it('folds inside them when the line would be longer than 998 characters', () => {
    const field = newField('Subject', `a < ${'word '.repeat(400)}`.trim());
    expect(Math.max(...field.raw.split('\r\n').map((line) => line.length))).toBeLessThanOrEqual(998);
  });

  it('reads back as the value it was given', () => {
    const word = fc.string({
      unit: fc.constantFrom('a', '<', '>', '"', '\\', ',', ';', '='),
      minLength: 1,
      maxLength: 90,
    });
    fc.assert(
      fc.property(fc.array(word, { minLength: 1, maxLength: 30 }), (words) => {
        const value = words.join(' ');
        const { raw: bytes } = newField('X-Test', value);
        expect(readHead(Buffer.from(`${bytes}\r\n`)).fields).toMatchObject([{ name: 'x-test', value }]);
      }),
    );
  });
});
