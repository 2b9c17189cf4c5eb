import { expect, test } from 'vitest';
import { linkOwn } from '../../src/web/link-own.tsx';

const base = 'https://lists.example.org';

const cases: readonly (readonly [name: string, text: string, links: readonly string[]])[] = [
  ['no link', 'Nothing here.', []],
  ['a link alone', `${base}/c/abc`, [`${base}/c/abc`]],
  ['a link at the end of a sentence', `Open ${base}/c/abc.`, [`${base}/c/abc`]],
  ['a link in brackets', `<${base}/u/abc>, <mailto:x@y>`, [`${base}/u/abc`]],
  ['two links', `${base}/a ${base}/b/`, [`${base}/a`, `${base}/b/`]],
  ['the address alone', `${base}/`, [`${base}/`]],
  ['a host that begins alike', `${base}.evil.example/x`, []],
  ['a user name that looks like it', `${base}@evil.example/x`, []],
  ['a dot that matches any character', 'https://listsxexample.org/c/abc', []],
  ['markup after it', `${base}/"onmouseover="x`, [`${base}/`]],
];

test.each(cases)('in %s', (_, text, links) => {
  const pieces = linkOwn(text, base);
  const found = pieces.filter((piece) => typeof piece !== 'string').map(String);
  expect(found).toEqual(links.map((link) => `<a href="${link}">${link}</a>`));
  const rest = pieces.map((piece) => String(piece).replace(/<a href="[^"]*">(.*)<\/a>/, '$1')).join('');
  expect(rest).toBe(text);
});
