import { readFileSync, writeFileSync } from 'node:fs';
import type { Figure } from './figure.ts';
import { markdownOf } from './report.ts';

export interface Result {
  /** What the machine is and can do, in lines. */
  readonly machine: readonly string[];
  readonly figures: readonly Figure[];
  /** Of other list servers; empty where they were not asked for. */
  readonly peers: readonly Figure[];
}

const page = new URL('../docs/benchmarks.md', import.meta.url);

/** Puts the tables of a whole run into docs/benchmarks.md, between its marks; what they mean is written by hand. */
export function recordInDocs({ machine, figures, peers }: Result): void {
  const lines = machine.map((line) => `- ${line}\n`).join('');
  let text = readFileSync(page, 'utf8');
  text = replaceBetween(text, 'figures', `${lines}\n${markdownOf(figures, 'ours')}`);
  if (peers.length > 0) text = replaceBetween(text, 'peers', `${lines}\n${markdownOf(peers, 'theirs')}`);
  writeFileSync(page, text);
}

function replaceBetween(text: string, mark: string, content: string): string {
  const [begin, end] = [`<!-- ${mark} -->\n`, `<!-- end of ${mark} -->`];
  const [from, to] = [text.indexOf(begin), text.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`docs/benchmarks.md has no place for its ${mark}.`);
  return `${text.slice(0, from)}${begin}${content}${text.slice(to)}`;
}
