import fc from 'fast-check';
import { expect, test } from 'vitest';
import { newField } from '../../src/mail/edit-head.ts';
import { formatMailbox } from '../../src/mail/encode-header.ts';
import { viaName } from '../../src/rewrite/display-name.ts';

test.each<[string, { name: string; email: string }, string, string]>([
  [
    'the author’s name',
    { name: 'Alice Liddell', email: 'alice@example.com' },
    'Birds',
    'Alice Liddell via Birds',
  ],
  ['the local part without one', { name: '', email: 'alice@example.com' }, 'Birds', 'alice via Birds'],
  ['never an address', { name: 'ceo@bank.example', email: 'alice@example.com' }, 'Birds', 'alice via Birds'],
  [
    'only what is no address',
    { name: 'Alice <ceo@bank.example>', email: 'a@example.com' },
    'Birds',
    'Alice via Birds',
  ],
  [
    'no wide at sign either',
    { name: 'ceo＠bank.example', email: 'alice@example.com' },
    'Birds',
    'alice via Birds',
  ],
  [
    'nothing that turns the direction',
    { name: 'Alice\u202e moc', email: 'a@example.com' },
    'Birds',
    'Alice moc via Birds',
  ],
  ['nothing invisible', { name: 'Al\u200bice\u2060', email: 'a@example.com' }, 'Birds', 'Alice via Birds'],
  [
    'no line ends',
    { name: 'Alice\r\nBcc: eve', email: 'a@example.com' },
    'Birds',
    'Alice Bcc: eve via Birds',
  ],
  ['“via” once', { name: 'Alice via Birds', email: 'a@example.com' }, 'Birds', 'Alice via Birds'],
  [
    'a title without addresses',
    { name: 'Alice', email: 'a@example.com' },
    'birds@x.example',
    'Alice via the list',
  ],
  [
    'at most sixty characters of it',
    { name: '🐦'.repeat(90), email: 'a@example.com' },
    'Birds',
    `${'🐦'.repeat(60)} via Birds`,
  ],
])('a rewritten From shows %s', (_, author, title, shown) => {
  expect(viaName(author, title)).toBe(shown);
});

test('whatever the name is, it makes a field with one address', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'binary', maxLength: 400 }),
      fc.string({ maxLength: 60 }),
      (name, title) => {
        const shown = viaName({ name, email: 'a@example.com' }, title);
        expect(shown).not.toMatch(/[@＠\p{Cc}\u202a-\u202e]/u);
        const field = newField(
          'From',
          formatMailbox({ name: shown, email: 'birds-from+x@lists.example.org' }),
        );
        expect(field.value.match(/@/g)).toHaveLength(1);
      },
    ),
  );
});
