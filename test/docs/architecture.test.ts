import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';

const root = new URL('../../', import.meta.url);
const guides = ['README.md', ...readdirSync(new URL('docs/', root)).map((file) => `docs/${file}`)].filter(
  (file) => file.endsWith('.md') && file !== 'docs/email.md',
);

describe.each(guides)('%s', (guide) => {
  const text = readFileSync(new URL(guide, root), 'utf8');
  const named = [...text.matchAll(/\b(?:src|migrations|config|test|bench|docs)\/[\w./-]*[\w/]/g)].map(
    ([path]) => path,
  );

  test('names only files and folders that exist', () => {
    expect(named.filter((path) => !existsSync(new URL(path, root)))).toEqual([]);
  });
});

test('docs/architecture.md names every folder of src', () => {
  const text = readFileSync(new URL('docs/architecture.md', root), 'utf8');
  const folders = readdirSync(new URL('src/', root), { withFileTypes: true }).filter((entry) =>
    entry.isDirectory(),
  );
  expect(folders.map((entry) => `src/${entry.name}/`).filter((folder) => !text.includes(folder))).toEqual([]);
});
