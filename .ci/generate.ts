/**
 * Writes the files that are made from the code, or with `--check` says which of them are stale:
 * config/listwright.example.toml, docs/config.md, docs/cli.md, docs/settings.md, docs/standards.md.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { exampleToml, referenceMarkdown } from '../src/config/reference.ts';
import { cliMarkdown } from './cli-markdown.ts';
import { settingsMarkdown } from './settings-markdown.ts';
import { standardsMarkdown } from './standards-markdown.ts';

const files: Readonly<Record<string, string>> = {
  'config/listwright.example.toml': exampleToml(),
  'docs/config.md': notice('src/config/schema.ts') + referenceMarkdown(),
  'docs/cli.md': notice('the commands in src/cli/') + cliMarkdown(),
  'docs/settings.md': notice('src/domain/list-settings.ts') + settingsMarkdown(),
  'docs/standards.md': notice('the comments in src/') + standardsMarkdown('src'),
};

const stale = Object.entries(files).filter(
  ([path, text]) => !existsSync(path) || readFileSync(path, 'utf8') !== text,
);
if (process.argv.includes('--check')) {
  for (const [path] of stale) console.error(`${path} is not what the code says: run npm run generate`);
  process.exitCode = stale.length > 0 ? 1 : 0;
} else {
  for (const [path, text] of stale) writeFileSync(path, text);
}

function notice(from: string): string {
  return `<!-- Generated from ${from} by \`npm run generate\`; change it there. -->\n\n`;
}
