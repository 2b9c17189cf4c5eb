import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const src = join(import.meta.dirname, '../../src');
/** A whole command within a text, as somebody would type it. */
const command =
  /(?<!npx )(?<![\w./-])listwright (?:list|member|held|sender|header|archive|policy|rewrite|queue|bounce|dkim|db|config|serve|demo|--version)\b/;
/** Its lines are for a shell that finds the program by its own name. */
const completes = join('cli', 'commands', 'completion.ts');
/** Makes docs/config.md, which says `listwright` like all documents. */
const documents = join('config', 'reference.ts');

test('what the program tells people to type begins as README has it: npx listwright', () => {
  const files = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter((file) =>
    /\.tsx?$/.test(file),
  );
  const wrong = files
    .filter((file) => file !== completes && file !== documents)
    .flatMap((file) =>
      readFileSync(join(src, file), 'utf8')
        .split('\n')
        .filter((line) => !/^\s*(?:\/?\*|\/\/)/.test(line) && command.test(line))
        .map((line) => `${file}: ${line.trim()}`),
    );
  expect(files.length).toBeGreaterThan(100);
  expect(wrong).toEqual([]);
});
