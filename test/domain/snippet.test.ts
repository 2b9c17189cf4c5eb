import { expect, test } from 'vitest';
import { snippetOf } from '../../src/domain/snippet.ts';

const long = 'lorem '.repeat(200);

test.each([
  ['a short text is shown whole', 'Two eggs\nin the nest.', ['nest'], 'Two eggs in the nest.'],
  ['without words, its beginning', 'Two eggs', [], 'Two eggs'],
  ['quotes are passed over', '> the nest is empty\nI saw it.', [], 'I saw it.'],
  [
    'unless the word is only there',
    '> the nest is empty\nI saw it.',
    ['empty'],
    '> the nest is empty I saw it.',
  ],
  ['a text of nothing but quotes', '> the nest', [], '> the nest'],
  ['an empty text', '', ['nest'], ''],
])('%s', (_, text, words, snippet) => {
  expect(snippetOf(text, words)).toBe(snippet);
});

test('a long text is cut around the word, at spaces', () => {
  const snippet = snippetOf(`${long}sand martin ${long}`, ['martin']);
  expect(snippet).toMatch(/^…lorem .*sand martin lorem .*lorem…$/);
  expect(snippet.length).toBeLessThan(170);
});

test('a word is found under its accents, and inside a script without spaces', () => {
  expect(snippetOf(`${long}Müßiggang am Café ${long}`, ['cafe'])).toContain('Café');
  expect(snippetOf(`${long}東京の鳥${long}`, ['鳥'])).toContain('東京の鳥');
});

test('part of another word is not the word', () => {
  expect(snippetOf(`nesting ${long}the nest ${long}`, ['nest'])).toContain('the nest');
});
